package dev.sfu.core.peerconnection;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.PublishLimits;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.dtls.DtlsCertificate;
import dev.sfu.core.dtls.DtlsRole;
import dev.sfu.core.dtls.DtlsTransport;
import dev.sfu.core.sdp.Fingerprint;
import dev.sfu.core.sdp.IceCandidate;
import dev.sfu.core.srtp.CryptoProviders;
import dev.sfu.core.time.WallClock;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What a peer connection is given: everything it may not make by itself.
 *
 * @param id names it in statistics
 * @param certificate its DTLS identity
 * @param dtls makes its DTLS transport
 * @param crypto the ciphers' provider
 * @param wallClock maps monotonic to NTP time
 * @param random for credentials, SSRCs and starting points; cryptographically strong
 * @param ufragPrefix what its ufrags begin with, ice-chars or nothing
 * @param pool packet memory of its thread
 * @param candidates where peers can reach it
 * @param maySend whether it answers with sending m-sections
 * @param mayReceive whether it answers with receiving m-sections
 * @param consentTimeoutNanos silence after which the peer is taken for dead
 * @param bandwidth bounds of what is sent to the peer
 * @param publishLimits how much the peer may send
 */
public record PeerConnectionConfig(
        String id,
        DtlsCertificate certificate,
        DtlsFactory dtls,
        CryptoProviders crypto,
        WallClock wallClock,
        RandomGenerator random,
        String ufragPrefix,
        BufferPool pool,
        List<IceCandidate> candidates,
        boolean maySend,
        boolean mayReceive,
        long consentTimeoutNanos,
        EngineConfig.Bandwidth bandwidth,
        PublishLimits publishLimits) {
    /** Makes DTLS transports whose handshakes run elsewhere and whose output comes back on the connection's thread. */
    @FunctionalInterface
    public interface DtlsFactory {
        /** A transport for this role that accepts a peer with one of these fingerprints. */
        DtlsTransport create(DtlsRole role, List<Fingerprint> remoteFingerprints, DtlsTransport.Output output);
    }

    /** A peer that may send as much as it likes. */
    public PeerConnectionConfig(
            String id,
            DtlsCertificate certificate,
            DtlsFactory dtls,
            CryptoProviders crypto,
            WallClock wallClock,
            RandomGenerator random,
            String ufragPrefix,
            BufferPool pool,
            List<IceCandidate> candidates,
            boolean maySend,
            boolean mayReceive,
            long consentTimeoutNanos,
            EngineConfig.Bandwidth bandwidth) {
        this(id, certificate, dtls, crypto, wallClock, random, ufragPrefix, pool, candidates, maySend, mayReceive,
                consentTimeoutNanos, bandwidth, PublishLimits.NONE);
    }

    /** Copies the list. */
    public PeerConnectionConfig {
        candidates = List.copyOf(candidates);
    }
}
