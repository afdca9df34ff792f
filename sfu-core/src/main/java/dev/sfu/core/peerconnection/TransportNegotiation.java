package dev.sfu.core.peerconnection;

import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.sdp.IceCandidate;
import dev.sfu.core.sdp.MediaSection;
import dev.sfu.core.sdp.SdpSession;
import dev.sfu.core.sdp.TransportAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The ICE and DTLS half of an offer and its answer. */
final class TransportNegotiation {
    private static final Set<String> STRONG_HASHES = Set.of("sha-256", "sha-384", "sha-512");

    private TransportNegotiation() {}

    /**
     * Checks what a peer offers.
     *
     * @param former what it offered before, null the first time
     * @throws EngineException when it cannot be used
     */
    static IceCredentials check(TransportAttributes remote, @Nullable TransportAttributes former) {
        String ufrag = remote.iceUfrag();
        String password = remote.icePwd();
        if (ufrag == null || password == null) {
            throw new EngineException(ErrorCode.BAD_SDP, "a=ice-ufrag, a=ice-pwd: missing (expected: present)");
        }
        boolean usable = remote.fingerprints().stream()
                .anyMatch(fingerprint -> STRONG_HASHES.contains(fingerprint.algorithm()));
        if (!usable) {
            throw new EngineException(
                    ErrorCode.UNSUPPORTED, "a=fingerprint: none of SHA-256 or stronger (expected: at least one)");
        }
        if (former != null && !former.fingerprints().equals(remote.fingerprints())) {
            throw new EngineException(
                    ErrorCode.UNSUPPORTED, "a=fingerprint: changed (expected: the same for the life of a connection)");
        }
        try {
            return new IceCredentials(ufrag, password);
        } catch (IllegalArgumentException e) {
            throw new EngineException(ErrorCode.BAD_SDP, "a=" + e.getMessage());
        }
    }

    /** Puts the transport attributes and the candidates into an answer. */
    static SdpSession complete(SdpSession answer, TransportAttributes attributes, List<IceCandidate> candidates) {
        List<MediaSection> sections = new ArrayList<>();
        boolean first = true;
        for (MediaSection section : answer.media()) {
            if (section.isRejected()) {
                sections.add(section);
                continue;
            }
            MediaSection.Builder builder = section.toBuilder().transport(attributes);
            if (first) {
                // Candidates belong to the bundle; browsers read them from its first m-section.
                builder.candidates(candidates).endOfCandidates(true);
                first = false;
            }
            sections.add(builder.build());
        }
        return new SdpSession(
                answer.origin(),
                answer.groups(),
                answer.iceLite(),
                answer.extmapAllowMixed(),
                answer.transport(),
                answer.attributes(),
                sections);
    }
}
