package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.PublishLimits;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.HeaderExtensionMap;
import dev.sfu.core.sdp.Attribute;
import dev.sfu.core.sdp.Direction;
import dev.sfu.core.sdp.MediaSection;
import dev.sfu.core.sdp.Rid;
import dev.sfu.core.sdp.RtpCodec;
import dev.sfu.core.sdp.SdpSession;
import dev.sfu.core.sdp.Simulcast;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Answers the m-sections of one offer, one after the other, and gathers what they share. Changes no transceiver. */
final class SectionNegotiator {
    private static final Map<MediaKind, Set<String>> SUPPORTED_EXTENSIONS = Map.of(
            MediaKind.AUDIO, supportedExtensions(MediaKind.AUDIO),
            MediaKind.VIDEO, supportedExtensions(MediaKind.VIDEO));

    private final SdpSession offer;
    private final String cname;
    private final PublishLimits limits;
    private final Map<MediaKind, BitSet> slotNumbers = new EnumMap<>(MediaKind.class);
    private final HeaderExtensionMap bundleExtensions = new HeaderExtensionMap();
    private final Map<Integer, String> signalledSsrcs = new HashMap<>();
    private final Map<Integer, Integer> primaryOfRtx = new HashMap<>();

    SectionNegotiator(SdpSession offer, String cname, PublishLimits limits, List<RtpTransceiver> present) {
        this.offer = offer;
        this.cname = cname;
        this.limits = limits;
        for (MediaKind kind : MediaKind.values()) {
            slotNumbers.put(kind, new BitSet());
        }
        for (RtpTransceiver transceiver : present) {
            if (transceiver.slotNumber() >= 0) {
                slotNumbersOf(transceiver.kind()).set(transceiver.slotNumber());
            }
        }
    }

    private static Set<String> supportedExtensions(MediaKind kind) {
        return Arrays.stream(HeaderExtension.values())
                .filter(extension -> extension.appliesTo(kind))
                .map(HeaderExtension::uri)
                .collect(Collectors.toUnmodifiableSet());
    }

    private BitSet slotNumbersOf(MediaKind kind) {
        return java.util.Objects.requireNonNull(slotNumbers.get(kind));
    }

    /** The union of the sections' header extensions, which BUNDLE makes one space. */
    HeaderExtensionMap bundleExtensions() {
        return bundleExtensions;
    }

    /** SSRC to MID as {@code a=ssrc} lines say. */
    Map<Integer, String> signalledSsrcs() {
        return signalledSsrcs;
    }

    /** RTX SSRC to primary SSRC from {@code a=ssrc-group:FID}. */
    Map<Integer, Integer> primaryOfRtx() {
        return primaryOfRtx;
    }

    NegotiatedSection accept(
            MediaSection offered, RtpTransceiver transceiver, Direction direction, List<RtpCodec> common) {
        List<RtpCodec> codecs = direction.receives() ? withoutCongestionControlFeedback(common) : common;
        HeaderExtensionMap extensionMap = new HeaderExtensionMap();
        MediaSection.Builder answer = new MediaSection.Builder(offered.kind())
                .protocol(offered.protocol())
                .mid(offered.mid())
                .direction(direction)
                .rtcpMux(true)
                .rtcpRsize(offered.rtcpRsize())
                .extmapAllowMixed(offer.extmapAllowMixed(offered))
                .codecs(direction.receives() ? PublishLimiter.limited(limits, transceiver.kind(), codecs) : codecs)
                .headerExtensions(answerExtensions(offered, transceiver.kind(), extensionMap));
        if (offered.attribute("rtcp-xr") != null) {
            // Chromium offers receiver reference times here and not in a=rtcp-fb.
            answer.attributes(List.of(new Attribute("rtcp-xr", "rcvr-rtt=all")));
        }
        Set<String> rids = direction.receives() ? answerSimulcast(offered, codecs, answer) : Set.of();
        PayloadTypeMap payloadTypes = new PayloadTypeMap(transceiver.kind(), codecs);
        if (direction.receives()) {
            noteSsrcs(offered, transceiver.mid());
            answer.bandwidths(PublishLimiter.bandwidths(limits, transceiver.kind()));
        }
        int slotNumber = transceiver.slotNumber();
        if (direction.sends()) {
            if (slotNumber < 0) {
                BitSet taken = slotNumbersOf(transceiver.kind());
                slotNumber = taken.nextClearBit(0);
                taken.set(slotNumber);
            }
            describeSender(answer, transceiver.sender(), slotNumber, payloadTypes);
        }
        return new NegotiatedSection(
                answer.build(), transceiver, direction, payloadTypes, extensionMap, rids, slotNumber);
    }

    /** RFC 8888 is read here but not written: what the peer sends is reported on in the transport-wide format. */
    private static List<RtpCodec> withoutCongestionControlFeedback(List<RtpCodec> codecs) {
        List<RtpCodec> without = new ArrayList<>();
        for (RtpCodec codec : codecs) {
            List<String> feedback = new ArrayList<>(codec.rtcpFeedback());
            feedback.remove(RtpCodec.CONGESTION_CONTROL_FEEDBACK);
            without.add(codec.withRtcpFeedback(feedback));
        }
        return without;
    }

    /** Those that can be used: with a number of the common space, and only one number for one extension in the bundle. */
    private List<dev.sfu.core.sdp.HeaderExtension> answerExtensions(
            MediaSection offered, MediaKind kind, HeaderExtensionMap extensionMap) {
        List<dev.sfu.core.sdp.HeaderExtension> answered = new ArrayList<>();
        for (dev.sfu.core.sdp.HeaderExtension extension : dev.sfu.core.sdp.HeaderExtension.answer(
                offered.headerExtensions(), java.util.Objects.requireNonNull(SUPPORTED_EXTENSIONS.get(kind)))) {
            HeaderExtension known = HeaderExtension.ofUri(extension.uri());
            if (known != null
                    && bundleExtensions.add(known, extension.id())
                    && extensionMap.add(known, extension.id())) {
                answered.add(extension);
            }
        }
        return answered;
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
}
