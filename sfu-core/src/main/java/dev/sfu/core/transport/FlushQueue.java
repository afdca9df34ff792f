package dev.sfu.core.transport;

import dev.sfu.core.stats.DropCounters;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The paths of one shard that have packets to send, and the send counters.
 *
 * <p>Packets gather per path and leave here together: when there is much, else at the end of a turn, as the shard decides.
 */
public final class FlushQueue {
    /**
     * With so much queued, what is queued leaves when it is another path's turn: it is better sent from the cache, and the buffers
     * are used again while they are in it.
     */
    private static final int WRITE_BYTES = 32 << 10;

    private final List<SocketPath> waiting = new ArrayList<>();
    private final DropCounters drops;
    private @Nullable SocketPath latest;
    private int queuedBytes;
    private long packetsSent;
    private long bytesSent;
    private long writes;
    private long segmentationFailures;

    /** A queue that counts what it must drop in {@code drops}. */
    public FlushQueue(DropCounters drops) {
        this.drops = drops;
    }

    /** A path is about to queue so many bytes. May write what is queued before, of this path too. */
    void onQueueing(SocketPath path, int bytes) {
        if (path != latest) {
            if (queuedBytes >= WRITE_BYTES) {
                flush();
            }
            latest = path;
        }
        queuedBytes += bytes;
    }

    /** A path has something to send, after nothing. */
    void add(SocketPath path) {
        waiting.add(path);
    }

    /** Whether nothing waits. */
    public boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Writes everything that waits, one system call per run of packets. */
    public void flush() {
        int count = waiting.size();
        if (count == 0) {
            return;
        }
        for (int i = 0; i < count; i++) {
            waiting.get(i).writeQueued();
        }
        // Flushing an already flushed channel is a cheap no-op, so channels shared by many paths need no set here.
        for (int i = 0; i < count; i++) {
            waiting.get(i).flush();
        }
        waiting.clear();
        latest = null;
        queuedBytes = 0;
    }

    void countWrite(int packets, int bytes) {
        packetsSent += packets;
        bytesSent += bytes;
        writes++;
    }

    void countSegmentationFailure() {
        segmentationFailures++;
    }

    DropCounters drops() {
        return drops;
    }

    /** Datagrams and frames written. */
    public long packetsSent() {
        return packetsSent;
    }

    /** Bytes in them, without IP and UDP headers. */
    public long bytesSent() {
        return bytesSent;
    }

    /** Writes to the kernel; packets per write is the segment run length. */
    public long writes() {
        return writes;
    }

    /** Segmented writes the kernel refused; each made its path write shorter segments, or none any more. */
    public long segmentationFailures() {
        return segmentationFailures;
    }
}
