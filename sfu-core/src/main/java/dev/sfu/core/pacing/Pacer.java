package dev.sfu.core.pacing;

import dev.sfu.core.bwe.ProbeCluster;
import dev.sfu.core.time.Deadlines;
import org.jspecify.annotations.Nullable;

/**
 * Smooths what is sent to one subscriber.
 *
 * <p>Sending makes a debt that is paid off at the pacing rate. Packets that find the debt small leave at once, which
 * the caller does itself: that is the usual case, and costs a few additions. Others wait, in ticks of 5 ms that all
 * pacers share, so that one wake-up serves many. What a tick that comes late has missed leaves with it.
 *
 * <p><b>Frames stay together.</b> A packet leaves when the debt is at most what is paid in 5 ms. A packet that
 * continues the frame sent last leaves even when it is at most what is paid in 40 ms, a frame interval, for up to 16
 * packets of the frame: a frame that the path carries until the next one comes gains nothing from being spread, and as
 * one run of equal packets it is one system call. Larger frames are spread.
 *
 * <p>Retransmissions go before video. Audio never waits; it counts, so that video makes room for it. A queue that is
 * too long in bytes, packets or time loses frames ({@link VideoQueue}). libwebrtc's pacer drops nothing, because an encoder can be
 * told to make less; publishers have other viewers, so here a queue ends by itself.
 */
public final class Pacer {
    /** Grid of the deadlines. */
    public static final long TICK_NANOS = 5 * Deadlines.MILLISECOND;

    /** Debt up to which a packet leaves. */
    public static final long BURST_NANOS = 5 * Deadlines.MILLISECOND;

    /** Debt up to which a frame goes on. */
    public static final long FRAME_NANOS = 40 * Deadlines.MILLISECOND;

    /** So much pace that a late tick missed is made up for: a busy shard's ticks are late. */
    public static final long MAX_LATE_NANOS = 40 * Deadlines.MILLISECOND;

    /** Packets of one frame that go together. */
    public static final int MAX_RUN_PACKETS = 16;

    /** What is queued before a keyframe of its stream is dropped when it would be longer until all of the keyframe has left. */
    public static final long MAX_KEYFRAME_WAIT_NANOS = 150 * Deadlines.MILLISECOND;

    /** Retransmissions queued at most; the receiver asks again. */
    public static final int MAX_RETRANSMISSIONS = 128;

    /** While the congestion window is full one packet leaves in this time, to learn whether it still is. */
    public static final long CONGESTED_INTERVAL_NANOS = 300 * Deadlines.MILLISECOND;

    // A deadline is a whole number of nanoseconds and may come that much before the debt is paid.
    private static final double SLACK_BYTES = 1;
    private static final double BIT_NANOS = 8.0 * Deadlines.SECOND;

    private final PacerOutput output;
    private final VideoQueue video;
    private final PacketQueue retransmissions = new PacketQueue(MAX_RETRANSMISSIONS);
    private final BitrateProber prober = new BitrateProber();

    private long pacingBps;
    private double debtBytes;
    private long paidNanos;
    private boolean congested;
    private long lastSentNanos = Long.MIN_VALUE / 2;
    private long droppedRetransmissions;
    private long sentDirectly;
    private long sentQueued;

    /**
     * Nothing queued.
     *
     * @param maxQueueBytes of video
     */
    public Pacer(PacerOutput output, long pacingBps, long maxQueueBytes) {
        this.output = output;
        this.pacingBps = pacingBps;
        this.video = new VideoQueue(output, maxQueueBytes);
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
        prober.resume(nowNanos);
        if (keyframe && !video.isEmpty() && paid(MAX_KEYFRAME_WAIT_NANOS) < video.queuedBytes() + debtBytes) {
            video.makeWay(stream, frame);
        }
        if (!hasQueued() && !prober.probing() && mayLeave(stream, frame, nowNanos)) {
            countSent(stream, frame, bytes, nowNanos);
            sentDirectly++;
            return true;
        }
        video.add(stream, packet, frame, keyframe, bytes, nowNanos);
        return false;
    }

    /**
     * Offers a retransmission.
     *
     * @return whether the caller is to send it now; otherwise it is queued, or dropped if there is no room
     */
    public boolean offerRetransmission(int stream, long packet, int bytes, long nowNanos) {
        pay(nowNanos);
        prober.resume(nowNanos);
        if (retransmissions.isEmpty() && !prober.probing() && mayRetransmit(nowNanos)) {
            debtBytes += bytes;
            lastSentNanos = nowNanos;
            sentDirectly++;
            return true;
        }
        if (!retransmissions.add(stream, packet, 0, false, bytes, nowNanos)) {
            output.drop(stream, packet);
            droppedRetransmissions++;
        }
        return false;
    }

    /** A probe to be sent. */
    public void addProbe(ProbeCluster cluster) {
        prober.add(cluster);
    }

    private void pay(long nowNanos) {
        if (nowNanos > paidNanos) {
            // Only who waited has something to make up for.
            double leastBytes = hasQueued() && !congested ? -paid(MAX_LATE_NANOS) : 0;
            debtBytes = Math.max(leastBytes, debtBytes - paid(nowNanos - paidNanos));
            paidNanos = nowNanos;
        }
    }

    private boolean hasQueued() {
        return !video.isEmpty() || !retransmissions.isEmpty();
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
        int sent = video.sentOf(stream, frame);
        return sent > 0 && sent < MAX_RUN_PACKETS;
    }

    private boolean blocked(long nowNanos) {
        return congested && nowNanos - lastSentNanos < CONGESTED_INTERVAL_NANOS;
    }

    private void countSent(int stream, long frame, int bytes, long nowNanos) {
        video.onSent(stream, frame);
        debtBytes += bytes;
        lastSentNanos = nowNanos;
    }

    /** When {@link #onDeadline} has something to do. */
    public long nextDeadlineNanos() {
        if (prober.probing() && !congested) {
            return Math.max(prober.nextNanos(), paidNanos);
        }
        if (!hasQueued()) {
            return Deadlines.NEVER;
        }
        return Math.min(releaseNanos(), video.dropNanos());
    }

    private long releaseNanos() {
        boolean goesOn = retransmissions.isEmpty() && goesOn(video.stream(), video.frame());
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
        if (nowNanos >= video.dropNanos()) {
            video.dropOld(nowNanos);
        }
        if (prober.probing() && !congested) {
            probe(nowNanos);
            return;
        }
        while (!retransmissions.isEmpty() && mayRetransmit(nowNanos)) {
            releaseRetransmission(ProbeCluster.NONE, nowNanos);
        }
        while (retransmissions.isEmpty()
                && !video.isEmpty()
                && mayLeave(video.stream(), video.frame(), nowNanos)) {
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
        int stream = video.stream();
        long frame = video.frame();
        long packet = video.poll();
        int bytes = output.release(stream, packet, probeCluster, nowNanos);
        if (bytes > 0) {
            countSent(stream, frame, bytes, nowNanos);
            sentQueued++;
        }
        return bytes;
    }

    private void probe(long nowNanos) {
        ProbeCluster cluster = prober.due(nowNanos);
        while (cluster != null) {
            prober.onPortion(probePortion(cluster, nowNanos), nowNanos);
            cluster = prober.due(nowNanos);
        }
    }

    private int probePortion(ProbeCluster cluster, long nowNanos) {
        int wanted = BitrateProber.portionBytes(cluster);
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

    /** Gives up what is queued of a stream. */
    public void drop(int stream) {
        video.drop(stream);
        droppedRetransmissions += retransmissions.drop(stream, output);
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
        return video.droppedPackets() + droppedRetransmissions;
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
        return prober.failed();
    }

    /** Gives up all that is queued. */
    public void close() {
        video.clear();
        retransmissions.clear(output);
        prober.clear();
    }
}
