package dev.sfu.core.peerconnection;

import dev.sfu.core.rtp.HeaderExtensionMap;
import dev.sfu.core.sdp.SdpSession;
import dev.sfu.core.sdp.TransportAttributes;
import java.util.List;
import java.util.Map;

/**
 * What an offer and its answer agree on for the connection as a whole.
 *
 * @param answer the answer, without transport attributes and candidates
 * @param sections what was agreed for each m-section, in order
 * @param remoteTransport the peer's ICE credentials, fingerprints and DTLS setup
 * @param extensions header extension ids of the whole bundle
 * @param signalledSsrcs SSRC to MID from {@code a=ssrc}
 * @param primaryOfRtx RTX SSRC to primary SSRC from {@code a=ssrc-group:FID}
 * @param reducedSizeRtcp whether RTCP may leave out reports (RFC 5506)
 */
record Negotiation(
        SdpSession answer,
        List<NegotiatedSection> sections,
        TransportAttributes remoteTransport,
        HeaderExtensionMap extensions,
        Map<Integer, String> signalledSsrcs,
        Map<Integer, Integer> primaryOfRtx,
        boolean reducedSizeRtcp) {}
