package dev.sfu.core.dtls;

import dev.sfu.core.srtp.CryptoProviders;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The threads of all DTLS handshakes, at most {@code maxInFlight} at once; more wait in a bounded queue.
 *
 * <p>Each handshake has a virtual thread while it lasts. Thread-safe; one instance serves all shards.
 */
public final class DtlsHandshakes implements AutoCloseable {
    private static final String CLOSED = "the server is shutting down";
    private static final String FULL = "too many DTLS handshakes are under way";

    private final DtlsCrypto crypto;
    private final int maxInFlight;
    private final int maxWaiting;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final Set<Handshake> running = new LinkedHashSet<>();
    private final Set<Handshake> waiting = new LinkedHashSet<>();
    private boolean closed;

    /**
     * With the provider that {@link CryptoProviders#select()} chooses for AES-GCM, as far as it goes, else the JDK's.
     *
     * @param random for keys and nonces
     * @param maxInFlight handshakes that may have a thread at once, at least 1
     * @param maxWaiting handshakes that may wait for one of those, at least 0
     * @throws IllegalArgumentException if a bound is out of range
     */
    public DtlsHandshakes(SecureRandom random, int maxInFlight, int maxWaiting) {
        this(CryptoProviders.select().gcm(), random, maxInFlight, maxWaiting);
    }

    /**
     * With a provider for what it has, the JDK's for the rest.
     *
     * @param preferred asked first for every algorithm
     * @param random for keys and nonces
     * @param maxInFlight handshakes that may have a thread at once, at least 1
     * @param maxWaiting handshakes that may wait for one of those, at least 0
     * @throws IllegalArgumentException if a bound is out of range
     */
    public DtlsHandshakes(Provider preferred, SecureRandom random, int maxInFlight, int maxWaiting) {
        if (maxInFlight < 1 || maxWaiting < 0) {
            throw new IllegalArgumentException("handshakes: " + maxInFlight + " in flight, " + maxWaiting
                    + " waiting (expected: at least 1, at least 0)");
        }
        this.crypto = new DtlsCrypto(preferred, random);
        this.maxInFlight = maxInFlight;
        this.maxWaiting = maxWaiting;
    }

    DtlsCrypto crypto() {
        return crypto;
    }

    /** Starts a handshake or lets it wait its turn; else says why not. */
    @Nullable String submit(Handshake handshake) {
        lock.lock();
        try {
            if (closed) {
                return CLOSED;
            }
            if (running.size() >= maxInFlight && waiting.size() >= maxWaiting) {
                return FULL;
            }
            if (running.size() < maxInFlight) {
                run(handshake);
            } else {
                waiting.add(handshake);
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Ends a handshake; one that waits is forgotten without a word to its listener. */
    void cancel(Handshake handshake) {
        lock.lock();
        try {
            waiting.remove(handshake);
        } finally {
            lock.unlock();
        }
        handshake.abort("closed");
    }

    private void run(Handshake handshake) {
        running.add(handshake);
        Thread.ofVirtual().name("dtls-handshake").start(() -> {
            try {
                handshake.run();
            } finally {
                onEnded(handshake);
            }
        });
    }

    private void onEnded(Handshake handshake) {
        lock.lock();
        try {
            running.remove(handshake);
            if (!waiting.isEmpty()) {
                Handshake next = waiting.iterator().next();
                waiting.remove(next);
                run(next);
            } else if (running.isEmpty()) {
                idle.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Handshakes that have a thread now. */
    public int inFlight() {
        lock.lock();
        try {
            return running.size();
        } finally {
            lock.unlock();
        }
    }

    /** Handshakes that wait for a thread now. */
    public int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until no handshake has a thread, to shut down in order.
     *
     * @param timeoutMillis how long at most
     * @return false if some remained
     * @throws InterruptedException if the waiting thread is interrupted
     */
    public boolean awaitIdle(long timeoutMillis) throws InterruptedException {
        long remainingNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        lock.lock();
        try {
            while (!running.isEmpty()) {
                if (remainingNanos <= 0) {
                    return false;
                }
                remainingNanos = idle.awaitNanos(remainingNanos);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Ends all handshakes, whose transports fail, and starts no more. Does not wait for their threads. */
    @Override
    public void close() {
        List<Handshake> all;
        lock.lock();
        try {
            closed = true;
            all = new ArrayList<>(running);
            all.addAll(waiting);
        } finally {
            lock.unlock();
        }
        all.forEach(handshake -> handshake.abort(CLOSED));
    }
}
