package dev.sfu.core.sdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodecMatcherTest {
    private static RtpCodec codec(int payloadType, String encoding, String fmtp, String... feedback)
            throws SdpException {
        return RtpCodec.parse(payloadType, encoding)
                .withFmtp(new FormatParameters(fmtp))
                .withRtcpFeedback(List.of(feedback));
    }

    private static List<Integer> numbers(List<RtpCodec> codecs) {
        return codecs.stream().map(RtpCodec::payloadType).toList();
    }

    private static RtpCodec h264(String profileLevelId) throws SdpException {
        return codec(102, "H264/90000", profileLevelId.isEmpty()
                ? "packetization-mode=1" : "packetization-mode=1;profile-level-id=" + profileLevelId);
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {
        "42e01f, CONSTRAINED_BASELINE",
        "42C01f, CONSTRAINED_BASELINE",
        "42f00b, CONSTRAINED_BASELINE",
        "4d801f, CONSTRAINED_BASELINE",
        "58c01f, CONSTRAINED_BASELINE",
        "42001f, BASELINE",
        "42a01f, BASELINE",
        "58801f, BASELINE",
        "4d001f, MAIN",
        "4d401f, MAIN",
        "58001f, EXTENDED",
        "64001f, HIGH",
        "640c1f, CONSTRAINED_HIGH",
        "6e001f, -",
        "f4001f, -",
        "xyzxyz, -",
        "42e0, -"
    })
    void tellsH264ProfilesByTable5OfRfc6184(String profileLevelId, H264Profile.Profile profile) {
        H264Profile read = H264Profile.of(new FormatParameters("profile-level-id=" + profileLevelId));
        assertEquals(profile, read == null ? null : read.profile());
    }

    @Test
    void comparesH264ByProfileAndPacketizationMode() throws SdpException {
        assertTrue(CodecMatcher.sameCodec(h264("42e01f"), h264("42c034")));
        assertTrue(CodecMatcher.sameCodec(h264(""), h264("42001f")), "nothing said is baseline, level 1");
        assertTrue(!CodecMatcher.sameCodec(h264("42e01f"), h264("42001f")));
        assertTrue(!CodecMatcher.sameCodec(h264("42e01f"), h264("64001f")));
        assertTrue(!CodecMatcher.sameCodec(h264("6e001f"), h264("6e001f")), "unknown profiles match nothing");
        assertTrue(!CodecMatcher.sameCodec(h264("42e01f"),
                codec(1, "H264/90000", "profile-level-id=42e01f;packetization-mode=0")));
        assertTrue(CodecMatcher.sameCodec(codec(1, "h264/90000", "profile-level-id=42e01f"),
                codec(2, "H264/90000", "packetization-mode=0;profile-level-id=42e01f")));
    }

    @ParameterizedTest
    @CsvSource({
        "42e034, 42e01f, 42e01f",
        "42e01f, 42e034, 42e01f",
        "42f00b, 42e00b, 42f00b",
        "42e00a, 42f00b, 42e00a",
        "640034, 640009, 640009"
    })
    void answersTheLowerH264Level(String offered, String supported, String answered) throws SdpException {
        List<RtpCodec> answer = CodecMatcher.answer(List.of(h264(offered)), List.of(h264(supported)));
        assertEquals(answered, answer.get(0).fmtp().get("profile-level-id"));
        assertEquals("1", answer.get(0).fmtp().get("packetization-mode"));
    }

    @Test
    void allowsAsymmetricLevelsOnlyWhenBothDo() throws SdpException {
        String asymmetric = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";
        RtpCodec offer = codec(102, "H264/90000", asymmetric + ";sprop-parameter-sets=Z0LgH9oB,aM4G4g==");
        assertEquals(asymmetric, CodecMatcher.answer(List.of(offer), SupportedCodecs.video()).get(0).fmtp().text());
        assertNull(CodecMatcher.answer(List.of(offer), List.of(h264("42e01f"))).get(0).fmtp()
                .get("level-asymmetry-allowed"));
    }

    @Test
    void comparesProfilesOfVp9AndAv1() throws SdpException {
        RtpCodec vp9 = codec(98, "VP9/90000", "");
        assertTrue(CodecMatcher.sameCodec(vp9, codec(1, "vp9/90000", "profile-id=0")));
        assertTrue(!CodecMatcher.sameCodec(vp9, codec(1, "VP9/90000", "profile-id=2")));
        RtpCodec av1 = codec(45, "AV1/90000", "level-idx=5;profile=0;tier=0");
        assertTrue(CodecMatcher.sameCodec(av1, codec(1, "AV1/90000", "")));
        assertTrue(!CodecMatcher.sameCodec(av1, codec(1, "AV1/90000", "profile=1")));
        assertTrue(!CodecMatcher.sameCodec(vp9, av1));
        assertTrue(!CodecMatcher.sameCodec(codec(1, "opus/48000/2", ""), codec(1, "opus/48000", "")));
    }

    @Test
    void dropsRetransmissionWithItsPrimary() throws SdpException {
        List<RtpCodec> offered = List.of(codec(97, "rtx/90000", "apt=96"), codec(49, "rtx/90000", "apt=48"),
                codec(50, "rtx/90000", ""), codec(48, "H265/90000", ""), codec(96, "VP8/90000", ""),
                codec(118, "red/90000", ""), codec(119, "rtx/90000", "apt=118"), codec(120, "ulpfec/90000", ""),
                codec(35, "flexfec-03/90000", "repair-window=10000000"));
        assertEquals(List.of(97, 96), numbers(CodecMatcher.answer(offered, SupportedCodecs.video())));
    }

    @Test
    void keepsRedOnlyOfKeptOpus() throws SdpException {
        RtpCodec opus = codec(111, "opus/48000/2", "");
        RtpCodec red = codec(63, "red/48000/2", "111/111");
        assertEquals(List.of(63, 111), numbers(CodecMatcher.answer(List.of(red, opus), SupportedCodecs.audio())));
        assertEquals(List.of(0), numbers(CodecMatcher.answer(List.of(red, codec(0, "PCMU/8000", "")),
                SupportedCodecs.audio())));
        assertEquals(List.of(111), numbers(CodecMatcher.answer(
                List.of(opus, codec(63, "red/48000/2", "111/0"), codec(64, "red/48000/2", "")),
                SupportedCodecs.audio())));
    }

    @Test
    void keepsTelephoneEventsAtTheClockOfAKeptCodec() throws SdpException {
        List<RtpCodec> offered = List.of(codec(110, "telephone-event/48000", "0-16"),
                codec(126, "telephone-event/8000", "0-15"), codec(13, "CN/8000", ""), codec(8, "PCMA/8000", ""));
        List<RtpCodec> answered = CodecMatcher.answer(offered, SupportedCodecs.audio());
        assertEquals(List.of(126, 8), numbers(answered));
        assertEquals("0-15", answered.get(0).fmtp().text());
    }

    @Test
    void answersNothingWhenOnlyHelpersMatch() throws SdpException {
        List<RtpCodec> offered = List.of(codec(9, "G722/8000", ""), codec(126, "telephone-event/8000", ""));
        assertEquals(List.of(), CodecMatcher.answer(offered, SupportedCodecs.audio()));
    }

    @Test
    void keepsFeedbackBothSidesKnowInTheOffersOrder() throws SdpException {
        RtpCodec offer = codec(96, "VP8/90000", "", "nack pli", "ccm fir", "ccm tmmbr", "nack", "rrtr", "goog-remb");
        assertEquals(List.of("nack pli", "ccm fir", "nack", "rrtr", "goog-remb"),
                CodecMatcher.answer(List.of(offer), SupportedCodecs.video()).get(0).rtcpFeedback());
    }

    @Test
    void ownOfferUsesEachPayloadTypeOnceAndNoneOfRtcp() {
        Set<Integer> seen = new HashSet<>();
        for (RtpCodec codec : SupportedCodecs.video()) {
            int number = codec.payloadType();
            assertTrue(seen.add(number), codec.toString());
            assertTrue((number >= 35 && number < 64) || (number >= 96 && number < 128), codec.toString());
        }
        assertEquals(numbers(SupportedCodecs.video()),
                numbers(CodecMatcher.answer(SupportedCodecs.video(), SupportedCodecs.video())));
        assertEquals(numbers(SupportedCodecs.audio()),
                numbers(CodecMatcher.answer(SupportedCodecs.audio(), SupportedCodecs.audio())));
    }

    /** Two ways to report the same packets would be one too many. */
    @Test
    void keepsOneKindOfCongestionControlFeedback() throws SdpException {
        RtpCodec both = codec(96, "VP8/90000", "", "ack ccfb", "transport-cc", "nack");
        RtpCodec one = codec(97, "VP8/90000", "", "ack ccfb", "nack");
        List<RtpCodec> answered = CodecMatcher.answer(List.of(both, one), SupportedCodecs.video());
        assertEquals(List.of("transport-cc", "nack"), answered.get(0).rtcpFeedback());
        assertEquals(List.of("ack ccfb", "nack"), answered.get(1).rtcpFeedback());
    }

    @Test
    void answersHeaderExtensionsUnderTheOffersNumbers() {
        List<HeaderExtension> offered = List.of(
                new HeaderExtension(4, "urn:mid"),
                new HeaderExtension(2, "urn:level", Direction.SENDONLY, null),
                new HeaderExtension(3, "urn:csrc", Direction.RECVONLY, "vad=on"),
                new HeaderExtension(5, "urn:off", Direction.INACTIVE, null),
                new HeaderExtension(6, "urn:unknown"),
                new HeaderExtension(7, "urn:mid"),
                new HeaderExtension(4096, "urn:late"));
        assertEquals(
                List.of(new HeaderExtension(4, "urn:mid"),
                        new HeaderExtension(2, "urn:level", Direction.RECVONLY, null),
                        new HeaderExtension(3, "urn:csrc", Direction.SENDONLY, null)),
                HeaderExtension.answer(offered, Set.of("urn:mid", "urn:level", "urn:csrc", "urn:off", "urn:late")));
    }

    @Test
    void answersRidsAndSimulcastFromTheOtherSide() throws SdpException {
        Rid limited = Rid.parse("q send pt=96,102;max-width=320");
        assertEquals("q recv pt=96;max-width=320",
                Objects.requireNonNull(limited.answer(Set.of(96, 97))).format());
        assertNull(limited.answer(Set.of(97)));
        Simulcast offered = Simulcast.parse("send q,x;~h;f recv z");
        assertEquals("recv q;~h", Objects.requireNonNull(offered.answer(Set.of("q", "h"))).format());
        assertNull(offered.answer(Set.of()));
    }
}
