package dev.sfu.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Who does the receiving half of the kernel's work on loopback. By itself that is whoever sends, inside the system call. Receive
 * packet steering on {@code lo} hands it to another processor, much as a network card hands it to another machine: then the
 * sender pays for sending only.
 */
final class Delivery implements AutoCloseable {
    private static final Path STEERING = Path.of("/sys/class/net/lo/queues/rx-0/rps_cpus");
    private static final Path BACKLOG = Path.of("/proc/sys/net/core/netdev_max_backlog");
    /** What is handed over waits in a queue whose usual 1000 places are fewer than the packets of one keyframe's fan-out. */
    private static final String ROOMY_BACKLOG = "100000";

    private static final int PARAMETER_BYTES = 4096;

    private final Path steering;
    private final Path backlog;
    private final String formerSteering;
    private final String formerBacklog;
    private final Thread hook;

    private Delivery(Path steering, Path backlog) throws IOException {
        this.steering = steering;
        this.backlog = backlog;
        this.formerSteering = read(steering);
        this.formerBacklog = read(backlog);
        this.hook = new Thread(this::restore, "restore-delivery");
    }

    /**
     * Hands it to {@code core} until closed, or until this process ends in whatever orderly way.
     *
     * @throws IOException if the kernel or our rights do not allow it
     */
    static Delivery on(int core) throws IOException {
        return on(core, STEERING, BACKLOG);
    }

    static Delivery on(int core, Path steering, Path backlog) throws IOException {
        if (!Files.isWritable(steering) || !Files.isWritable(backlog)) {
            throw new IOException("--delivery: " + steering + " and " + backlog + " (expected: both writable, as for root)");
        }
        Delivery delivery = new Delivery(steering, backlog);
        Runtime.getRuntime().addShutdownHook(delivery.hook);
        try {
            Files.writeString(backlog, ROOMY_BACKLOG);
            Files.writeString(steering, mask(core));
        } catch (IOException e) {
            delivery.close();
            throw e;
        }
        return delivery;
    }

    /** The processor as the kernel writes sets of them: hexadecimal words of 32, the first ones last. */
    static String mask(int core) {
        return Integer.toHexString(1 << (core % Integer.SIZE)) + ",00000000".repeat(core / Integer.SIZE);
    }

    /** By one call: a kernel parameter read in pieces, as {@link Files#readString} does, ends after the first one. */
    private static String read(Path parameter) throws IOException {
        byte[] bytes = new byte[PARAMETER_BYTES];
        try (InputStream in = Files.newInputStream(parameter)) {
            return new String(bytes, 0, Math.max(0, in.read(bytes)), StandardCharsets.US_ASCII).strip();
        }
    }

    private synchronized void restore() {
        try {
            Files.writeString(steering, formerSteering);
            Files.writeString(backlog, formerBacklog);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As it was. */
    @Override
    public void close() {
        restore();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException stopping) {
            // The hook runs, or has run, and does the same.
        }
    }
}
