package dev.sfu.core.sdp;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides which codecs are the same, and with that which of an offer's payload types an answer keeps. */
public final class CodecMatcher {
    private CodecMatcher() {}

    /**
     * The codecs of an answer: the offered ones that are supported, under the offer's payload type numbers and in its
     * order of preference (RFC 3264 §6.1), with the feedback both sides know and parameters fit for an answer.
     *
     * <p>What depends on another payload type stays only when that one does: retransmission with its {@code apt}, RED
     * with its Opus, telephone-event with a codec of the same clock. FEC and comfort noise are never kept: a forwarder
     * repairs by retransmission, and does not make noise.
     *
     * @param supported what this side can do; payload type numbers in it do not matter
     * @return empty when no media codec is left: the section is to be refused
     */
    public static List<RtpCodec> answer(List<RtpCodec> offered, List<RtpCodec> supported) {
        Set<Integer> primaries = new HashSet<>();
        Set<Integer> clockRates = new HashSet<>();
        for (RtpCodec offer : offered) {
            if (!isDependent(offer) && find(offer, supported) != null) {
                primaries.add(offer.payloadType());
                clockRates.add(offer.clockRate());
            }
        }
        List<RtpCodec> answered = new ArrayList<>();
        for (RtpCodec offer : offered) {
            RtpCodec match = find(offer, supported);
            if (match != null && (isDependent(offer)
                    ? dependencyKept(offer, offered, primaries, clockRates)
                    : primaries.contains(offer.payloadType()))) {
                List<String> feedback = new ArrayList<>(offer.rtcpFeedback());
                feedback.retainAll(match.rtcpFeedback());
                if (feedback.contains("transport-cc")) {
                    // One kind of feedback for one purpose; of the two, browsers do this one well.
                    feedback.remove(RtpCodec.CONGESTION_CONTROL_FEEDBACK);
                }
                answered.add(offer.withFmtp(answerParameters(offer, match)).withRtcpFeedback(feedback));
            }
        }
        return List.copyOf(answered);
    }

    /**
     * Whether packets of one codec can be forwarded as the other, whatever their numbers: same name, clock and
     * channels, and the same profile where the codec has profiles (VP9, AV1, H.265), for H.264 also the same
     * packetization mode.
     */
    public static boolean sameCodec(RtpCodec a, RtpCodec b) {
        if (!a.is(b.name()) || a.clockRate() != b.clockRate() || a.channels() != b.channels()) {
            return false;
        }
        return switch (a.key()) {
            case "h264" -> sameH264(a.fmtp(), b.fmtp());
            case "vp9" -> sameNumber(a, b, "profile-id", "0");
            case "av1" -> sameNumber(a, b, "profile", "0");
            case "h265" -> sameNumber(a, b, "profile-id", "1") && sameNumber(a, b, "tier-flag", "0");
            default -> true;
        };
    }

    /** The first of the codecs that is the same as this one, or null. */
    public static @Nullable RtpCodec find(RtpCodec wanted, List<RtpCodec> codecs) {
        for (RtpCodec codec : codecs) {
            if (sameCodec(wanted, codec)) {
                return codec;
            }
        }
        return null;
    }

    /** The retransmission codec of a payload type (RFC 4588), or null. */
    public static @Nullable RtpCodec rtxOf(int payloadType, List<RtpCodec> codecs) {
        for (RtpCodec codec : codecs) {
            if (codec.associatedPayloadType() == payloadType) {
                return codec;
            }
        }
        return null;
    }

    private static boolean isDependent(RtpCodec codec) {
        return switch (codec.key()) {
            case "rtx", "red", "telephone-event" -> true;
            default -> false;
        };
    }

    private static boolean dependencyKept(
            RtpCodec offer, List<RtpCodec> offered, Set<Integer> primaries, Set<Integer> clockRates) {
        return switch (offer.key()) {
            case "rtx" -> primaries.contains(offer.associatedPayloadType());
            case "telephone-event" -> clockRates.contains(offer.clockRate());
            default -> redOfOpus(offer, offered, primaries);
        };
    }

    /** RED names its blocks' payload types, {@code 111/111}; without them it is the RED of video FEC. */
    private static boolean redOfOpus(RtpCodec red, List<RtpCodec> offered, Set<Integer> primaries) {
        if (red.fmtp().isEmpty()) {
            return false;
        }
        for (String block : red.fmtp().text().split("/", -1)) {
            int payloadType = RtpCodec.payloadTypeOrMinusOne(block.strip());
            boolean opus = offered.stream().anyMatch(c -> c.payloadType() == payloadType && c.is("opus"));
            if (!opus || !primaries.contains(payloadType)) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameH264(FormatParameters a, FormatParameters b) {
        H264Profile one = H264Profile.of(a);
        H264Profile other = H264Profile.of(b);
        return one != null && other != null && one.profile() == other.profile()
                && H264Profile.packetizationMode(a).equals(H264Profile.packetizationMode(b));
    }

    private static boolean sameNumber(RtpCodec a, RtpCodec b, String parameter, String inferred) {
        return Objects.requireNonNullElse(a.fmtp().get(parameter), inferred)
                .equals(Objects.requireNonNullElse(b.fmtp().get(parameter), inferred));
    }

    /**
     * The offer's parameters, without those that describe the offerer only: its parameter sets, and the picture size
     * and rate its decoder stops at, which in an answer would limit what it sends.
     */
    private static FormatParameters answerParameters(RtpCodec offer, RtpCodec match) {
        Map<String, String> parameters = new LinkedHashMap<>(offer.fmtp().toMap());
        boolean changed = parameters.remove("sprop-parameter-sets") != null;
        if (offer.is("VP8") || offer.is("VP9")) {
            changed |= parameters.remove("max-fs") != null;
            changed |= parameters.remove("max-fr") != null;
        }
        if (offer.is("H264")) {
            changed |= limitLevel(parameters, offer, match);
        }
        return changed ? FormatParameters.of(parameters) : offer.fmtp();
    }

    /** The lower of both levels, and asymmetry only when both allow it (RFC 6184 §8.2.2). */
    private static boolean limitLevel(Map<String, String> parameters, RtpCodec offer, RtpCodec match) {
        boolean changed = false;
        H264Profile offered = H264Profile.of(offer.fmtp());
        H264Profile own = H264Profile.of(match.fmtp());
        if (offered != null && own != null && own.levelRank() < offered.levelRank()) {
            parameters.put("profile-level-id", own.text());
            changed = true;
        }
        String allowed = "level-asymmetry-allowed";
        if ("1".equals(parameters.get(allowed)) && !"1".equals(match.fmtp().get(allowed))) {
            parameters.remove(allowed);
            changed = true;
        }
        return changed;
    }
}
