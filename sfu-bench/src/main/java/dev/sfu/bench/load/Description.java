package dev.sfu.bench.load;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.sdp.Direction;
import dev.sfu.core.sdp.Fingerprint;
import dev.sfu.core.sdp.IceCandidate;
import dev.sfu.core.sdp.MediaSection;
import dev.sfu.core.sdp.SdpException;
import dev.sfu.core.sdp.SdpReader;
import dev.sfu.core.sdp.SdpSession;
import dev.sfu.core.sdp.SdpWriter;
import dev.sfu.core.sdp.Setup;
import dev.sfu.core.sdp.TransportAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A peer's own session descriptions.
 *
 * @param credentials its ICE credentials
 * @param fingerprint of its certificate
 * @param port where it listens on loopback
 */
record Description(IceCredentials credentials, Fingerprint fingerprint, int port) {
    /**
     * An offer in the form that browsers give it (RFC 9429 section 5.2).
     *
     * @param version counts the offers of one session
     * @param sending what is sent, or null
     * @param receiving what is received, or null
     */
    String offer(int version, @Nullable Sending sending, @Nullable Receiving receiving) {
        List<Track> sent = sending == null ? List.of() : sending.tracks();
        List<Track> slots = receiving == null ? List.of() : receiving.slots();
        int sections = sent.size() + slots.size();
        StringBuilder sdp = new StringBuilder("v=0\r\no=- 4611731400430051336 ").append(version)
                .append(" IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE ")
                .append(IntStream.range(0, sections).mapToObj(String::valueOf).collect(Collectors.joining(" ")))
                .append("\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n");
        for (int mid = 0; mid < sections; mid++) {
            boolean sends = mid < sent.size();
            Track track = sends ? sent.get(mid) : slots.get(mid - sent.size());
            boolean active = sends || (receiving != null && mid - sent.size() < receiving.activeSlots());
            section(sdp, track, mid);
            sdp.append(sends ? "a=sendonly" : active ? "a=recvonly" : "a=inactive")
                    .append("\r\na=rtcp-mux\r\na=rtcp-rsize\r\n");
            track.describeCodec(sdp);
            if (sends && sending != null) {
                streams(sdp, track, mid, sending.ssrcs(), sending.rtxSsrcs());
            }
        }
        return sdp.toString();
    }

    private void section(StringBuilder sdp, Track track, int mid) {
        sdp.append("m=").append(track.kind()).append(" 9 UDP/TLS/RTP/SAVPF ").append(track.payloadType());
        if (track.rtxPayloadType() >= 0) {
            sdp.append(' ').append(track.rtxPayloadType());
        }
        sdp.append("\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n").append("a=candidate:1 1 udp 2113937151 127.0.0.1 ")
                .append(port).append(" typ host\r\na=end-of-candidates\r\na=ice-ufrag:").append(credentials.ufrag())
                .append("\r\na=ice-pwd:").append(credentials.password())
                .append("\r\na=fingerprint:").append(fingerprint.format())
                .append("\r\na=setup:actpass\r\na=mid:").append(mid).append("\r\n");
        for (HeaderExtension extension : Extensions.KNOWN) {
            if (extension.appliesTo(track.kind().equals("video") ? MediaKind.VIDEO : MediaKind.AUDIO)) {
                sdp.append("a=extmap:").append(Extensions.OFFERED.id(extension)).append(' ').append(extension.uri())
                        .append("\r\n");
            }
        }
    }

    private static void streams(StringBuilder sdp, Track track, int mid, int[] ssrcs, int[] rtxSsrcs) {
        sdp.append("a=msid:- track-").append(mid).append("\r\n");
        if (!track.rids().isEmpty()) {
            track.rids().forEach(rid -> sdp.append("a=rid:").append(rid).append(" send\r\n"));
            sdp.append("a=simulcast:send ").append(String.join(";", track.rids())).append("\r\n");
            return;
        }
        String ssrc = Integer.toUnsignedString(ssrcs[track.streams().getFirst()]);
        if (track.rtxPayloadType() >= 0) {
            String rtx = Integer.toUnsignedString(rtxSsrcs[track.streams().getFirst()]);
            sdp.append("a=ssrc-group:FID ").append(ssrc).append(' ').append(rtx)
                    .append("\r\na=ssrc:").append(rtx).append(" cname:synthetic\r\n");
        }
        sdp.append("a=ssrc:").append(ssrc).append(" cname:synthetic\r\n");
    }

    /** An answer that takes all that is offered and sends nothing. */
    String answer(String offer) {
        SdpSession offered;
        try {
            offered = SdpReader.read(offer);
        } catch (SdpException e) {
            throw new IllegalArgumentException("offer: " + e.getMessage(), e);
        }
        List<MediaSection> sections = new ArrayList<>();
        for (MediaSection section : offered.media()) {
            sections.add(section.toBuilder()
                    .port(9)
                    .direction(section.direction().sends() ? Direction.RECVONLY : Direction.INACTIVE)
                    .transport(new TransportAttributes(
                            credentials.ufrag(), credentials.password(), List.of(), List.of(fingerprint), Setup.ACTIVE))
                    .headerExtensions(dev.sfu.core.sdp.HeaderExtension.answer(
                            section.headerExtensions(),
                            Extensions.KNOWN.stream().map(HeaderExtension::uri).collect(Collectors.toSet())))
                    .msids(List.of())
                    .ssrcs(List.of())
                    .ssrcGroups(List.of())
                    .candidates(List.of(candidate()))
                    .endOfCandidates(true)
                    .attributes(List.of())
                    .build());
        }
        return SdpWriter.write(new SdpSession(
                new SdpSession.Origin(offered.origin().sessionId(), 1),
                offered.groups(),
                false,
                offered.extmapAllowMixed(),
                TransportAttributes.NONE,
                List.of(),
                sections));
    }

    private IceCandidate candidate() {
        try {
            return IceCandidate.parse("candidate:1 1 udp 2113937151 127.0.0.1 " + port + " typ host");
        } catch (SdpException e) {
            throw new AssertionError(e);
        }
    }
}
