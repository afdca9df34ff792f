package dev.sfu.core.shard;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.dtls.DtlsCertificate;
import dev.sfu.core.dtls.DtlsHandshakes;
import dev.sfu.core.srtp.CryptoSelection;
import dev.sfu.core.time.WallClock;
import dev.sfu.core.transport.SinglePort;
import java.security.SecureRandom;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What all shards share. Thread-safe.
 *
 * @param config the engine's configuration
 * @param nanoClock the monotonic clock
 * @param wallClock maps it to wall clock time
 * @param random strong randomness
 * @param certificate the server's DTLS identity
 * @param handshakes where handshakes run
 * @param crypto who encrypts the media of new connections
 * @param singlePort the ports that all shards bind, or null when each has its own
 */
record EngineResources(
        EngineConfig config,
        LongSupplier nanoClock,
        WallClock wallClock,
        SecureRandom random,
        DtlsCertificate certificate,
        DtlsHandshakes handshakes,
        CryptoSelection crypto,
        @Nullable SinglePort singlePort) {
    private static final String ALPHABET = "abcdefghijkmnopqrstuvwxyz0123456789";
    private static final int ID_LENGTH = 12;

    /** An unguessable identifier that starts with {@code prefix}. */
    String newId(String prefix) {
        StringBuilder id = new StringBuilder(prefix).append('_');
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return id.toString();
    }

    /** What the ufrags of a shard's connections begin with. */
    String ufragPrefix(int shard) {
        return singlePort == null ? "" : SinglePort.ufragPrefix(shard);
    }
}
