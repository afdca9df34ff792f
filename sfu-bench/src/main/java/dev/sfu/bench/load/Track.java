package dev.sfu.bench.load;

import dev.sfu.bench.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One m-section of a peer: something that is sent, in one or several encodings, or received.
 *
 * @param codec encoding name as in SDP
 * @param streams the encodings that are sent, as indices into the trace; for what is received it does not matter
 * @param rids their simulcast identifiers, or empty
 */
public record Track(String codec, List<Integer> streams, List<String> rids) {
    /** Copies the lists. */
    public Track {
        streams = List.copyOf(streams);
        rids = List.copyOf(rids);
    }

    /** The tracks that a trace's streams make. */
    public static List<Track> of(Trace trace) {
        List<Track> tracks = new ArrayList<>();
        List<Integer> streams = new ArrayList<>();
        List<String> rids = new ArrayList<>();
        for (int i = 0; i < trace.streams().size(); i++) {
            Trace.Stream stream = trace.streams().get(i);
            String rid = stream.rid();
            if (!streams.isEmpty() && (rid == null || rids.isEmpty() || rids.contains(rid))) {
                tracks.add(new Track(trace.streams().get(i - 1).codec(), streams, rids));
                streams.clear();
                rids.clear();
            }
            streams.add(i);
            if (rid != null) {
                rids.add(rid);
            }
        }
        tracks.add(new Track(trace.streams().getLast().codec(), streams, rids));
        return List.copyOf(tracks);
    }

    String kind() {
        return codec.equalsIgnoreCase("opus") ? "audio" : "video";
    }

    int payloadType() {
        return switch (codec.toUpperCase(Locale.ROOT)) {
            case "OPUS" -> 111;
            case "VP8" -> 96;
            case "VP9" -> 98;
            case "H264" -> 102;
            case "AV1" -> 45;
            default -> throw new IllegalArgumentException(
                    "codec: " + codec + " (expected: opus, VP8, VP9, H264 or AV1)");
        };
    }

    /** The payload type of retransmissions, or -1. */
    int rtxPayloadType() {
        return kind().equals("audio") ? -1 : payloadType() + 1;
    }

    void describeCodec(StringBuilder sdp) {
        int type = payloadType();
        if (rtxPayloadType() < 0) {
            sdp.append("a=rtpmap:").append(type).append(" opus/48000/2\r\na=rtcp-fb:").append(type)
                    .append(" transport-cc\r\na=fmtp:").append(type)
                    .append(" minptime=10;useinbandfec=1;usedtx=1\r\n");
            return;
        }
        sdp.append("a=rtpmap:").append(type).append(' ').append(codec).append("/90000\r\n");
        for (String feedback : List.of("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")) {
            sdp.append("a=rtcp-fb:").append(type).append(' ').append(feedback).append("\r\n");
        }
        String parameters = switch (codec.toUpperCase(Locale.ROOT)) {
            case "H264" -> "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";
            case "VP9" -> "profile-id=0";
            default -> "";
        };
        if (!parameters.isEmpty()) {
            sdp.append("a=fmtp:").append(type).append(' ').append(parameters).append("\r\n");
        }
        sdp.append("a=rtpmap:").append(rtxPayloadType()).append(" rtx/90000\r\na=fmtp:").append(rtxPayloadType())
                .append(" apt=").append(type).append("\r\n");
    }
}
