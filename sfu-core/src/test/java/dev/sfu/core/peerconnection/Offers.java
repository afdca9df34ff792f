package dev.sfu.core.peerconnection;

import dev.sfu.core.sdp.SdpException;
import dev.sfu.core.sdp.SdpReader;
import dev.sfu.core.sdp.SdpSession;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Offers that browsers wrote, and small ones put together of sections. */
public final class Offers {
    static final List<String> NAMES = List.of("chromium-publish", "chromium-room", "chromium-sendrecv",
            "chromium-watch", "firefox-publish", "firefox-room", "firefox-sendrecv", "firefox-watch",
            "aiortc-publish");

    private static final String FINGERPRINT = "AB:".repeat(31) + "AB";

    /** All supported extensions that the demuxer and the senders care about, audio and video. */
    private static final String EXTENSIONS = """
            a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
            a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
            a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid
            """;

    private Offers() {}

    static String text(String name) {
        try (InputStream in = SdpSession.class.getResourceAsStream(name + ".sdp")) {
            if (in == null) {
                throw new IllegalArgumentException(name + " (expected: one of " + NAMES + ")");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Parses what has to be well-formed. */
    public static SdpSession read(String text) {
        try {
            return SdpReader.read(text);
        } catch (SdpException e) {
            throw new AssertionError(text, e);
        }
    }

    /** An audio section with Opus (111) and telephone-event (126). */
    public static String audio(String mid, String direction) {
        return """
                m=audio 9 UDP/TLS/RTP/SAVPF 111 126
                c=IN IP4 0.0.0.0
                a=mid:%s
                a=%s
                a=rtcp-mux
                a=rtcp-rsize
                a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level
                %sa=rtpmap:111 opus/48000/2
                a=rtcp-fb:111 transport-cc
                a=fmtp:111 minptime=10;useinbandfec=1
                a=rtpmap:126 telephone-event/8000
                """.formatted(mid, direction, EXTENSIONS);
    }

    /** A video section with VP8 (96) and its RTX (97). */
    public static String video(String mid, String direction) {
        return video(mid, direction, "VP8/90000", "");
    }

    /** A video section with one codec (96), its RTX (97) and more lines. */
    public static String video(String mid, String direction, String codec, String more) {
        return """
                m=video 9 UDP/TLS/RTP/SAVPF 96 97
                c=IN IP4 0.0.0.0
                a=mid:%s
                a=%s
                a=rtcp-mux
                a=rtcp-rsize
                a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
                a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
                a=extmap:13 urn:3gpp:video-orientation
                %sa=rtpmap:96 %s
                a=rtcp-fb:96 ccm fir
                a=rtcp-fb:96 nack
                a=rtcp-fb:96 nack pli
                a=rtcp-fb:96 transport-cc
                a=rtpmap:97 rtx/90000
                a=fmtp:97 apt=96
                %s""".formatted(mid, direction, EXTENSIONS, codec, more);
    }

    /** A data channel section. */
    static String dataChannel(String mid) {
        return """
                m=application 9 UDP/DTLS/SCTP webrtc-datachannel
                c=IN IP4 0.0.0.0
                a=mid:%s
                a=sctp-port:5000
                """.formatted(mid);
    }

    /** All sections in one bundle, transport attributes at the session level. */
    public static String offer(String... sections) {
        return offer("ufra", "p".repeat(22), FINGERPRINT, sections);
    }

    public static String offer(String ufrag, String password, String fingerprint, String... sections) {
        List<String> mids = new ArrayList<>();
        for (String section : sections) {
            mids.add(section.lines().filter(line -> line.startsWith("a=mid:")).map(line -> line.substring(6))
                    .collect(Collectors.joining()));
        }
        return """
                v=0
                o=- 1 2 IN IP4 127.0.0.1
                s=-
                t=0 0
                a=group:BUNDLE %s
                a=extmap-allow-mixed
                a=ice-ufrag:%s
                a=ice-pwd:%s
                a=fingerprint:sha-256 %s
                a=setup:actpass
                %s""".formatted(String.join(" ", mids), ufrag, password, fingerprint, String.join("", sections));
    }
}
