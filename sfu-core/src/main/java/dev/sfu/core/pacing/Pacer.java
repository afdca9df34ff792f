package dev.sfu.core.pacing;

import dev.sfu.core.bwe.ProbeCluster;
import dev.sfu.core.time.Deadlines;
import org.jspecify.annotations.Nullable;

/**
 * Smooths what is sent to one subscriber.
 *
 * <p>Sending makes a debt that is paid off at the pacing rate. Packets that find the debt small leave at once, which
 * the caller does itself: that is the usual case, and costs a few additions. Others wait, in ticks of 5 ms that all
 * pacers share, so that one wake-up serves many.
 *
 * <p><b>Frames stay together.</b> A packet leaves when the debt is at most what is paid in 5 ms. A packet that
 * continues the frame sent last leaves even when it is at most what is paid in 40 ms, a frame interval, for up to 16
 * packets of the frame: a frame that the path carries until the next one comes gains nothing from being spread, and as
 * one run of equal packets it is one system call. Larger frames are spread.
 *
 * <p>Retransmissions go before video. Audio never waits; it counts, so that video makes room for it. A queue that is
 * too long in bytes, packets or time loses its oldest frames, whole: up to the next keyframe of the stream if one is
 * queued, otherwise all that follows. Not dropped are a frame of which a part has been sent, and a keyframe unless
 * another is behind it. libwebrtc's pacer drops nothing, because an encoder can be told to make less; publishers have other
 * viewers, so here a queue ends by itself.
 */
public final class Pacer {
    /** Grid of the deadlines. */
    public static final long TICK_NANOS = 5 * Deadlines.MILLISECOND;

    /** Debt up to which a packet leaves. */
    public static final long BURST_NANOS = 5 * Deadlines.MILLISECOND;

    /** Debt up to which a frame goes on. */
    public static final long FRAME_NANOS = 40 * Deadlines.MILLISECOND;

    /** Packets of one frame that go together. */
    public static final int MAX_RUN_PACKETS = 16;

    /** Video older than this is dropped if a keyframe is queued behind it. */
    public static final long MAX_QUEUE_NANOS = 500 * Deadlines.MILLISECOND;

    /**
     * Video older than this is dropped in any case. Then a keyframe has to be asked for, which is as large as what made the queue,
     * often the change of a whole screen: to wait for that is the shorter freeze.
     */
    public static final long MAX_STALE_NANOS = 2 * Deadlines.SECOND;

    /** What is queued before a keyframe of its stream is dropped when it would be longer until all of the keyframe has left. */
    public static final long MAX_KEYFRAME_WAIT_NANOS = 150 * Deadlines.MILLISECOND;

    /** Packets of video queued at most. */
    public static final int MAX_QUEUE_PACKETS = 512;

    /** Retransmissions queued at most; the receiver asks again. */
    public static final int MAX_RETRANSMISSIONS = 128;

    /** A probe sends in portions of so much time, at least a packet. */
    public static final long PROBE_PORTION_NANOS = 2 * Deadlines.MILLISECOND;

    /** A probe that could not start for so long is given up. */
    public static final long PROBE_TIMEOUT_NANOS = 5 * Deadlines.SECOND;

    /** While the congestion window is full one packet leaves in this time, to learn whether it still is. */
    public static final long CONGESTED_INTERVAL_NANOS = 300 * Deadlines.MILLISECOND;

    private static final int MAX_PROBES = 4;
    // A deadline is a whole number of nanoseconds and may come that much before the debt is paid.
    private static final double SLACK_BYTES = 1;
    private static final double BIT_NANOS = 8.0 * Deadlines.SECOND;

    private final PacerOutput output;
    private final long maxQueueBytes;
    private final PacketQueue video = new PacketQueue(MAX_QUEUE_PACKETS);
    private final PacketQueue retransmissions = new PacketQueue(MAX_RETRANSMISSIONS);

    private long pacingBps;
    private double debtBytes;
    private long paidNanos;
    private boolean congested;
    private long lastSentNanos = Long.MIN_VALUE / 2;
    /** When what is too old was dropped last. */
    private long lookedNanos = Long.MIN_VALUE / 2;

    private int runStream;
    private long runFrame;
    private int runPackets;

    private final @Nullable ProbeCluster[] probes = new @Nullable ProbeCluster[MAX_PROBES];
    private int probeCount;
    private boolean probeStarted;
    private boolean probeStarved;
    private long probeStartNanos;
    private long nextProbeNanos = Long.MIN_VALUE / 2;
    private long probeBytes;
    private int probePortions;

    private long droppedPackets;
    private long sentDirectly;
    private long sentQueued;
    private long probesFailed;

    /**
     * Nothing queued.
     *
     * @param maxQueueBytes of video
     */
    public Pacer(PacerOutput output, long pacingBps, long maxQueueBytes) {
        this.output = output;
        this.pacingBps = pacingBps;
        this.maxQueueBytes = maxQueueBytes;
    }

    /** How fast what is queued leaves, bits per second; positive. */
    public void setPacingBps(long bps, long nowNanos) {
        pay(nowNanos);
        pacingBps = bps;
    }

    /** Whether as much is in flight as should be: then next to nothing leaves. */
    public void setCongested(boolean newCongested) {
        congested = newCongested;
    }

    /** Audio leaves now. */
    public void onAudio(int bytes, long nowNanos) {
        pay(nowNanos);
        debtBytes += bytes;
    }

    /**
     * Offers a packet of video.
     *
     * @param stream any number of the stream
     * @param packet any number by which the output finds the packet
     * @param frame the same for all packets of a frame, a higher number for the next; late packets have that of their frame
     * @param keyframe whether the frame can be decoded without those before
     * @return whether the caller is to send it now; otherwise it is queued, or dropped if there is no room
     */
    public boolean offerVideo(int stream, long packet, long frame, boolean keyframe, int bytes, long nowNanos) {
        pay(nowNanos);
        resumeProbe(nowNanos);
        if (keyframe && !video.isEmpty() && paid(MAX_KEYFRAME_WAIT_NANOS) < video.queuedBytes() + debtBytes) {
            makeWay(stream, frame);
        }
        if (video.isEmpty() && retransmissions.isEmpty() && !probing() && mayLeave(stream, frame, nowNanos)) {
            countSent(stream, frame, bytes, nowNanos);
            sentDirectly++;
            return true;
        }
        if (!video.add(stream, packet, frame, keyframe, bytes, nowNanos)) {
            dropFrames(firstDroppable(), nowNanos);
            if (!video.add(stream, packet, frame, keyframe, bytes, nowNanos)) {
                // Only a frame that is being sent: the rest of it has no room.
                output.drop(stream, packet);
                droppedPackets++;
                output.onFramesDropped(stream, nowNanos);
            }
        }
        int victim = 0;
        while (victim >= 0 && video.queuedBytes() > maxQueueBytes) {
            victim = firstDroppable();
            dropFrames(victim, nowNanos);
        }
        return false;
    }

    /**
     * Offers a retransmission.
     *
     * @return whether the caller is to send it now; otherwise it is queued, or dropped if there is no room
     */
    public boolean offerRetransmission(int stream, long packet, int bytes, long nowNanos) {
        pay(nowNanos);
        resumeProbe(nowNanos);
        if (retransmissions.isEmpty() && !probing() && mayRetransmit(nowNanos)) {
            debtBytes += bytes;
            lastSentNanos = nowNanos;
            sentDirectly++;
            return true;
        }
        if (!retransmissions.add(stream, packet, 0, false, bytes, nowNanos)) {
            output.drop(stream, packet);
            droppedPackets++;
        }
        return false;
    }

    /** A probe to be sent. */
    public void addProbe(ProbeCluster cluster) {
        if (probeCount == MAX_PROBES) {
            endProbe(false);
        }
        probes[probeCount++] = cluster;
        probeStarved = false;
    }

    private void pay(long nowNanos) {
        if (nowNanos > paidNanos) {
            debtBytes = Math.max(0, debtBytes - paid(nowNanos - paidNanos));
            paidNanos = nowNanos;
        }
    }

    private double paid(long nanos) {
        return pacingBps * (double) nanos / BIT_NANOS;
    }

    private double allowedBytes(boolean goesOn) {
        return paid(goesOn ? FRAME_NANOS : BURST_NANOS);
    }

    private boolean mayLeave(int stream, long frame, long nowNanos) {
        return debtBytes <= allowedBytes(goesOn(stream, frame)) + SLACK_BYTES && !blocked(nowNanos);
    }

    private boolean mayRetransmit(long nowNanos) {
        return debtBytes <= allowedBytes(false) + SLACK_BYTES && !blocked(nowNanos);
    }

    private boolean goesOn(int stream, long frame) {
        return stream == runStream && frame == runFrame && runPackets > 0 && runPackets < MAX_RUN_PACKETS;
    }

    private boolean blocked(long nowNanos) {
        return congested && nowNanos - lastSentNanos < CONGESTED_INTERVAL_NANOS;
    }

    private void countSent(int stream, long frame, int bytes, long nowNanos) {
        runPackets = stream == runStream && frame == runFrame ? runPackets + 1 : 1;
        runStream = stream;
        runFrame = frame;
        debtBytes += bytes;
        lastSentNanos = nowNanos;
    }

    /** When {@link #onDeadline} has something to do. */
    public long nextDeadlineNanos() {
        if (probing() && !congested) {
            return Math.max(nextProbeNanos, paidNanos);
        }
        if (video.isEmpty() && retransmissions.isEmpty()) {
            return Deadlines.NEVER;
        }
        long release = releaseNanos();
        // What is too old may be what is not dropped: then it is looked at again in a tick.
        return video.isEmpty()
                ? release
                : Math.min(release, Math.max(video.queuedNanos(0) + MAX_QUEUE_NANOS, lookedNanos + TICK_NANOS));
    }

    private long releaseNanos() {
        boolean goesOn = retransmissions.isEmpty() && goesOn(video.stream(0), video.frame(0));
        double tooMuchBytes = debtBytes - allowedBytes(goesOn);
        // What may leave already is late: on to the next tick, and whatever pays the debt meanwhile would put it off again.
        long release = paidNanos;
        if (tooMuchBytes > SLACK_BYTES) {
            release = Math.ceilDiv(paidNanos + (long) (tooMuchBytes * BIT_NANOS / pacingBps), TICK_NANOS) * TICK_NANOS;
        }
        return congested ? Math.max(release, lastSentNanos + CONGESTED_INTERVAL_NANOS) : release;
    }

    /** Sends what may leave by now. */
    public void onDeadline(long nowNanos) {
        pay(nowNanos);
        if (!video.isEmpty() && nowNanos - video.queuedNanos(0) >= MAX_QUEUE_NANOS) {
            dropOld(nowNanos);
            lookedNanos = nowNanos;
        }
        if (probing() && !congested) {
            probe(nowNanos);
            return;
        }
        while (!retransmissions.isEmpty() && mayRetransmit(nowNanos)) {
            releaseRetransmission(ProbeCluster.NONE, nowNanos);
        }
        while (retransmissions.isEmpty()
                && !video.isEmpty()
                && mayLeave(video.stream(0), video.frame(0), nowNanos)) {
            releaseVideo(ProbeCluster.NONE, nowNanos);
        }
    }

    private int releaseRetransmission(int probeCluster, long nowNanos) {
        int stream = retransmissions.stream(0);
        long packet = retransmissions.packet(0);
        retransmissions.remove(0);
        int bytes = output.release(stream, packet, probeCluster, nowNanos);
        debtBytes += bytes;
        if (bytes > 0) {
            lastSentNanos = nowNanos;
            sentQueued++;
        }
        return bytes;
    }

    private int releaseVideo(int probeCluster, long nowNanos) {
        int stream = video.stream(0);
        long frame = video.frame(0);
        long packet = video.packet(0);
        video.remove(0);
        int bytes = output.release(stream, packet, probeCluster, nowNanos);
        if (bytes > 0) {
            countSent(stream, frame, bytes, nowNanos);
            sentQueued++;
        }
        return bytes;
    }

    // ---- probes -----------------------------------------------------------------------------------------------------

    private boolean probing() {
        return probeCount > 0 && !probeStarved;
    }

    // A probe without anything to pad with starts with the next packet there is.
    private void resumeProbe(long nowNanos) {
        if (probeStarved && probeCount > 0) {
            probeStarved = false;
            ProbeCluster cluster = probes[0];
            if (cluster != null && nowNanos - cluster.requestedNanos() > PROBE_TIMEOUT_NANOS) {
                endProbe(false);
            }
        }
    }

    private void probe(long nowNanos) {
        while (probing() && nowNanos >= nextProbeNanos) {
            ProbeCluster cluster = probes[0];
            assert cluster != null;
            if (!probeStarted && nowNanos - cluster.requestedNanos() > PROBE_TIMEOUT_NANOS) {
                endProbe(false);
                continue;
            }
            int sent = probePortion(cluster, nowNanos);
            if (sent == 0) {
                if (probeStarted) {
                    endProbe(false);
                } else {
                    probeStarved = true;
                }
                return;
            }
            if (!probeStarted) {
                probeStarted = true;
                probeStartNanos = nowNanos;
                probeBytes = 0;
                probePortions = 0;
            }
            probeBytes += sent;
            probePortions++;
            nextProbeNanos = probeStartNanos + (long) (probeBytes * BIT_NANOS / cluster.targetBps());
            if (probeBytes >= cluster.minBytes() && probePortions >= cluster.minPackets()) {
                // The next one follows when the time of this one's last portion is over.
                endProbe(true);
            }
        }
    }

    private int probePortion(ProbeCluster cluster, long nowNanos) {
        int wanted = (int) Math.max(1, cluster.targetBps() * (double) PROBE_PORTION_NANOS / BIT_NANOS);
        // Sending faster than the pace is what a probe is for: what follows does not wait for all of it.
        double maxDebtBytes = Math.max(debtBytes, paid(FRAME_NANOS));
        int sent = 0;
        while (sent < wanted) {
            int bytes;
            if (!retransmissions.isEmpty()) {
                bytes = releaseRetransmission(cluster.id(), nowNanos);
            } else if (!video.isEmpty()) {
                bytes = releaseVideo(cluster.id(), nowNanos);
            } else {
                bytes = output.sendPadding(wanted - sent, cluster.id(), nowNanos);
                if (bytes <= 0) {
                    break;
                }
            }
            sent += bytes;
        }
        debtBytes = Math.min(debtBytes, maxDebtBytes);
        return sent;
    }

    private void endProbe(boolean sent) {
        System.arraycopy(probes, 1, probes, 0, --probeCount);
        probes[probeCount] = null;
        probeStarted = false;
        if (!sent) {
            probesFailed++;
        }
    }

    // ---- drops ------------------------------------------------------------------------------------------------------

    private void dropOld(long nowNanos) {
        int victim = firstDroppable();
        while (victim >= 0 && nowNanos - video.queuedNanos(victim) >= maxAgeNanos(victim)) {
            dropFrames(victim, nowNanos);
            victim = firstDroppable();
        }
    }

    private long maxAgeNanos(int rank) {
        return nextKeyframe(video.stream(rank), rank) >= 0 ? MAX_QUEUE_NANOS : MAX_STALE_NANOS;
    }

    /** Drops what is queued of a stream before its keyframe, which makes it superfluous; not what follows a late packet's. */
    private void makeWay(int stream, long keyframe) {
        for (int rank = video.span() - 1; rank >= 0; rank--) {
            if (!video.hole(rank)
                    && video.stream(rank) == stream
                    && video.frame(rank) < keyframe
                    && !inTransmission(rank)) {
                output.drop(stream, video.packet(rank));
                droppedPackets++;
                video.remove(rank);
            }
        }
    }

    /** Drops the frame of this rank, if it is one, and what follows of its stream up to the next keyframe. */
    private void dropFrames(int victim, long nowNanos) {
        if (victim < 0) {
            return;
        }
        int stream = video.stream(victim);
        int keyframe = nextKeyframe(stream, victim);
        int end = keyframe < 0 ? video.span() : keyframe;
        // From the end, so that the ranks before stay what they are.
        for (int rank = end - 1; rank >= victim; rank--) {
            if (!video.hole(rank) && video.stream(rank) == stream && !inTransmission(rank)) {
                output.drop(stream, video.packet(rank));
                droppedPackets++;
                video.remove(rank);
            }
        }
        if (keyframe < 0) {
            output.onFramesDropped(stream, nowNanos);
        }
    }

    private int firstDroppable() {
        boolean keyframeSeen = false;
        int keyframeStream = 0;
        long keyframeFrame = 0;
        for (int rank = 0; rank < video.span(); rank++) {
            if (video.hole(rank) || inTransmission(rank)) {
                continue;
            }
            if (keyframeSeen && video.stream(rank) == keyframeStream && video.frame(rank) == keyframeFrame) {
                continue;
            }
            if (!video.keyframe(rank) || nextKeyframe(video.stream(rank), rank) >= 0) {
                return rank;
            }
            keyframeSeen = true;
            keyframeStream = video.stream(rank);
            keyframeFrame = video.frame(rank);
        }
        return -1;
    }

    private boolean inTransmission(int rank) {
        return runPackets > 0 && video.stream(rank) == runStream && video.frame(rank) == runFrame;
    }

    /** Rank of the first packet of the stream's next keyframe behind the victim's frame; -1 if there is none. */
    private int nextKeyframe(int stream, int victim) {
        long frame = video.frame(victim);
        for (int rank = victim + 1; rank < video.span(); rank++) {
            if (!video.hole(rank)
                    && video.keyframe(rank)
                    && video.stream(rank) == stream
                    && video.frame(rank) > frame) {
                return rank;
            }
        }
        return -1;
    }

    /** Gives up what is queued of a stream. */
    public void drop(int stream) {
        drop(video, stream);
        drop(retransmissions, stream);
    }

    private void drop(PacketQueue queue, int stream) {
        for (int rank = queue.span() - 1; rank >= 0; rank--) {
            if (!queue.hole(rank) && queue.stream(rank) == stream) {
                output.drop(stream, queue.packet(rank));
                droppedPackets++;
                queue.remove(rank);
            }
        }
    }

    /** Bytes queued. */
    public long queuedBytes() {
        return video.queuedBytes() + retransmissions.queuedBytes();
    }

    /** Packets queued. */
    public int queuedPackets() {
        return video.size() + retransmissions.size();
    }

    /** Packets dropped. */
    public long droppedPackets() {
        return droppedPackets;
    }

    /** Packets that the caller sent itself. */
    public long sentDirectly() {
        return sentDirectly;
    }

    /** Packets that waited. */
    public long sentQueued() {
        return sentQueued;
    }

    /** Probes given up. */
    public long probesFailed() {
        return probesFailed;
    }

    /** Gives up all that is queued. */
    public void close() {
        while (!video.isEmpty()) {
            output.drop(video.stream(0), video.packet(0));
            video.remove(0);
        }
        while (!retransmissions.isEmpty()) {
            output.drop(retransmissions.stream(0), retransmissions.packet(0));
            retransmissions.remove(0);
        }
        probeCount = 0;
    }
}
