package dev.sfu.core.peerconnection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.PublishLimits;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.sdp.Direction;
import dev.sfu.core.sdp.MediaSection;
import dev.sfu.core.sdp.RtpCodec;
import dev.sfu.core.sdp.SdpException;
import dev.sfu.core.sdp.SdpReader;
import dev.sfu.core.sdp.SdpSession;
import dev.sfu.core.sdp.SdpWriter;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SessionNegotiatorTest {
    private int nextSsrc = 1;
    private final SessionNegotiator negotiator = negotiator(true, true);

    private SessionNegotiator negotiator(boolean maySend, boolean mayReceive) {
        return negotiator(maySend, mayReceive, PublishLimits.NONE);
    }

    private SessionNegotiator negotiator(boolean maySend, boolean mayReceive, PublishLimits limits) {
        RtpTransport transport = new RtpTransport(
            new BufferPool(4),
            (path, datagram) -> datagram.release(),
            new SendBandwidth(EngineConfig.Bandwidth.DEFAULT, () -> {}));
        return new SessionNegotiator(
                (mid, kind) -> new RtpTransceiver(
                        mid,
                        kind,
                        new RtpReceiver(mid, kind, () -> {}),
                        new RtpSender(mid, kind, nextSsrc++, nextSsrc++, 0, transport)),
                maySend,
                mayReceive,
                "cname",
                limits,
                7);
    }

    @Test
    void saysHowMuchMayBeSentWhereSomethingIsSent() {
        SessionNegotiator limited = negotiator(true, true, new PublishLimits(500_000, 24_000, 0));
        String[] sections = {
            Offers.audio("a", "sendonly"), Offers.video("v", "sendrecv"), Offers.video("w", "recvonly")
        };
        Negotiation negotiation = apply(limited, Offers.read(Offers.offer(sections)));
        List<List<MediaSection.Bandwidth>> lines = negotiation.answer().media().stream()
                .map(MediaSection::bandwidths).toList();
        assertEquals(
                List.of(
                        List.of(new MediaSection.Bandwidth("TIAS", 24_000)),
                        List.of(new MediaSection.Bandwidth("TIAS", 500_000)),
                        List.of()),
                lines);
        String text = SdpWriter.write(negotiation.answer());
        assertTrue(text.contains("\r\nb=TIAS:500000\r\n"), text);
        assertTrue(text.contains("a=fmtp:111 minptime=10;useinbandfec=1;maxaveragebitrate=24000\r\n"), text);
        assertEquals(List.of(), apply(Offers.video("v", "sendonly")).answer().media().get(0).bandwidths());
    }

    private Negotiation apply(String... sections) {
        return apply(negotiator, Offers.read(Offers.offer(sections)));
    }

    private static Negotiation apply(SessionNegotiator negotiator, SdpSession offer) {
        Negotiation negotiation = negotiator.negotiate(offer);
        negotiator.commit(negotiation);
        return negotiation;
    }

    private EngineException refusal(String text) {
        List<String> before = state();
        EngineException refused =
                assertThrows(EngineException.class, () -> negotiator.negotiate(Offers.read(text)));
        assertEquals(before, state());
        return refused;
    }

    private List<String> state() {
        return negotiator.transceivers().stream()
                .map(t -> t.mid() + t.currentDirection() + t.slotNumber() + t.receiver().payloadTypes().all())
                .toList();
    }

    private static MediaSection section(Negotiation negotiation, String mid) {
        return Objects.requireNonNull(negotiation.answer().section(mid));
    }

    private static String streamOf(Negotiation negotiation, String mid) {
        return section(negotiation, mid).msids().get(0).streamId();
    }

    static Stream<Arguments> offersAndPermissions() {
        return Offers.NAMES.stream().flatMap(name -> Stream.of(
                Arguments.of(name, true, true), Arguments.of(name, false, true), Arguments.of(name, true, false)));
    }

    /** RFC 3264 section 6.1 and RFC 9429 section 5.3.1, for what browsers offer. */
    @ParameterizedTest
    @MethodSource("offersAndPermissions")
    void answersWhatBrowsersOffer(String name, boolean maySend, boolean mayReceive) throws SdpException {
        SdpSession offer = Offers.read(Offers.text(name));
        SessionNegotiator permitted = negotiator(maySend, mayReceive);
        SdpSession answer = apply(permitted, offer).answer();
        assertEquals(answer, SdpReader.read(SdpWriter.write(answer)));
        assertEquals(offer.media().size(), answer.media().size());
        Set<String> accepted = new HashSet<>();
        for (int i = 0; i < offer.media().size(); i++) {
            MediaSection offered = offer.media().get(i);
            MediaSection answered = answer.media().get(i);
            assertEquals(offered.mid(), answered.mid());
            assertEquals(offered.kind(), answered.kind());
            assertEquals(offered.protocol(), answered.protocol());
            if (!offered.isRtp()) {
                assertTrue(answered.isRejected());
                continue;
            }
            accepted.add(Objects.requireNonNull(answered.mid()));
            assertTrue(answered.rtcpMux());
            assertEquals(maySend && offered.direction().receives(), answered.direction().sends());
            assertEquals(mayReceive && offered.direction().sends(), answered.direction().receives());
            checkCodecs(offered, answered);
            for (dev.sfu.core.sdp.HeaderExtension extension : answered.headerExtensions()) {
                assertTrue(offered.headerExtensions().stream().anyMatch(
                        other -> other.id() == extension.id() && other.uri().equals(extension.uri())
                                && other.direction() == extension.direction().reversed()));
            }
            assertEquals(answered.direction().sends(), !answered.ssrcs().isEmpty());
            assertEquals(answered.direction().sends() ? 1 : 0, answered.msids().size());
        }
        assertEquals(accepted, Set.copyOf(Objects.requireNonNull(answer.bundle()).mids()));
        assertEquals(accepted.size(), permitted.transceivers().size());
    }

    private static void checkCodecs(MediaSection offered, MediaSection answered) {
        assertFalse(answered.codecs().isEmpty());
        for (RtpCodec codec : answered.codecs()) {
            RtpCodec original = Objects.requireNonNull(offered.codec(codec.payloadType()));
            assertTrue(original.name().equalsIgnoreCase(codec.name()));
            assertEquals(original.clockRate(), codec.clockRate());
            assertTrue(original.rtcpFeedback().containsAll(codec.rtcpFeedback()), codec.toString());
            if (codec.isRtx()) {
                assertTrue(answered.codec(codec.associatedPayloadType()) != null);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("offersAndPermissions")
    void theSameOfferAgainGetsTheSameAnswer(String name, boolean maySend, boolean mayReceive) {
        SdpSession offer = Offers.read(Offers.text(name));
        SessionNegotiator permitted = negotiator(maySend, mayReceive);
        SdpSession first = apply(permitted, offer).answer();
        List<RtpTransceiver> transceivers = permitted.transceivers();
        SdpSession second = apply(permitted, offer).answer();
        assertEquals(first.media(), second.media());
        assertEquals(transceivers, permitted.transceivers());
        assertEquals(first.origin().sessionId(), second.origin().sessionId());
        assertEquals(first.origin().version() + 1, second.origin().version());
    }

    @Test
    void acceptsSimulcast() {
        Negotiation negotiation = apply(negotiator, Offers.read(Offers.text("chromium-room")));
        MediaSection video = section(negotiation, "1");
        assertEquals(List.of("q", "h", "f"), video.rids().stream().map(rid -> rid.id()).toList());
        assertTrue(video.rids().stream().noneMatch(rid -> rid.send()));
        RtpReceiver receiver = negotiator.transceivers().get(1).receiver();
        assertTrue(receiver.simulcast());
        assertTrue(receiver.knowsRid("h"));
        assertFalse(receiver.knowsRid("x"));
        assertFalse(negotiator.transceivers().get(3).receiver().simulcast());
    }

    @Test
    void doesNotAnswerSimulcastThatIsNotReceived() {
        SdpSession answer = apply(negotiator(true, false), Offers.read(Offers.text("chromium-room"))).answer();
        assertEquals(Direction.INACTIVE, answer.media().get(1).direction());
        assertNull(answer.media().get(1).simulcast());
        assertTrue(answer.media().get(1).rids().isEmpty());
    }

    @Test
    void notesSsrcsOfWhatIsReceived() {
        Negotiation negotiation = apply(
                Offers.audio("a", "sendrecv") + "a=ssrc:11 cname:x\n",
                Offers.video("v", "sendonly") + "a=ssrc-group:FID 21 22\na=ssrc:21 cname:x\na=ssrc:22 cname:x\n",
                Offers.video("w", "recvonly") + "a=ssrc:31 cname:x\n");
        assertEquals(Set.of(11, 21, 22), negotiation.signalledSsrcs().keySet());
        assertEquals("v", negotiation.signalledSsrcs().get(22));
        assertEquals(21, negotiation.primaryOfRtx().get(22));
    }

    @Test
    void pairsSlotsByStreamAndKeepsThePairs() {
        String[] sections = {
            Offers.audio("mic", "sendonly"), Offers.video("cam", "sendonly"),
            Offers.audio("a0", "recvonly"), Offers.video("v0", "recvonly"),
            Offers.audio("a1", "recvonly"), Offers.video("v1", "recvonly"), Offers.audio("a2", "recvonly")};
        Negotiation first = apply(sections);
        assertEquals(streamOf(first, "a0"), streamOf(first, "v0"));
        assertEquals(streamOf(first, "a1"), streamOf(first, "v1"));
        assertEquals(3, Set.of(streamOf(first, "a0"), streamOf(first, "a1"), streamOf(first, "a2")).size());

        // The microphone's section becomes a slot too, the first video slot pauses and others are added.
        sections[0] = Offers.audio("mic", "sendrecv");
        sections[3] = Offers.video("v0", "inactive");
        String[] more = Stream.concat(
                        Stream.of(sections), Stream.of(Offers.video("v2", "recvonly"), Offers.video("v3", "recvonly")))
                .toArray(String[]::new);
        Negotiation second = apply(more);
        for (String mid : List.of("a0", "a1", "v1", "a2")) {
            assertEquals(section(first, mid).msids(), section(second, mid).msids());
            assertEquals(section(first, mid).ssrcs(), section(second, mid).ssrcs());
        }
        assertEquals(streamOf(second, "a2"), streamOf(second, "v2"));
        assertEquals(streamOf(second, "mic"), streamOf(second, "v3"));

        sections[3] = Offers.video("v0", "recvonly");
        more[3] = sections[3];
        assertEquals(section(first, "v0").msids(), section(apply(more), "v0").msids());
    }

    @Test
    void followsDirectionChanges() {
        apply(Offers.audio("a", "sendrecv"), Offers.video("v", "sendonly"));
        List<RtpTransceiver> before = negotiator.transceivers();
        assertEquals(Direction.SENDRECV, before.get(0).currentDirection());
        apply(Offers.audio("a", "recvonly"), Offers.video("v", "inactive"));
        assertEquals(before, negotiator.transceivers());
        assertEquals(Direction.SENDONLY, before.get(0).currentDirection());
        assertEquals(Direction.INACTIVE, before.get(1).currentDirection());
    }

    @Test
    void recyclesAStoppedSection() {
        apply(Offers.audio("a", "sendrecv"), Offers.video("v", "sendrecv"));
        RtpTransceiver old = negotiator.transceivers().get(1);
        Negotiation stopped = apply(
                Offers.audio("a", "sendrecv"), Offers.video("v", "inactive").replace("video 9", "video 0"));
        assertTrue(section(stopped, "v").isRejected());
        assertEquals(Direction.INACTIVE, old.currentDirection());
        Negotiation recycled = apply(Offers.audio("a", "sendrecv"), Offers.audio("b", "recvonly"));
        RtpTransceiver fresh = negotiator.transceivers().get(1);
        assertNotSame(old, fresh);
        assertEquals("b", fresh.mid());
        assertEquals(Direction.SENDONLY, section(recycled, "b").direction());
    }

    @Test
    void refusesToRecycleASectionInUse() {
        apply(Offers.audio("a", "sendrecv"));
        assertEquals(ErrorCode.BAD_SDP, refusal(Offers.offer(Offers.audio("b", "sendrecv"))).code());
        assertEquals(ErrorCode.BAD_SDP, refusal(Offers.offer(Offers.video("a", "sendrecv"))).code());
        assertEquals(ErrorCode.BAD_SDP, refusal(Offers.offer(Offers.dataChannel("a"))).code());
    }

    @Test
    void rejectsWhatItDoesNotKnowAndGoesOn() {
        Negotiation negotiation = apply(
                Offers.dataChannel("d"), Offers.video("h", "sendrecv", "H265/90000", ""), Offers.audio("a", "sendrecv"));
        assertTrue(section(negotiation, "d").isRejected());
        assertTrue(section(negotiation, "h").isRejected());
        assertFalse(section(negotiation, "a").isRejected());
        assertEquals(List.of("a"), Objects.requireNonNull(negotiation.answer().bundle()).mids());
        assertEquals(List.of("a"), negotiator.transceivers().stream().map(RtpTransceiver::mid).toList());
        assertEquals("ufra", negotiation.remoteTransport().iceUfrag());
    }

    /** A bundle-only section may leave its transport to the tagged one (RFC 9143 section 7.1.3), even a rejected one. */
    @Test
    void takesTheTransportOfTheTaggedSection() {
        String offer = Offers.offer(Offers.dataChannel("d"), Offers.audio("a", "sendrecv"));
        String transport = offer.lines()
                .filter(line -> line.startsWith("a=ice-") || line.startsWith("a=fingerprint") || line.startsWith("a=setup"))
                .reduce("", (all, line) -> all + line + "\n");
        String inFirstSection = offer.replace(transport, "").replace("a=mid:d\n", "a=mid:d\n" + transport)
                .replace("m=audio 9", "m=audio 0").replace("a=mid:a\n", "a=mid:a\na=bundle-only\n");
        Negotiation negotiation = apply(negotiator, Offers.read(inFirstSection));
        assertEquals("ufra", negotiation.remoteTransport().iceUfrag());
        assertEquals(1, negotiation.remoteTransport().fingerprints().size());
    }

    @Test
    void rejectsWhatIsNotInTheBundle() {
        String offer = Offers.offer(Offers.audio("a", "sendrecv"), Offers.video("v", "sendrecv"))
                .replace("BUNDLE a v", "BUNDLE a");
        Negotiation negotiation = apply(negotiator, Offers.read(offer));
        assertTrue(section(negotiation, "v").isRejected());
    }

    @Test
    void aSingleSectionNeedsNoBundle() {
        String offer = Offers.offer(Offers.audio("a", "sendrecv")).replace("a=group:BUNDLE a\n", "");
        assertFalse(section(apply(negotiator, Offers.read(offer)), "a").isRejected());
    }

    static List<Arguments> refusals() {
        String audio = Offers.audio("a", "sendrecv");
        String video = Offers.video("v", "sendrecv");
        String both = Offers.offer(audio, video);
        return List.of(
                Arguments.of(ErrorCode.UNSUPPORTED, both.replace("a=group:BUNDLE a v\n", "")),
                Arguments.of(ErrorCode.UNSUPPORTED, Offers.offer(audio, video.replace("a=rtcp-mux\n", ""))),
                Arguments.of(ErrorCode.UNSUPPORTED, Offers.offer(Offers.dataChannel("d"))),
                Arguments.of(ErrorCode.UNSUPPORTED, Offers.offer(Offers.video("v", "sendrecv", "H265/90000", ""))),
                Arguments.of(ErrorCode.BAD_SDP, both.replace("a=mid:v\n", "")),
                Arguments.of(ErrorCode.BAD_SDP, both.replace("a=mid:v\n", "a=mid:a\n")),
                Arguments.of(ErrorCode.BAD_SDP, both.replace("a=mid:v\n", "a=mid:" + "v".repeat(17) + "\n")));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refusesWithoutATrace(ErrorCode code, String offer) {
        SdpSession read;
        try {
            read = SdpReader.read(offer);
        } catch (SdpException e) {
            // The reader may refuse first: just as well.
            assertEquals(ErrorCode.BAD_SDP, code);
            return;
        }
        EngineException refused = assertThrows(EngineException.class, () -> negotiator.negotiate(read));
        assertEquals(code, refused.code());
        assertTrue(String.valueOf(refused.getMessage()).contains("(expected: "), refused.getMessage());
        assertEquals(List.of(), negotiator.transceivers());
    }

    @Test
    void aRefusedReofferChangesNothing() {
        apply(Offers.audio("a", "sendrecv"), Offers.video("v", "sendrecv"));
        List<RtpTransceiver> before = negotiator.transceivers();
        refusal(Offers.offer(Offers.audio("a", "inactive")));
        refusal(Offers.offer(
                Offers.audio("a", "inactive").replace("audio 9", "audio 0"),
                Offers.video("v", "inactive").replace("video 9", "video 0")));
        assertEquals(before, negotiator.transceivers());
        // Version 1 was the first answer; refused offers have none.
        assertEquals(2, apply(Offers.audio("a", "sendrecv"), Offers.video("v", "sendrecv"))
                .answer().origin().version());
    }

    @Test
    void anAnswerThatIsNotUsedChangesNothing() {
        apply(Offers.audio("a", "sendrecv"));
        List<String> before = state();
        negotiator.negotiate(
                Offers.read(Offers.offer(Offers.audio("a", "inactive"), Offers.video("v", "sendrecv"))));
        assertEquals(before, state());
    }

    @Test
    void answersOnlyExtensionsItCanUse() {
        assertTrue(section(apply(Offers.audio("a", "sendrecv").replace("extmap:1 ", "extmap:15 ")), "a")
                .headerExtensions().stream().noneMatch(extension -> extension.id() == 15));
        Negotiation negotiation = apply(
                Offers.audio("a", "sendrecv"),
                Offers.video("v", "sendrecv").replace("extmap:13 ", "extmap:1 ").replace("extmap:3 ", "extmap:5 "));
        // Identifier 1 is the audio level in the whole bundle, and the transport sequence has identifier 3 already.
        assertTrue(section(negotiation, "v").headerExtensions().stream()
                .noneMatch(extension -> extension.uri().equals(HeaderExtension.VIDEO_ORIENTATION.uri())
                        || extension.uri().equals(HeaderExtension.TRANSPORT_SEQUENCE.uri())));
        assertEquals(3, negotiation.extensions().id(HeaderExtension.TRANSPORT_SEQUENCE));
        assertEquals(HeaderExtension.MID, negotiation.extensions().extension(4));
    }

    @Test
    void reducedSizeRtcpNeedsAllSections() {
        assertTrue(apply(Offers.audio("a", "sendrecv")).reducedSizeRtcp());
        assertFalse(apply(Offers.audio("a", "sendrecv"), Offers.video("v", "sendrecv").replace("a=rtcp-rsize\n", ""))
                .reducedSizeRtcp());
    }

    @Test
    void keepsOnePayloadTypeObjectPerNumber() {
        apply(Offers.video("v", "sendrecv"));
        PayloadTypeMap types = negotiator.transceivers().get(0).receiver().payloadTypes();
        PayloadType vp8 = Objects.requireNonNull(types.of(96));
        assertEquals(97, vp8.rtxNumber());
        assertEquals(96, Objects.requireNonNull(types.of(97)).primaryNumber());
        assertSame(vp8, types.matching(vp8));
        assertNull(types.of(98));
    }
}
