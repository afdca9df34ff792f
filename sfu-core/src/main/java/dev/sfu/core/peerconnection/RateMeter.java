package dev.sfu.core.peerconnection;

import dev.sfu.core.time.Deadlines;

/** Bitrate over the last second or so, from eight buckets. */
final class RateMeter {
    private static final int BUCKETS = 8;
    private static final long BUCKET_NANOS = Deadlines.SECOND / BUCKETS;

    private final long[] bytes = new long[BUCKETS];
    private long currentBucket = Long.MIN_VALUE;
    private long firstBucket;

    void add(int count, long nowNanos) {
        advance(nowNanos);
        bytes[index(currentBucket)] += count;
    }

    /** Bits per second over the filled buckets. */
    long bitrateBps(long nowNanos) {
        if (currentBucket == Long.MIN_VALUE) {
            return 0;
        }
        advance(nowNanos);
        long total = 0;
        for (long count : bytes) {
            total += count;
        }
        long filled = Math.min(BUCKETS, currentBucket - firstBucket + 1);
        return total * 8 * BUCKETS / filled;
    }

    private void advance(long nowNanos) {
        long bucket = Math.floorDiv(nowNanos, BUCKET_NANOS);
        if (currentBucket == Long.MIN_VALUE) {
            firstBucket = bucket;
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
