package dev.sfu.core.peerconnection;

import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.HeaderExtensionMap;
import dev.sfu.core.sdp.Attribute;
import dev.sfu.core.sdp.CodecMatcher;
import dev.sfu.core.sdp.Direction;
import dev.sfu.core.sdp.MediaSection;
import dev.sfu.core.sdp.Rid;
import dev.sfu.core.sdp.RtpCodec;
import dev.sfu.core.sdp.SdpSession;
import dev.sfu.core.sdp.Simulcast;
import dev.sfu.core.sdp.SupportedCodecs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Answers offers (RFC 9429 section 5.3) for sessions as browsers write them: one bundle, rtcp-mux, DTLS-SRTP.
 *
 * <p>Keeps the m-sections in the order in which they first came. An m-section without a codec in common, outside the bundle
 * or of another kind than audio and video is answered with port 0; the rest goes on.
 */
final class SessionNegotiator {
    /** Makes the two halves of a new m-section. */
    interface TransceiverFactory {
        RtpTransceiver create(String mid, MediaKind kind);
    }

    private static final Map<MediaKind, Set<String>> SUPPORTED_EXTENSIONS = Map.of(
            MediaKind.AUDIO, supportedExtensions(MediaKind.AUDIO),
            MediaKind.VIDEO, supportedExtensions(MediaKind.VIDEO));

    private final TransceiverFactory factory;
    private final boolean maySend;
    private final boolean mayReceive;
    private final String cname;
    private final long sessionId;
    private final List<@Nullable RtpTransceiver> sections = new ArrayList<>();
    private int version = 1;

    private HeaderExtensionMap bundleExtensions = new HeaderExtensionMap();
    private final Map<Integer, String> signalledSsrcs = new HashMap<>();
    private final Map<Integer, Integer> primaryOfRtx = new HashMap<>();

    SessionNegotiator(TransceiverFactory factory, boolean maySend, boolean mayReceive, String cname, long sessionId) {
        this.factory = factory;
        this.maySend = maySend;
        this.mayReceive = mayReceive;
        this.cname = cname;
        this.sessionId = sessionId;
    }

    private static Set<String> supportedExtensions(MediaKind kind) {
        return Arrays.stream(HeaderExtension.values())
                .filter(extension -> extension.appliesTo(kind))
                .map(HeaderExtension::uri)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The transceivers of all audio and video m-sections, in order. */
    List<RtpTransceiver> transceivers() {
        List<RtpTransceiver> present = new ArrayList<>();
        for (RtpTransceiver transceiver : sections) {
            if (transceiver != null) {
                present.add(transceiver);
            }
        }
        return present;
    }

    /**
     * Applies an offer to the transceivers and gives the answer.
     *
     * @throws EngineException when the offer as a whole cannot be answered; nothing has changed then
     */
    Negotiation negotiate(SdpSession offer) {
        Set<String> bundled = bundledMids(offer);
        check(offer, bundled);
        bundleExtensions = new HeaderExtensionMap();
        signalledSsrcs.clear();
        primaryOfRtx.clear();
        List<MediaSection> answered = new ArrayList<>();
        List<String> answeredBundle = new ArrayList<>();
        Map<MediaKind, Integer> slotNumbers = new HashMap<>();
        boolean reducedSize = true;
        for (int i = 0; i < offer.media().size(); i++) {
            MediaSection offered = offer.media().get(i);
            MediaSection section = answerSection(i, offered, bundled, offer, slotNumbers);
            answered.add(section);
            if (!section.isRejected() && offered.mid() != null) {
                answeredBundle.add(offered.mid());
                reducedSize &= offered.rtcpRsize();
            }
        }
        if (answeredBundle.isEmpty()) {
            throw new EngineException(
                    ErrorCode.UNSUPPORTED, "m-sections: none with a supported codec (expected: at least one)");
        }
        MediaSection transportSection = offer.section(answeredBundle.get(0));
        SdpSession answer = new SdpSession(
                new SdpSession.Origin(sessionId, version++),
                List.of(new SdpSession.Group("BUNDLE", answeredBundle)),
                true,
                offer.extmapAllowMixed(),
                dev.sfu.core.sdp.TransportAttributes.NONE,
                List.of(),
                answered);
        return new Negotiation(
                answer,
                offer.transportOf(java.util.Objects.requireNonNull(transportSection)),
                bundleExtensions,
                Map.copyOf(signalledSsrcs),
                Map.copyOf(primaryOfRtx),
                reducedSize);
    }

    private static Set<String> bundledMids(SdpSession offer) {
        SdpSession.Group bundle = offer.bundle();
        if (bundle != null) {
            return new HashSet<>(bundle.mids());
        }
        if (offer.media().size() == 1 && offer.media().get(0).mid() != null) {
            return Set.of(java.util.Objects.requireNonNull(offer.media().get(0).mid()));
        }
        throw new EngineException(ErrorCode.UNSUPPORTED, "a=group: no BUNDLE (expected: one bundle of all m-sections)");
    }

    private void check(SdpSession offer, Set<String> bundled) {
        if (offer.media().size() < sections.size()) {
            throw new EngineException(
                    ErrorCode.BAD_SDP,
                    "m-sections: " + offer.media().size() + " (expected: at least " + sections.size()
                            + ", as negotiated before)");
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < offer.media().size(); i++) {
            MediaSection section = offer.media().get(i);
            String mid = section.mid();
            if (mid == null || mid.isEmpty() || mid.length() > 16 || !seen.add(mid)) {
                throw new EngineException(ErrorCode.BAD_SDP, "a=mid of m-section " + i + ": " + mid
                        + " (expected: present, unique, 1 to 16 characters)");
            }
            RtpTransceiver known = i < sections.size() ? sections.get(i) : null;
            if (known != null && !known.mid().equals(mid) && !recyclable(known)) {
                throw new EngineException(
                        ErrorCode.BAD_SDP, "a=mid of m-section " + i + ": " + mid + " (expected: " + known.mid() + ")");
            }
            boolean used = !section.isRejected() && bundled.contains(mid);
            if (used && section.isRtp() && !section.rtcpMux()) {
                throw new EngineException(
                        ErrorCode.UNSUPPORTED, "a=rtcp-mux: missing in m-section " + mid + " (expected: present)");
            }
        }
    }

    private static boolean recyclable(RtpTransceiver transceiver) {
        return transceiver.currentDirection() == Direction.INACTIVE;
    }

    private MediaSection answerSection(
            int index,
            MediaSection offered,
            Set<String> bundled,
            SdpSession offer,
            Map<MediaKind, Integer> slotNumbers) {
        String mid = java.util.Objects.requireNonNull(offered.mid());
        MediaKind kind = kindOf(offered);
        List<RtpCodec> codecs = kind == null ? List.of() : CodecMatcher.answer(
                offered.codecs(), kind == MediaKind.AUDIO ? SupportedCodecs.audio() : SupportedCodecs.video());
        RtpTransceiver transceiver = index < sections.size() ? sections.get(index) : null;
        if (transceiver != null && !transceiver.mid().equals(mid)) {
            transceiver = null;
        }
        if (kind == null || codecs.isEmpty() || offered.isRejected() || !bundled.contains(mid)) {
            if (transceiver != null) {
                transceiver.setCurrentDirection(Direction.INACTIVE);
            }
            put(index, transceiver);
            return reject(offered);
        }
        if (transceiver == null) {
            transceiver = factory.create(mid, kind);
        }
        put(index, transceiver);
        Direction direction = Direction.of(
                maySend && offered.direction().receives(), mayReceive && offered.direction().sends());
        return accept(offered, offer, transceiver, direction, codecs, slotNumbers);
    }

    private MediaSection accept(
            MediaSection offered,
            SdpSession offer,
            RtpTransceiver transceiver,
            Direction direction,
            List<RtpCodec> codecs,
            Map<MediaKind, Integer> slotNumbers) {
        MediaKind kind = transceiver.kind();
        List<dev.sfu.core.sdp.HeaderExtension> extensions = dev.sfu.core.sdp.HeaderExtension.answer(
                offered.headerExtensions(), java.util.Objects.requireNonNull(SUPPORTED_EXTENSIONS.get(kind)));
        HeaderExtensionMap extensionMap = new HeaderExtensionMap();
        for (dev.sfu.core.sdp.HeaderExtension extension : extensions) {
            HeaderExtension known = HeaderExtension.ofUri(extension.uri());
            if (known != null && extensionMap.add(known, extension.id())) {
                bundleExtensions.add(known, extension.id());
            }
        }
        MediaSection.Builder answer = new MediaSection.Builder(offered.kind())
                .protocol(offered.protocol())
                .mid(offered.mid())
                .direction(direction)
                .rtcpMux(true)
                .rtcpRsize(offered.rtcpRsize())
                .extmapAllowMixed(offer.extmapAllowMixed(offered))
                .codecs(codecs)
                .headerExtensions(extensions);
        if (offered.attribute("rtcp-xr") != null) {
            // Chromium offers receiver reference times here and not in a=rtcp-fb.
            answer.attributes(List.of(new Attribute("rtcp-xr", "rcvr-rtt=all")));
        }
        Set<String> rids = direction.receives() ? answerSimulcast(offered, codecs, answer) : Set.of();
        PayloadTypeMap payloadTypes = new PayloadTypeMap(kind, codecs);
        transceiver.setCurrentDirection(direction);
        transceiver.receiver().negotiated(payloadTypes, extensionMap, rids);
        transceiver.sender().negotiated(payloadTypes, extensionMap);
        if (direction.receives()) {
            noteSsrcs(offered, transceiver.mid());
        }
        if (direction.sends()) {
            int slot = slotNumbers.merge(kind, 1, Integer::sum) - 1;
            describeSender(answer, transceiver.sender(), slot, payloadTypes);
        }
        return answer.build();
    }

    private static Set<String> answerSimulcast(
            MediaSection offered, List<RtpCodec> codecs, MediaSection.Builder answer) {
        Simulcast simulcast = offered.simulcast();
        if (simulcast == null) {
            return Set.of();
        }
        Set<Integer> numbers = codecs.stream().map(RtpCodec::payloadType).collect(Collectors.toSet());
        List<Rid> rids = new ArrayList<>();
        for (Rid rid : offered.rids()) {
            Rid answered = rid.send() ? rid.answer(numbers) : null;
            if (answered != null) {
                rids.add(answered);
            }
        }
        Set<String> ids = rids.stream().map(Rid::id).collect(Collectors.toSet());
        Simulcast answered = simulcast.answer(ids);
        if (answered == null) {
            return Set.of();
        }
        answer.rids(rids).simulcast(answered);
        return ids;
    }

    private void noteSsrcs(MediaSection offered, String mid) {
        for (MediaSection.Ssrc ssrc : offered.ssrcs()) {
            signalledSsrcs.put((int) ssrc.ssrc(), mid);
        }
        for (MediaSection.SsrcGroup group : offered.ssrcGroups()) {
            if (group.semantics().equals("FID") && group.ssrcs().size() == 2) {
                primaryOfRtx.put(group.ssrcs().get(1).intValue(), group.ssrcs().get(0).intValue());
            }
        }
    }

    /** The k-th audio and the k-th video slot share a stream, so that browsers keep lips and voice together. */
    private void describeSender(MediaSection.Builder answer, RtpSender sender, int slot, PayloadTypeMap payloadTypes) {
        MediaSection.Msid msid = new MediaSection.Msid("slot" + slot, "slot" + slot + "-" + sender.mid());
        List<MediaSection.Ssrc> ssrcs = new ArrayList<>();
        ssrcs.add(new MediaSection.Ssrc(Integer.toUnsignedLong(sender.ssrc()), cname, msid));
        answer.msids(List.of(msid));
        if (payloadTypes.all().stream().anyMatch(type -> type.rtxNumber() >= 0)) {
            ssrcs.add(new MediaSection.Ssrc(Integer.toUnsignedLong(sender.rtxSsrc()), cname, msid));
            answer.ssrcGroups(List.of(new MediaSection.SsrcGroup(
                    "FID",
                    List.of(Integer.toUnsignedLong(sender.ssrc()), Integer.toUnsignedLong(sender.rtxSsrc())))));
        }
        answer.ssrcs(ssrcs);
    }

    private static MediaSection reject(MediaSection offered) {
        return new MediaSection.Builder(offered.kind())
                .port(0)
                .protocol(offered.protocol())
                .formats(offered.formats().subList(0, 1))
                .mid(offered.mid())
                .direction(Direction.INACTIVE)
                .build();
    }

    private void put(int index, @Nullable RtpTransceiver transceiver) {
        if (index < sections.size()) {
            sections.set(index, transceiver);
        } else {
            sections.add(transceiver);
        }
    }

    private static @Nullable MediaKind kindOf(MediaSection section) {
        return switch (section.kind()) {
            case "audio" -> MediaKind.AUDIO;
            case "video" -> MediaKind.VIDEO;
            default -> null;
        };
    }
}
