package dev.sfu.core.dtls;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.bouncycastle.tls.DatagramTransport;
import org.jspecify.annotations.Nullable;

/**
 * The datagrams of one association as Bouncy Castle sees them.
 *
 * <p>During the handshake the owner's thread {@linkplain #offer offers} datagrams to a bounded queue that the handshake's
 * thread waits on. Afterwards everything happens on the owner's thread: {@link #deliver} sets one datagram, and once it
 * is consumed {@link #receive} throws {@link Drained}, so that nothing waits and nothing spins.
 *
 * <p>Outgoing records are gathered into datagrams of up to {@link #SEND_LIMIT_BYTES} (RFC 6347 section 4.1.1) until
 * Bouncy Castle wants to receive, which makes a flight one datagram where it fits.
 */
final class DtlsLink implements DatagramTransport {
    /** Largest datagram sent, so that none is fragmented on any path that WebRTC can use. */
    static final int SEND_LIMIT_BYTES = 1200;

    /** Largest datagram received. */
    static final int RECEIVE_LIMIT_BYTES = 2048;

    /** Datagrams that wait for the handshake's thread; the largest flights of browsers have a handful. */
    static final int QUEUE_LIMIT = 32;

    /** Where datagrams go; called on the thread that sends. */
    interface Sink {
        void send(byte[] array, int offset, int length);
    }

    /** The datagram given by {@link #deliver} is consumed. Bouncy Castle passes it through without consequence. */
    static final class Drained extends InterruptedIOException {
        private static final long serialVersionUID = 1L;

        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized") // does nothing: a signal needs no stack
        public Throwable fillInStackTrace() {
            return this;
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Deque<byte[]> queue = new ArrayDeque<>();
    private @Nullable String abortReason;

    private final DtlsConfig config;
    private FlightSorter sorter;
    private long alertDueNanos;
    private boolean alertPending;
    private final Deque<byte[]> sorted = new ArrayDeque<>();
    private final byte[] outgoing = new byte[SEND_LIMIT_BYTES];
    private int outgoingLength;
    private boolean sent;
    private Sink sink;
    private boolean waiting = true;
    private byte[] delivered = outgoing;
    private int deliveredOffset;
    private int deliveredLength = -1;

    DtlsLink(DtlsConfig config, Sink sink) {
        this.config = config;
        this.sorter = new FlightSorter(config.role());
        this.sink = sink;
    }

    /** Owner: queues a datagram, which must not change any more; false if the queue is full. */
    boolean offer(byte[] datagram) {
        lock.lock();
        try {
            if (queue.size() >= QUEUE_LIMIT) {
                return false;
            }
            queue.add(datagram);
            arrived.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Any thread: ends waiting, now and in future. The first reason stays. */
    void abort(String reason) {
        lock.lock();
        try {
            if (abortReason == null) {
                abortReason = reason;
            }
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Why the handshake was ended from outside, or null. */
    @Nullable String abortReason() {
        lock.lock();
        try {
            return abortReason;
        } finally {
            lock.unlock();
        }
    }

    /** Owner: whether any datagram waits. */
    boolean hasQueued() {
        lock.lock();
        try {
            return !queue.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Owner: takes all that is queued. */
    List<byte[]> takeQueued() {
        lock.lock();
        try {
            List<byte[]> taken = List.copyOf(queue);
            queue.clear();
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Owner, after the handshake: from now on sends to {@code ownerSink} and never waits. Returns what is unread. */
    List<byte[]> attach(Sink ownerSink) {
        sink = ownerSink;
        waiting = false;
        sorted.addAll(takeQueued());
        List<byte[]> unread = List.copyOf(sorted);
        sorted.clear();
        return unread;
    }

    /** Owner, after the handshake: the next datagram to receive. Read during the call that follows only. */
    void deliver(byte[] array, int offset, int length) {
        delivered = array;
        deliveredOffset = offset;
        deliveredLength = length;
    }

    @Override
    public int receive(byte[] buffer, int offset, int length, int waitMillis) throws IOException {
        flush();
        if (waiting) {
            byte[] datagram = await(waitMillis);
            if (datagram == null) {
                return -1;
            }
            System.arraycopy(datagram, 0, buffer, offset, datagram.length);
            return datagram.length;
        }
        if (deliveredLength < 0) {
            throw new Drained();
        }
        int count = deliveredLength;
        System.arraycopy(delivered, deliveredOffset, buffer, offset, count);
        delivered = outgoing;
        deliveredLength = -1;
        return count;
    }

    /** Handshake's thread: the next datagram in order, or null after the time. */
    private byte @Nullable [] await(int waitMillis) throws IOException {
        return fill(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMillis)) ? sorted.poll() : null;
    }

    /** Waits for something to process. */
    private boolean fill(long deadlineNanos) throws IOException {
        while (sorted.isEmpty()) {
            boolean alertFirst = alertPending && alertDueNanos - deadlineNanos < 0;
            byte[] datagram = poll(alertFirst ? alertDueNanos : deadlineNanos);
            if (datagram != null) {
                sorter.sort(datagram, sorted);
                awaitContradiction();
            } else if (alertFirst) {
                sorted.add(Objects.requireNonNull(sorter.plaintextAlert()));
                alertPending = false;
            } else {
                return false;
            }
        }
        return true;
    }

    /**
     * An alert that nothing authenticates is believed when the peer stays silent afterwards: a peer that has given up does,
     * one in whose name somebody else sent it does not.
     */
    private void awaitContradiction() {
        boolean alerted = sorter.plaintextAlert() != null;
        if (alerted && !alertPending) {
            alertDueNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(config.timing().patienceMillis());
        }
        alertPending = alerted;
    }

    /** Handshake's thread: whether anything of it has left, so that the peer may rely on it. */
    boolean hasSent() {
        return sent;
    }

    /**
     * Handshake's thread, before anything has left: waits for something to begin anew with; true if it came, and then what
     * would have been sent is forgotten.
     */
    boolean awaitAnotherBeginning(long deadlineNanos) throws IOException {
        sorter = new FlightSorter(config.role());
        sorted.clear();
        alertPending = false;
        if (!fill(deadlineNanos)) {
            return false;
        }
        outgoingLength = 0;
        return true;
    }

    private byte @Nullable [] poll(long deadlineNanos) throws IOException {
        lock.lock();
        try {
            while (abortReason == null) {
                byte[] datagram = queue.poll();
                long remainingNanos = deadlineNanos - System.nanoTime();
                if (datagram != null || remainingNanos <= 0) {
                    return datagram;
                }
                arrived.awaitNanos(remainingNanos);
            }
            throw new InterruptedIOException(abortReason);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void send(byte[] buffer, int offset, int length) {
        if (length > SEND_LIMIT_BYTES - outgoingLength) {
            flush();
        }
        System.arraycopy(buffer, offset, outgoing, outgoingLength, length);
        outgoingLength += length;
    }

    /** Sends what is gathered. */
    void flush() {
        if (outgoingLength > 0) {
            int length = outgoingLength;
            outgoingLength = 0;
            sent = true;
            sink.send(outgoing, 0, length);
        }
    }

    @Override
    public int getReceiveLimit() {
        return RECEIVE_LIMIT_BYTES;
    }

    @Override
    public int getSendLimit() {
        return SEND_LIMIT_BYTES;
    }

    /** Whoever ends the association flushes: the alert that goes before may yet be withdrawn. */
    @Override
    public void close() {}
}
