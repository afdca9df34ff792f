package dev.sfu.core.pacing;

import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.List;

/** A pacer, its clock and what became of the packets it was given. */
final class PacerScene implements PacerOutput {
    static final long MS = Deadlines.MILLISECOND;
    static final int BYTES = 1000;

    record Sent(int stream, long packet, int probe, long atMs) {}

    final List<Sent> sent = new ArrayList<>();
    final List<Long> dropped = new ArrayList<>();
    final List<Integer> brokenStreams = new ArrayList<>();
    int paddingAvailable = Integer.MAX_VALUE;
    int padding;
    /** Whether packets that were queued are not there any more. */
    boolean gone;
    int wakeups;
    long nowMs = 1000;

    // 1.6 Mbit/s: 1000 bytes in 5 ms.
    final Pacer pacer = new Pacer(this, 1_600_000, 100_000);

    boolean video(int stream, long packet, long frame) {
        return pacer.offerVideo(stream, packet, frame, false, BYTES, nowMs * MS);
    }

    void keyframe(int stream, long packet, long frame) {
        if (pacer.offerVideo(stream, packet, frame, true, BYTES, nowMs * MS)) {
            sent.add(new Sent(stream, packet, 0, nowMs));
        }
    }

    void run(int ms) {
        for (long end = nowMs + ms; nowMs < end; ) {
            nowMs++;
            if (Deadlines.due(pacer.nextDeadlineNanos(), nowMs * MS)) {
                pacer.onDeadline(nowMs * MS);
                wakeups++;
            }
        }
    }

    List<Long> packets() {
        return sent.stream().map(Sent::packet).toList();
    }

    @Override
    public int release(int stream, long packet, int probeCluster, long nowNanos) {
        if (gone) {
            return 0;
        }
        sent.add(new Sent(stream, packet, probeCluster, nowNanos / MS));
        return BYTES;
    }

    @Override
    public void drop(int stream, long packet) {
        dropped.add(packet);
    }

    @Override
    public void onFramesDropped(int stream, long nowNanos) {
        brokenStreams.add(stream);
    }

    @Override
    public int sendPadding(int bytes, int probeCluster, long nowNanos) {
        int size = Math.min(paddingAvailable, Math.max(200, bytes));
        if (size > 0) {
            padding += size;
            sent.add(new Sent(0, -1, probeCluster, nowNanos / MS));
        }
        return size;
    }
}
