package dev.sfu.core.peer;

import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.HeaderExtensionMap;
import dev.sfu.core.sdp.Fingerprint;
import java.util.List;
import java.util.stream.Collectors;

/** Writes offers in the form that browsers give them (RFC 9429 section 5.2). Text, so that no code of ours is shared. */
final class OfferWriter {
    private static final int ABS_SEND_TIME_ID = 2;
    private static final int TRANSPORT_SEQUENCE_ID = 3;
    private static final int MID_ID = 4;
    private static final int RID_ID = 10;
    private static final int REPAIRED_RID_ID = 11;

    /** The header extension ids of every offer. */
    static final HeaderExtensionMap EXTENSIONS = extensions();

    private static final List<HeaderExtension> OFFERED = List.of(
            HeaderExtension.MID,
            HeaderExtension.RID,
            HeaderExtension.REPAIRED_RID,
            HeaderExtension.ABS_SEND_TIME,
            HeaderExtension.TRANSPORT_SEQUENCE);

    private OfferWriter() {}

    private static HeaderExtensionMap extensions() {
        HeaderExtensionMap map = new HeaderExtensionMap();
        map.add(HeaderExtension.ABS_SEND_TIME, ABS_SEND_TIME_ID);
        map.add(HeaderExtension.TRANSPORT_SEQUENCE, TRANSPORT_SEQUENCE_ID);
        map.add(HeaderExtension.MID, MID_ID);
        map.add(HeaderExtension.RID, RID_ID);
        map.add(HeaderExtension.REPAIRED_RID, REPAIRED_RID_ID);
        return map;
    }

    static String write(
            List<PeerSection> sections, IceCredentials credentials, Fingerprint fingerprint, String setup, int version) {
        StringBuilder sdp = new StringBuilder("v=0\r\n")
                .append("o=- 4611731400430051336 ").append(version).append(" IN IP4 127.0.0.1\r\n")
                .append("s=-\r\nt=0 0\r\na=group:BUNDLE ")
                .append(sections.stream().map(PeerSection::mid).collect(Collectors.joining(" ")))
                .append("\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n");
        for (PeerSection section : sections) {
            writeSection(sdp, section, credentials, fingerprint, setup);
        }
        return sdp.toString();
    }

    private static void writeSection(
            StringBuilder sdp, PeerSection section, IceCredentials credentials, Fingerprint fingerprint, String setup) {
        PeerCodec codec = section.codec();
        SentTrack track = section.track();
        String kind = codec.kind().name().toLowerCase(java.util.Locale.ROOT);
        sdp.append("m=").append(kind).append(" 9 UDP/TLS/RTP/SAVPF ").append(codec.payloadType());
        if (codec.rtxPayloadType() >= 0) {
            sdp.append(' ').append(codec.rtxPayloadType());
        }
        sdp.append("\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\na=ice-ufrag:").append(credentials.ufrag())
                .append("\r\na=ice-pwd:").append(credentials.password())
                .append("\r\na=ice-options:trickle\r\na=fingerprint:").append(fingerprint.format())
                .append("\r\na=setup:").append(setup)
                .append("\r\na=mid:").append(section.mid()).append("\r\n");
        for (HeaderExtension extension : OFFERED) {
            if (extension.appliesTo(codec.kind())) {
                sdp.append("a=extmap:").append(EXTENSIONS.id(extension)).append(' ').append(extension.uri()).append("\r\n");
            }
        }
        String direction = !section.active() ? "inactive" : track != null ? "sendonly" : "recvonly";
        sdp.append("a=").append(direction).append("\r\na=rtcp-mux\r\na=rtcp-rsize\r\n");
        codec.describe(sdp);
        if (track != null && section.active()) {
            describeStreams(sdp, track);
        }
    }

    private static void describeStreams(StringBuilder sdp, SentTrack track) {
        sdp.append("a=msid:- track-").append(track.mid()).append("\r\n");
        if (track.simulcast()) {
            for (SentStream stream : track.streams()) {
                sdp.append("a=rid:").append(stream.rid()).append(" send\r\n");
            }
            sdp.append("a=simulcast:send ")
                    .append(track.streams().stream().map(s -> String.valueOf(s.rid())).collect(Collectors.joining(";")))
                    .append("\r\n");
            return;
        }
        SentStream stream = track.streams().getFirst();
        if (stream.codec().rtxPayloadType() >= 0) {
            sdp.append("a=ssrc-group:FID ").append(Integer.toUnsignedString(stream.ssrc())).append(' ')
                    .append(Integer.toUnsignedString(stream.rtxSsrc())).append("\r\n");
            sdp.append("a=ssrc:").append(Integer.toUnsignedString(stream.rtxSsrc())).append(" cname:synthetic\r\n");
        }
        sdp.append("a=ssrc:").append(Integer.toUnsignedString(stream.ssrc())).append(" cname:synthetic\r\n");
    }
}
