package dev.sfu.core.sdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BrowserOffersTest {
    static List<String> names() {
        return SdpFiles.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void whatIsReadAndWrittenReadsTheSame(String name) throws SdpException {
        SdpSession session = SdpFiles.read(name);
        String written = SdpWriter.write(session);
        assertEquals(session, SdpReader.read(written));
        assertEquals(written, SdpWriter.write(SdpReader.read(written)));
    }

    @ParameterizedTest
    @MethodSource("names")
    void lineEndsDoNotMatter(String name) throws SdpException {
        String text = SdpFiles.text(name);
        assertFalse(text.contains("\r"));
        assertEquals(SdpReader.read(text), SdpReader.read(text.replace("\n", "\r\n")));
        assertEquals(SdpReader.read(text), SdpReader.read(text.stripTrailing()));
    }

    /** Nothing a browser says is lost: every attribute line comes back, but for those the model normalises. */
    @ParameterizedTest
    @MethodSource("names")
    void noAttributeIsLost(String name) throws SdpException {
        Set<String> lost = attributes(SdpFiles.text(name));
        lost.removeAll(attributes(SdpWriter.write(SdpFiles.read(name))));
        lost.removeIf(line -> line.startsWith("a=candidate:") || line.equals("a=sendrecv")
                || line.equals("a=rtpmap:9 G722/8000/1"));
        assertEquals(Set.of(), lost);
    }

    private static Set<String> attributes(String text) {
        Set<String> lines = new TreeSet<>();
        text.lines().filter(line -> line.startsWith("a=") || line.startsWith("m=")).forEach(lines::add);
        return lines;
    }

    @Test
    void readsChromiumsPublishingOffer() throws SdpException {
        SdpSession session = SdpFiles.read("chromium-publish");
        assertEquals(new SdpSession.Group("BUNDLE", List.of("0", "1", "2")), session.bundle());
        assertTrue(session.extmapAllowMixed());
        assertEquals(2, session.origin().version());
        MediaSection audio = session.media().get(0);
        assertEquals("audio", audio.kind());
        assertEquals(Direction.SENDONLY, audio.direction());
        assertEquals(new RtpCodec(111, "opus", 48000, 2, new FormatParameters("minptime=10;useinbandfec=1"),
                List.of("transport-cc")), audio.codecs().get(0));
        assertEquals(1, audio.ssrcs().size());
        assertEquals("all", Objects.requireNonNull(audio.attribute("rtcp-xr")).substring("rcvr-rtt=".length()));
        TransportAttributes transport = session.transportOf(audio);
        assertEquals(Setup.ACTPASS, transport.setup());
        assertEquals(List.of("trickle"), transport.iceOptions());
        assertEquals("sha-256", transport.fingerprints().get(0).algorithm());
        assertEquals(4, audio.candidates().size());
        assertEquals(TcpCandidateType.ACTIVE, audio.candidates().get(2).tcpType());

        MediaSection video = Objects.requireNonNull(session.section("1"));
        assertEquals("FID", video.ssrcGroups().get(0).semantics());
        assertEquals(video.ssrcs().stream().map(MediaSection.Ssrc::ssrc).toList(),
                video.ssrcGroups().get(0).ssrcs());
        assertEquals(video.msids().get(0), video.ssrcs().get(1).msid());
        assertTrue(video.rtcpMux() && video.rtcpRsize());

        MediaSection data = session.media().get(2);
        assertFalse(data.isRtp());
        assertEquals(List.of("webrtc-datachannel"), data.formats());
        assertEquals(5000, data.sctpPort());
        assertEquals(262144, data.maxMessageSize());
    }

    @Test
    void readsSimulcastOfBothBrowsers() throws SdpException {
        for (String name : List.of("chromium-room", "firefox-room")) {
            SdpSession session = SdpFiles.read(name);
            assertEquals(11, session.media().size(), name);
            MediaSection video = session.media().get(1);
            assertEquals(List.of("q", "h", "f"), video.rids().stream().map(Rid::id).toList(), name);
            assertTrue(video.rids().stream().allMatch(Rid::send), name);
            Simulcast simulcast = Objects.requireNonNull(video.simulcast());
            assertEquals(3, simulcast.send().size(), name);
            assertEquals("recv q;h;f", Objects.requireNonNull(simulcast.answer(Set.of("q", "h", "f"))).format());
            assertFalse(video.isRejected(), name + ": bundle-only sections have port 0");
        }
    }

    @Test
    void sectionsInheritFromFirefoxsSession() throws SdpException {
        SdpSession session = SdpFiles.read("firefox-room");
        MediaSection bundleOnly = session.media().get(2);
        assertEquals(0, bundleOnly.port());
        assertTrue(bundleOnly.bundleOnly());
        assertTrue(bundleOnly.transport().fingerprints().isEmpty());
        assertEquals(Setup.ACTPASS, session.transportOf(bundleOnly).setup());
        assertEquals(1, session.transportOf(bundleOnly).fingerprints().size());
        assertEquals(List.of("trickle"), session.transportOf(bundleOnly).iceOptions());
        assertTrue(session.extmapAllowMixed(bundleOnly));
        assertFalse(session.extmapAllowMixed());
        assertFalse(session.media().get(0).candidates().get(0).hasIpAddress(), "mDNS names");
        assertEquals(Direction.RECVONLY, session.media().get(0).headerExtensions().get(1).direction());
    }

    @Test
    void answersEveryMediaSectionOfEveryBrowser() throws SdpException {
        for (String name : SdpFiles.names()) {
            for (MediaSection section : SdpFiles.read(name).media()) {
                if (!section.isRtp()) {
                    continue;
                }
                List<RtpCodec> supported =
                        section.kind().equals("audio") ? SupportedCodecs.audio() : SupportedCodecs.video();
                List<RtpCodec> answered = CodecMatcher.answer(section.codecs(), supported);
                assertEquals(section.codecs().get(0).payloadType(), answered.get(0).payloadType(), name);
                List<Integer> order = new ArrayList<>(section.codecs().stream().map(RtpCodec::payloadType).toList());
                order.retainAll(answered.stream().map(RtpCodec::payloadType).toList());
                assertEquals(order, answered.stream().map(RtpCodec::payloadType).toList(), name + " keeps the order");
                for (RtpCodec codec : answered) {
                    assertNotNull(section.codec(codec.payloadType()), name);
                    assertFalse(Set.of("ulpfec", "flexfec-03", "cn", "g722").contains(codec.key()), name);
                }
            }
        }
    }

    @Test
    void picksChromiumsCodecs() throws SdpException {
        SdpSession session = SdpFiles.read("chromium-publish");
        List<RtpCodec> audio = CodecMatcher.answer(session.media().get(0).codecs(), SupportedCodecs.audio());
        assertEquals(List.of(111, 63, 0, 8, 110, 126), audio.stream().map(RtpCodec::payloadType).toList());
        assertEquals("minptime=10;useinbandfec=1", audio.get(0).fmtp().text());
        assertEquals(List.of("transport-cc"), audio.get(0).rtcpFeedback());

        List<RtpCodec> video = CodecMatcher.answer(session.media().get(1).codecs(), SupportedCodecs.video());
        assertEquals(
                List.of(96, 97, 102, 103, 104, 107, 108, 109, 114, 115, 116, 117, 39, 40, 45, 46, 98, 99, 100, 101),
                video.stream().map(RtpCodec::payloadType).toList(),
                "all but RED and ULPFEC and the retransmission of RED");
        assertEquals(List.of("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"), video.get(0).rtcpFeedback());
        assertEquals("level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f",
                video.get(2).fmtp().text());
        assertEquals(97, Objects.requireNonNull(CodecMatcher.rtxOf(96, video)).payloadType());
    }

    @Test
    void picksOnlySupportedVp9ProfilesOfAReceiver() throws SdpException {
        MediaSection video = SdpFiles.read("chromium-watch").media().get(1);
        List<String> profiles = CodecMatcher.answer(video.codecs(), SupportedCodecs.video()).stream()
                .filter(codec -> codec.is("VP9"))
                .map(codec -> codec.fmtp().text())
                .toList();
        assertEquals(List.of("profile-id=0", "profile-id=2"), profiles);
    }

    @Test
    void answersFirefoxWithoutItsDecoderLimits() throws SdpException {
        SdpSession session = SdpFiles.read("firefox-publish");
        List<RtpCodec> video = CodecMatcher.answer(session.media().get(1).codecs(), SupportedCodecs.video());
        assertEquals(List.of(120, 124, 121, 125, 99, 100), video.stream().map(RtpCodec::payloadType).toList());
        assertEquals("", video.get(0).fmtp().text());
        List<RtpCodec> audio = CodecMatcher.answer(session.media().get(0).codecs(), SupportedCodecs.audio());
        assertEquals("maxplaybackrate=48000;stereo=1;useinbandfec=1", audio.get(0).fmtp().text());
        assertEquals(List.of(109, 0, 8, 101), audio.stream().map(RtpCodec::payloadType).toList());
    }

    @Test
    void mapsAPublishersPayloadTypesToASubscribers() throws SdpException {
        List<RtpCodec> chromium = SdpFiles.read("chromium-publish").media().get(1).codecs();
        List<RtpCodec> firefox = SdpFiles.read("firefox-watch").media().get(1).codecs();
        for (String name : List.of("VP8", "VP9", "AV1")) {
            RtpCodec published = chromium.stream().filter(codec -> codec.is(name)).findFirst().orElseThrow();
            RtpCodec subscribed = CodecMatcher.find(published, firefox);
            assertNotNull(subscribed, name);
            assertTrue(subscribed.is(name));
        }
        RtpCodec profile2 = Objects.requireNonNull(SdpFiles.read("chromium-publish").media().get(1).codec(100));
        assertNull(CodecMatcher.find(profile2, firefox), "Firefox has VP9 profile 0 only");
    }
}
