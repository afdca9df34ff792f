package dev.sfu.core.simulation;

import dev.sfu.core.codec.Vp8Descriptor;
import dev.sfu.core.repair.NackGenerator;
import dev.sfu.core.repair.ReceiveStatistics;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.rtp.Rtx;
import dev.sfu.core.rtp.SequenceUnwrapper;
import dev.sfu.core.rtp.TimestampUnwrapper;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.List;

/** A video slot at the viewer: packets to frames, repair, and what is shown when. */
public final class ReceivedVideo {
    /** How the browser asks the server for something. */
    interface Feedback {
        void nack(int ssrc, int[] sequenceNumbers, int count);

        void keyframe(int ssrc);
    }

    private static final int CLOCK_RATE = 90_000;
    private static final long KEYFRAME_WAIT_NANOS = 200 * Deadlines.MILLISECOND;
    private static final long FRAME_WAIT_NANOS = 3 * Deadlines.SECOND;
    /** A stream without packets for so long is not expected to show anything. */
    private static final long INACTIVE_NANOS = 5 * Deadlines.SECOND;

    private final VirtualTime time;
    private final int ssrc;
    private final Feedback feedback;
    private final ReceiveStatistics statistics = new ReceiveStatistics(CLOCK_RATE);
    private final SequenceUnwrapper sequences = new SequenceUnwrapper();
    private final TimestampUnwrapper timestamps = new TimestampUnwrapper();
    private final Vp8Descriptor vp8 = new Vp8Descriptor();
    private final NackGenerator nacks = new NackGenerator();
    private final int[] nackScratch = new int[256];
    private final VideoPlayout playout;
    private final VirtualTime.Alarm nackAlarm = new VirtualTime.Alarm(this::onNackDue);
    private final VirtualTime.Alarm watch = new VirtualTime.Alarm(this::onWatch);
    private final List<String> faults = new ArrayList<>();
    private long lastPacketNanos;
    private long packets;
    private long recovered;
    private long useless;
    private long padding;
    private long nacked;
    private int keyframeRequests;
    private boolean keyframeBegan;
    private boolean frameEnded;

    ReceivedVideo(VirtualTime time, int ssrc, Feedback feedback) {
        this.time = time;
        this.ssrc = ssrc;
        this.feedback = feedback;
        this.playout = new VideoPlayout(time, faults, this::rewatch);
    }

    int ssrc() {
        return ssrc;
    }

    ReceiveStatistics statistics() {
        return statistics;
    }

    void stop() {
        time.set(nackAlarm, Deadlines.NEVER);
        time.set(watch, Deadlines.NEVER);
        playout.stop();
    }

    void onPacket(RtpPacket rtp, long now) {
        long sequence = sequences.unwrap(rtp.sequenceNumber());
        if (packets++ == 0) {
            time.set(watch, now + KEYFRAME_WAIT_NANOS);
        }
        lastPacketNanos = now;
        statistics.onPacket(sequence, rtp.timestamp(), rtp.payloadBytes(), now);
        nacks.onPacket(sequence, now);
        if (rtp.payloadBytes() == 0) {
            padding++;
        } else {
            take(rtp, rtp.payloadOffset(), rtp.payloadBytes(), sequence, now);
            if (rtp.marker() && !frameEnded) {
                frameEnded = true;
                if (!keyframeBegan) {
                    // As libwebrtc does, at once when the first whole frame is none.
                    requestKeyframe();
                }
            }
        }
        if (nacks.takeKeyframeNeeded()) {
            requestKeyframe();
        }
        time.set(nackAlarm, nacks.nextDeadlineNanos());
    }

    void onRetransmission(RtpPacket rtx, long now) {
        if (rtx.payloadBytes() <= Rtx.ORIGINAL_SEQUENCE_NUMBER_BYTES || !sequences.started()) {
            padding++;
            return;
        }
        long sequence = sequences.peek(Rtx.originalSequenceNumber(rtx));
        boolean missed = nacks.onRetransmission(sequence, now);
        boolean fresh = take(rtx, rtx.payloadOffset() + 2, rtx.payloadBytes() - 2, sequence, now);
        recovered += missed && fresh ? 1 : 0;
        useless += fresh ? 0 : 1;
        time.set(nackAlarm, nacks.nextDeadlineNanos());
    }

    /** Whether it was of use. */
    private boolean take(RtpPacket rtp, int offset, int length, long sequence, long now) {
        byte[] array = rtp.array();
        int mark = offset + VideoMark.HEAD_BYTES;
        if (!vp8.parse(array, offset, length)
                || vp8.descriptorBytes() != VideoMark.DESCRIPTOR_BYTES
                || !VideoMark.present(array, mark, offset + length)) {
            fault("packet " + sequence + ": payload damaged");
            return false;
        }
        if (vp8.startsKeyframe()) {
            keyframeBegan = true;
            nacks.onKeyframe(sequence);
        }
        long timestamp = timestamps.unwrap(rtp.timestamp());
        return playout.onPacket(timestamp, sequence, array, mark, vp8, now);
    }

    private void fault(String what) {
        if (faults.size() < 10) {
            faults.add(what);
        }
    }

    // ---- repair -----------------------------------------------------------------------------------------------------

    private void onNackDue(long now) {
        int count = nacks.drainDue(now, nackScratch);
        if (count > 0) {
            nacked += count;
            feedback.nack(ssrc, nackScratch, count);
        }
        if (nacks.takeKeyframeNeeded()) {
            requestKeyframe();
        }
        time.set(nackAlarm, nacks.nextDeadlineNanos());
    }

    private void requestKeyframe() {
        keyframeRequests++;
        feedback.keyframe(ssrc);
    }

    /** A frame was shown. */
    private void rewatch() {
        time.set(watch, time.nowNanos() + FRAME_WAIT_NANOS);
    }

    private void onWatch(long now) {
        if (now - lastPacketNanos < INACTIVE_NANOS) {
            playout.requireKeyframe();
            requestKeyframe();
        }
        time.set(watch, now + KEYFRAME_WAIT_NANOS);
    }

    // ---- what came --------------------------------------------------------------------------------------------------

    /** What was shown. */
    public VideoPlayout playout() {
        return playout;
    }

    /** What no receiver should meet, in words. */
    public List<String> faults() {
        return faults;
    }

    /** Packets on the stream itself. */
    public long packets() {
        return packets;
    }

    /** Packets that RTX brought after they had been asked for. */
    public long recovered() {
        return recovered;
    }

    /** RTX packets that were not missing any more. */
    public long useless() {
        return useless;
    }

    /** Packets without media. */
    public long padding() {
        return padding;
    }

    /** Sequence numbers asked for, repetitions included. */
    public long nacked() {
        return nacked;
    }

    /** Packets that were given up. */
    public long givenUp() {
        return nacks.lost();
    }

    /** PLIs sent. */
    public int keyframeRequests() {
        return keyframeRequests;
    }
}
