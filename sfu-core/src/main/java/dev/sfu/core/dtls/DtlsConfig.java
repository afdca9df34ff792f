package dev.sfu.core.dtls;

import dev.sfu.core.sdp.Fingerprint;
import dev.sfu.core.srtp.SrtpProfile;
import java.util.List;

/**
 * What one DTLS association is to do.
 *
 * @param role who sends the ClientHello
 * @param certificate what this side shows
 * @param remoteFingerprints what the peer promised in its SDP; its certificate must match one of them that uses
 *     SHA-256 or stronger (RFC 8122 section 5)
 * @param srtpProfiles acceptable SRTP profiles, most wanted first; not empty
 * @param timing retransmission and patience
 */
public record DtlsConfig(
        DtlsRole role,
        DtlsCertificate certificate,
        List<Fingerprint> remoteFingerprints,
        List<SrtpProfile> srtpProfiles,
        Timing timing) {
    /**
     * Handshake timers (RFC 6347 section 4.2.4).
     *
     * @param retransmitMillis silence after which the first retransmission goes out; doubles with each one
     * @param timeoutMillis after which an unfinished handshake fails
     */
    public record Timing(int retransmitMillis, int timeoutMillis) {
        /** 100 ms, as ICE has shown the path to be interactive, and 30 s. */
        public static final Timing DEFAULT = new Timing(100, 30_000);

        private static final int PATIENCE_RETRANSMISSIONS = 20;

        /**
         * Checks ranges.
         *
         * @throws IllegalArgumentException if a value is not positive
         */
        public Timing {
            if (retransmitMillis < 1 || timeoutMillis < 1) {
                throw new IllegalArgumentException(
                        "timing: " + retransmitMillis + ", " + timeoutMillis + " ms (expected: both positive)");
            }
        }

        /**
         * How long a peer may contradict what anybody can send in its name, a ClientHello that is refused or an alert: 20 times
         * the first retransmission, in which it repeats what it has to say several times.
         */
        int patienceMillis() {
            return (int) Math.min((long) PATIENCE_RETRANSMISSIONS * retransmitMillis, timeoutMillis);
        }
    }

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if {@code srtpProfiles} is empty
     */
    public DtlsConfig {
        remoteFingerprints = List.copyOf(remoteFingerprints);
        srtpProfiles = List.copyOf(srtpProfiles);
        if (srtpProfiles.isEmpty()) {
            throw new IllegalArgumentException("srtpProfiles: [] (expected: at least one)");
        }
    }

    /** All SRTP profiles in their order of preference, default timers. */
    public static DtlsConfig of(
            DtlsRole role, DtlsCertificate certificate, List<Fingerprint> remoteFingerprints) {
        return new DtlsConfig(
                role, certificate, remoteFingerprints, List.of(SrtpProfile.values()), Timing.DEFAULT);
    }
}
