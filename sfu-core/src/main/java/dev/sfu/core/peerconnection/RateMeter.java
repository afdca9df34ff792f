package dev.sfu.core.peerconnection;

import dev.sfu.core.time.Deadlines;

/**
 * Bitrate over the last second or so, from eight buckets.
 *
 * <p>Also of what has only just begun: a burst is no rate, and whoever keeps room for one would keep eight times too much after its
 * first packets. So what starts is read too low for a second, as if it had been silent before.
 */
final class RateMeter {
    private static final int BUCKETS = 8;
    private static final long BUCKET_NANOS = Deadlines.SECOND / BUCKETS;

    private final long[] bytes = new long[BUCKETS];
    private long currentBucket = Long.MIN_VALUE;

    void add(int count, long nowNanos) {
        advance(nowNanos);
        bytes[index(currentBucket)] += count;
    }

    /** Bits per second over the former seven buckets and what has passed of the present one. */
    long bitrateBps(long nowNanos) {
        if (currentBucket == Long.MIN_VALUE) {
            return 0;
        }
        advance(nowNanos);
        long total = 0;
        for (long count : bytes) {
            total += count;
        }
        long present = Math.clamp(nowNanos - currentBucket * BUCKET_NANOS, 0, BUCKET_NANOS);
        return (long) (total * 8.0 * Deadlines.SECOND / ((BUCKETS - 1) * BUCKET_NANOS + present));
    }

    private void advance(long nowNanos) {
        long bucket = Math.floorDiv(nowNanos, BUCKET_NANOS);
        if (currentBucket == Long.MIN_VALUE) {
            currentBucket = bucket;
            return;
        }
        long steps = Math.min(BUCKETS, bucket - currentBucket);
        for (long i = 1; i <= steps; i++) {
            bytes[index(bucket - steps + i)] = 0;
        }
        currentBucket = Math.max(currentBucket, bucket);
    }

    private static int index(long bucket) {
        return (int) Math.floorMod(bucket, (long) BUCKETS);
    }
}
