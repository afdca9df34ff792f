package dev.sfu.core.pacing;

import dev.sfu.core.bwe.ProbeCluster;
import dev.sfu.core.time.Deadlines;
import org.jspecify.annotations.Nullable;

/** When the portions of probes leave, so that each probe has its rate. What they consist of is the {@link Pacer}'s. */
final class BitrateProber {
    /** A probe sends in portions of so much time, at least a packet. */
    static final long PORTION_NANOS = 2 * Deadlines.MILLISECOND;

    /** A probe that could not start for so long is given up. */
    static final long TIMEOUT_NANOS = 5 * Deadlines.SECOND;

    /** Probes that may wait. */
    static final int MAX_PROBES = 4;

    private static final double BIT_NANOS = 8.0 * Deadlines.SECOND;

    private final @Nullable ProbeCluster[] probes = new @Nullable ProbeCluster[MAX_PROBES];
    private int count;
    private boolean started;
    private boolean starved;
    private long startNanos;
    private long nextNanos = Long.MIN_VALUE / 2;
    private long sentBytes;
    private int portions;
    private long failed;

    /** A probe to be sent; too many push out the first. */
    void add(ProbeCluster cluster) {
        if (count == MAX_PROBES) {
            end(false);
        }
        probes[count++] = cluster;
        starved = false;
    }

    /** Whether there is a probe, and something to send for it. */
    boolean probing() {
        return count > 0 && !starved;
    }

    /** There is something to send: a probe that had nothing can start with it. */
    void resume(long nowNanos) {
        if (starved && count > 0) {
            starved = false;
            giveUpLate(nowNanos);
        }
    }

    /** When the next portion is due, if {@link #probing}. */
    long nextNanos() {
        return nextNanos;
    }

    /** The probe of which a portion is due; null if none is. */
    @Nullable ProbeCluster due(long nowNanos) {
        if (!probing() || nowNanos < nextNanos) {
            return null;
        }
        giveUpLate(nowNanos);
        return probing() ? probes[0] : null;
    }

    private void giveUpLate(long nowNanos) {
        while (!started && count > 0 && nowNanos - first().requestedNanos() > TIMEOUT_NANOS) {
            end(false);
        }
    }

    private ProbeCluster first() {
        ProbeCluster first = probes[0];
        assert first != null;
        return first;
    }

    /** Bytes of a portion, about. */
    static int portionBytes(ProbeCluster cluster) {
        return (int) Math.max(1, cluster.targetBps() * (double) PORTION_NANOS / BIT_NANOS);
    }

    /** The portion that was due has left, as far as there was something to send. */
    void onPortion(int bytes, long nowNanos) {
        if (bytes == 0) {
            if (started) {
                end(false);
            } else {
                starved = true;
            }
            return;
        }
        if (!started) {
            started = true;
            startNanos = nowNanos;
            sentBytes = 0;
            portions = 0;
        }
        sentBytes += bytes;
        portions++;
        ProbeCluster cluster = first();
        nextNanos = startNanos + (long) (sentBytes * BIT_NANOS / cluster.targetBps());
        if (sentBytes >= cluster.minBytes() && portions >= cluster.minPackets()) {
            // The next one follows when the time of this one's last portion is over.
            end(true);
        }
    }

    private void end(boolean sent) {
        System.arraycopy(probes, 1, probes, 0, --count);
        probes[count] = null;
        started = false;
        if (!sent) {
            failed++;
        }
    }

    /** Probes given up. */
    long failed() {
        return failed;
    }

    /** No more probes. */
    void clear() {
        count = 0;
    }
}
