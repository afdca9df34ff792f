package dev.sfu.core.sdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SdpReaderTest {
    private static final String HEAD = "v=0\no=- 1 2 IN IP4 127.0.0.1\ns=-\nt=0 0\n";
    private static final String VIDEO = HEAD + "m=video 9 UDP/TLS/RTP/SAVPF 96 97\n";

    private static MediaSection video(String lines) throws SdpException {
        return SdpReader.read(VIDEO + lines).media().get(0);
    }

    private static String message(String text) {
        return Objects.requireNonNull(assertThrows(SdpException.class, () -> SdpReader.read(text)).getMessage());
    }

    @Test
    void collectsTheLinesOfAPayloadTypeInAnyOrder() throws SdpException {
        MediaSection section = video("""
                a=rtcp-fb:* nack
                a=fmtp:97 apt=96
                a=rtcp-fb:96 nack pli
                a=rtpmap:97 rtx/90000
                a=fmtp:96 a=1; b
                a=fmtp:96 c=2
                a=rtpmap:96 VP8/90000
                a=fmtp:99 x=1
                """);
        assertEquals(List.of(96, 97), section.codecs().stream().map(RtpCodec::payloadType).toList());
        assertEquals(List.of("nack pli", "nack"), section.codecs().get(0).rtcpFeedback());
        assertEquals("a=1; b;c=2", section.codecs().get(0).fmtp().text());
        assertEquals("2", section.codecs().get(0).fmtp().get("C"));
        assertEquals(96, section.codecs().get(1).associatedPayloadType());
        assertEquals("99 x=1", section.attribute("fmtp"), "of a payload type the section does not have");
    }

    @Test
    void knowsStaticPayloadTypesWithoutRtpmap() throws SdpException {
        MediaSection section = SdpReader.read(HEAD + "m=audio 9 RTP/AVP 0 8 96\n").media().get(0);
        assertEquals(List.of("PCMU", "PCMA"), section.codecs().stream().map(RtpCodec::name).toList());
        assertEquals(List.of("0", "8", "96"), section.formats());
        assertEquals(section, SdpReader.read(SdpWriter.write(SdpReader.read(HEAD + "m=audio 9 RTP/AVP 0 8 96\n")))
                .media().get(0));
    }

    @Test
    void keepsWhatItDoesNotKnow() throws SdpException {
        SdpSession session = SdpReader.read(HEAD + "a=identity:abc==\na=tool:x y\na=flag\nm=x 0 A/B c\na=content:main\n"
                + "a=candidate:1 1 ssltcp 1 192.0.2.1 443 typ host\na=ssrc:7 label:z\na=ptime:2.5\n");
        assertEquals("abc==", session.attribute("identity"));
        assertEquals("", session.attribute("flag"));
        assertNull(session.attribute("absent"));
        MediaSection section = session.media().get(0);
        assertEquals("main", section.attribute("content"));
        assertEquals("2.5", section.attribute("ptime"));
        assertEquals("7 label:z", section.attribute("ssrc"));
        assertTrue(section.isRejected());
        assertTrue(section.candidates().isEmpty());
        assertEquals(session, SdpReader.read(SdpWriter.write(session)));
    }

    @Test
    void readsRidRestrictionsAndSimulcastAlternatives() throws SdpException {
        MediaSection section = video("""
                a=rid:a send pt=96,97;max-width=640;max-fps=15
                a=rid:b-1_c recv
                a=simulcast:send a,~x;y recv b-1_c
                """);
        assertEquals(new Rid("a", true, List.of(96, 97), List.of("max-width=640", "max-fps=15")),
                section.rids().get(0));
        Simulcast simulcast = Objects.requireNonNull(section.simulcast());
        assertEquals(new Simulcast.Format("x", true), simulcast.send().get(0).get(1));
        assertEquals("send a,~x;y recv b-1_c", simulcast.format());
    }

    @Test
    void readsLimitsOfBandwidthAndPacketTime() throws SdpException {
        MediaSection section = video("b=AS:500\nb=TIAS:400000\na=ptime:20\na=maxptime:60\n");
        assertEquals(List.of(new MediaSection.Bandwidth("AS", 500), new MediaSection.Bandwidth("TIAS", 400_000)),
                section.bandwidths());
        assertEquals(20, section.ptime());
        assertEquals(60, section.maxptime());
    }

    @Test
    void inheritsDirectionAndConnectionFromTheSession() throws SdpException {
        SdpSession session = SdpReader.read(HEAD + "c=IN IP6 2001:db8::1\na=recvonly\nm=audio 9 RTP/AVP 0\n"
                + "m=audio 9 RTP/AVP 0\nc=IN IP4 192.0.2.1/127\na=inactive\n");
        assertEquals(Direction.RECVONLY, session.media().get(0).direction());
        assertEquals("2001:db8::1", session.media().get(0).connectionAddress());
        assertEquals(Direction.INACTIVE, session.media().get(1).direction());
        assertEquals("192.0.2.1", session.media().get(1).connectionAddress());
    }

    @Test
    void aSectionsTransportReplacesTheSessions() throws SdpException {
        String pwd = "0123456789012345678901";
        SdpSession session = SdpReader.read(HEAD + "a=ice-ufrag:sess\na=ice-pwd:" + pwd + "\na=setup:actpass\n"
                + "m=audio 9 RTP/AVP 0\nm=audio 9 RTP/AVP 0\na=ice-ufrag:sect\na=setup:active\n");
        assertEquals("sess", session.transportOf(session.media().get(0)).iceUfrag());
        TransportAttributes own = session.transportOf(session.media().get(1));
        assertEquals("sect", own.iceUfrag());
        assertNull(own.icePwd(), "half of the credentials is not completed from elsewhere");
        assertEquals(Setup.ACTIVE, own.setup());
        assertFalse(session.transportOf(session.media().get(0)).toString().contains(pwd));
    }

    @Test
    void keepsSessionIdsOfAll64Bits() throws SdpException {
        String text = "v=0\no=- 18446744073709551615 18446744073709551614 IN IP4 127.0.0.1\ns=-\nt=0 0\n";
        assertEquals(-1, SdpReader.read(text).origin().sessionId());
        assertEquals(text.replace("\n", "\r\n"), SdpWriter.write(SdpReader.read(text)));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "a=mid:1\na=mid:2", "a=mid:", "a=mid:a b", "a=sendonly\na=recvonly", "a=ice-ufrag:abc", "a=ice-pwd:short",
        "a=ice-ufrag:a:bcd", "a=setup:both", "a=setup:active\na=setup:passive", "a=fingerprint:sha-256 00:11",
        "a=rtpmap:96", "a=rtpmap:96 VP8", "a=rtpmap:96 VP8/0", "a=rtpmap:96 VP8/90000/0", "a=rtpmap:128 VP8/90000",
        "a=rtpmap:96 VP8/90000\na=rtpmap:96 VP9/90000", "a=rtpmap:96 V P/90000", "a=fmtp:96", "a=fmtp:x y=1",
        "a=rtcp-fb:96", "a=extmap:0 urn:x", "a=extmap:256 urn:x", "a=extmap:1", "a=extmap:1/both urn:x",
        "a=extmap:1 urn:x\na=extmap:1 urn:y", "a=ssrc:1", "a=ssrc:4294967296 cname:x", "a=ssrc:-1 cname:x",
        "a=ssrc-group:FID x", "a=rid:a", "a=rid:a both", "a=rid:a send\na=rid:a send", "a=rid:a! send",
        "a=rid:a send pt=300", "a=simulcast:a;b", "a=simulcast:send a send b", "a=simulcast:send",
        "a=simulcast:send a;", "a=simulcast:send a recv", "a=candidate:1 1 udp x", "a=sctp-port:65536", "a=max-message-size:-1", "b=AS",
        "b=AS:x", "c=IN IP4", "c=IN IP5 192.0.2.1", "x=1", "a", "a=", "a=:x", "", "m=audio", "m=audio x RTP/AVP 0",
        "m=audio 65536 RTP/AVP 0", "m=audio 9/2 RTP/AVP 0", "m=audio 9 RTP/AVP 0 0", "m=audio 9 RTP/AVP 00",
        "m=audio 9 RTP/AVP 128", "m=audio 9 RTP/AVP x", "m=audio 9 RTP/AVP 0 ", "v=0", "a=x\u0000y", "a=x\ry"
    })
    void refusesMalformedLinesByNumber(String lines) {
        String message = message(VIDEO + lines + "\na=end:1\n");
        int last = 5 + (int) lines.lines().count() + (lines.isEmpty() ? 1 : 0);
        assertTrue(message.startsWith("line " + (lines.contains("\ry") ? 6 : last) + ": "), message);
        assertTrue(message.contains("(expected: "), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "\r\n", "v=1\n", "v=0", "v=0\ns=-\n", "o=- 1 2 IN IP4 127.0.0.1\nv=0\ns=-\n",
        "v=0\no=- 1 2 IN IP4\ns=-\n", "v=0\no=- x 2 IN IP4 127.0.0.1\ns=-\n", "v=0\no=- 1 2 IN IP4 127.0.0.1\nt=0 0\n",
        "v=0\no=- 18446744073709551616 2 IN IP4 127.0.0.1\ns=-\n", HEAD + "\n" + "a=x", HEAD + "q=1", HEAD + "a=group:",
        HEAD + "a=group:BUNDLE 0 0", HEAD + "m=audio 9 RTP/AVP 0\na=mid:0\nm=audio 9 RTP/AVP 0\na=mid:0"
    })
    void refusesMalformedSessions(String text) {
        assertTrue(message(text).contains("(expected: "));
    }

    @Test
    void clipsAndCleansWhatItQuotes() {
        String message = message(HEAD + "a=gr\u001b[2J" + "x".repeat(5000));
        assertTrue(message.length() < 200, message);
        assertTrue(message.chars().allMatch(c -> c >= 0x20 && c < 0x7f), message);
        assertFalse(message(VIDEO + "a=ice-pwd:hunter2\n").contains("hunter2"));
    }

    @Test
    void refusesTextOverTheLimits() {
        assertTrue(message("a".repeat((1 << 20) + 1)).contains("1048577 characters"));
        message(HEAD + "a=x\n".repeat(20_000));
        message(HEAD + "a=" + "x".repeat(9000));
        message(HEAD + "m=audio 9 RTP/AVP 0\n".repeat(257));
        message(HEAD + "a=group:LS 0\n".repeat(65));
        StringBuilder formats = new StringBuilder(HEAD + "m=application 9 X");
        for (int i = 0; i < 129; i++) {
            formats.append(' ').append(i);
        }
        message(formats.toString());
        StringBuilder lines = new StringBuilder(VIDEO);
        for (int i = 0; i < 40; i++) {
            lines.append("a=rtcp-fb:96 x").append(i).append('\n');
        }
        message(lines.toString());
        message(VIDEO + "a=fmtp:96 x=1111111111\n".repeat(400));
    }

    @Test
    void keepsTheFirst64Candidates() throws SdpException {
        StringBuilder lines = new StringBuilder();
        for (int i = 1; i <= 80; i++) {
            lines.append("a=candidate:").append(i).append(" 1 udp 5 192.0.2.1 9 typ host\n");
        }
        MediaSection section = video(lines.toString());
        assertEquals(64, section.candidates().size());
        assertEquals("64", section.candidates().get(63).foundation());
    }

    @Test
    void mutatedOffersAreReadOrRefused() {
        long seed = 20_261_120L;
        Random random = new Random(seed);
        int refused = 0;
        int rounds = 4000;
        for (int round = 0; round < rounds; round++) {
            String text = mutate(SdpFiles.text(SdpFiles.NAMES.get(random.nextInt(SdpFiles.NAMES.size()))), random);
            try {
                SdpSession session = SdpReader.read(text);
                String written = SdpWriter.write(session);
                assertEquals(session, SdpReader.read(written), () -> "seed " + seed + ": " + text);
                for (MediaSection section : session.media()) {
                    CodecMatcher.answer(section.codecs(), SupportedCodecs.video());
                    CodecMatcher.answer(section.codecs(), SupportedCodecs.audio());
                }
            } catch (SdpException expected) {
                assertTrue(String.valueOf(expected.getMessage()).contains("(expected: "));
                refused++;
            }
        }
        assertTrue(refused > rounds / 10 && refused < rounds, "refused " + refused);
    }

    /** A few cuts, doubled lines, swapped words and odd characters, in a text cut short to keep this quick. */
    private static String mutate(String text, Random random) {
        int keep = Math.min(text.length(), 400 + random.nextInt(6000));
        StringBuilder mutated = new StringBuilder(text.substring(0, keep));
        String odd = "\u0000\r\n\n\n  ::/;;=,~-*0919\uD800\u00e9az";
        int edits = 1 + random.nextInt(4);
        for (int i = 0; i < edits; i++) {
            int at = 60 + random.nextInt(mutated.length() - 60);
            int to = Math.min(mutated.length(), at + 1 + random.nextInt(12));
            switch (random.nextInt(4)) {
                case 0 -> mutated.delete(at, to);
                case 1 -> mutated.insert(at, mutated.substring(at, to));
                case 2 -> mutated.setCharAt(at, odd.charAt(random.nextInt(odd.length())));
                default -> mutated.insert(at, odd.charAt(random.nextInt(odd.length())));
            }
        }
        return mutated.toString();
    }
}
