package dev.sfu.core.srtp;

import java.security.Provider;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which providers connections get that are made now. Begins with the preferred one of those that passed a self-test;
 * {@link #measure} may find another to be cheaper, for connections made later. Thread-safe.
 */
public final class CryptoSelection implements Supplier<CryptoProviders> {
    private static final Logger log = LoggerFactory.getLogger(CryptoSelection.class);
    private static final long BUDGET_NANOS = 300_000_000;
    private static final int PAYLOAD_BYTES = 1_188;
    private static final int HEADER_BYTES = 12;

    private final List<CryptoProviders> trusted;
    private volatile CryptoProviders current;

    private CryptoSelection(List<CryptoProviders> trusted) {
        this.trusted = trusted;
        this.current = trusted.getFirst();
    }

    /**
     * The providers by name.
     *
     * @param choice {@code auto}, {@code corretto} or {@code jdk}
     * @throws IllegalArgumentException if {@code choice} is none of these
     * @throws IllegalStateException if Corretto is demanded and does not work here, or nothing works
     */
    public static CryptoSelection of(String choice) {
        CryptoProviders jdk = CryptoProviders.jdk();
        return switch (choice) {
            case "auto" -> {
                List<CryptoProviders> candidates = new ArrayList<>();
                CryptoProviders.accp().ifPresent(candidates::add);
                candidates.add(jdk);
                yield among(candidates);
            }
            case "corretto" -> among(List.of(CryptoProviders.of("accp")));
            case "jdk" -> among(List.of(jdk));
            default -> throw new IllegalArgumentException(choice + " (expected: auto, corretto or jdk)");
        };
    }

    /** The choice among candidates, the preferred first; those that fail the self-test are left out with a warning. */
    static CryptoSelection among(List<CryptoProviders> candidates) {
        List<CryptoProviders> trusted = new ArrayList<>();
        for (CryptoProviders candidate : candidates) {
            if (GcmSelfTest.passes(candidate)) {
                trusted.add(candidate);
            } else {
                log.warn("AES-GCM of {} fails the self-test and is not used", candidate.gcm().getName());
            }
        }
        if (trusted.isEmpty()) {
            throw new IllegalStateException("no provider for AES-GCM passes the self-test");
        }
        return new CryptoSelection(List.copyOf(trusted));
    }

    /** For connections that are made now. */
    @Override
    public CryptoProviders get() {
        return current;
    }

    /** For DTLS handshakes, where public-key operations count: the preferred one, whoever encrypts media. */
    public Provider handshakes() {
        return trusted.getFirst().gcm();
    }

    /** Whether connections that are made now get media encryption by native code. */
    public boolean isNative() {
        return !current.gcm().equals(current.ctr());
    }

    /** Whether there is more than one to choose from. */
    public boolean isOpen() {
        return trusted.size() > 1;
    }

    /**
     * Measures and chooses. Blocks for 0.3 s at most, less when the figures are steady before; so it wants a
     * thread with nothing else to do. Ends early when {@code stop} says so, and then chooses nothing.
     */
    public void measure(LongSupplier nanoClock, BooleanSupplier stop) {
        List<CryptoTrial.Figure> figures = CryptoTrial.run(
                trusted.stream().map(ProtectedPackets::new).toList(), nanoClock, BUDGET_NANOS, stop);
        if (!stop.getAsBoolean()) {
            choose(figures);
        }
    }

    void choose(List<CryptoTrial.Figure> figures) {
        current = trusted.get(CryptoTrial.winner(figures));
        if (log.isInfoEnabled()) {
            log.info("AES-GCM: {}; media of new connections by {}",
                    IntStream.range(0, figures.size())
                            .mapToObj(i -> trusted.get(i).gcm().getName() + " " + figures.get(i).nanosPerPacket()
                                    + " ns per packet" + (figures.get(i).steady() ? "" : ", not steady"))
                            .collect(Collectors.joining(", ")),
                    current.gcm().getName());
        }
    }

    /** Packets of a key that protects nothing else. */
    private static final class ProtectedPackets implements CryptoTrial.Candidate {
        private final SrtpTransform transform;
        private final byte[] payload = new byte[PAYLOAD_BYTES];
        private final byte[] packet = new byte[HEADER_BYTES + PAYLOAD_BYTES + 16];
        private long index;

        ProtectedPackets(CryptoProviders providers) {
            byte[] none = new byte[0];
            SrtpProfile profile = SrtpProfile.AEAD_AES_128_GCM;
            byte[] key = new byte[profile.keyBytes()];
            byte[] salt = new byte[profile.saltBytes()];
            transform = SrtpTransform.encrypting(
                    new SessionKeys(profile, key, none, salt, key, none, salt), providers);
        }

        @Override
        public void protectBatch() {
            for (int i = 0; i < CryptoTrial.BATCH_PACKETS; i++) {
                transform.protectRtp(index++, packet, 0, HEADER_BYTES, 0, payload, 0, PAYLOAD_BYTES);
            }
        }
    }
}
