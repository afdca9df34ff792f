package dev.sfu.core.sdp;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a description says about ICE and DTLS, at the session or in one section (RFC 8839 §5.4 and §5.6, RFC 8122 §5,
 * RFC 8842 §5).
 *
 * @param iceUfrag 4..256 ICE characters
 * @param icePwd 22..256 ICE characters; a secret of the session, kept out of {@link #toString()}
 * @param iceOptions {@code trickle}, {@code renomination} and the like
 * @param fingerprints of the certificates the DTLS peer may present: one match is enough
 * @param setup the DTLS role
 */
public record TransportAttributes(
        @Nullable String iceUfrag,
        @Nullable String icePwd,
        List<String> iceOptions,
        List<Fingerprint> fingerprints,
        @Nullable Setup setup) {
    /** Nothing said. */
    public static final TransportAttributes NONE = new TransportAttributes(null, null, List.of(), List.of(), null);

    /** Copies the lists. */
    public TransportAttributes {
        iceOptions = List.copyOf(iceOptions);
        fingerprints = List.copyOf(fingerprints);
    }

    /**
     * These attributes, and {@code outer}'s where these say nothing. Fragment and password go together, and a section's
     * fingerprints replace the session's (RFC 8122 §5).
     */
    public TransportAttributes orElse(TransportAttributes outer) {
        boolean ownIce = iceUfrag != null || icePwd != null;
        return new TransportAttributes(
                ownIce ? iceUfrag : outer.iceUfrag,
                ownIce ? icePwd : outer.icePwd,
                iceOptions.isEmpty() ? outer.iceOptions : iceOptions,
                fingerprints.isEmpty() ? outer.fingerprints : fingerprints,
                setup == null ? outer.setup : setup);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "TransportAttributes[iceUfrag=" + iceUfrag + ", iceOptions=" + iceOptions + ", fingerprints="
                + fingerprints + ", setup=" + setup + "]";
    }
}
