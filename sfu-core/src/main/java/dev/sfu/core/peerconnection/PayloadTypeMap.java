package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.codec.Codec;
import dev.sfu.core.sdp.CodecMatcher;
import dev.sfu.core.sdp.RtpCodec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The payload types one m-section negotiated, as a flat table. */
public final class PayloadTypeMap {
    /** Nothing negotiated. */
    public static final PayloadTypeMap EMPTY = new PayloadTypeMap(MediaKind.AUDIO, List.of());

    private final @Nullable PayloadType[] byNumber = new PayloadType[128];
    private final List<PayloadType> all = new ArrayList<>();
    private final int opusInRed;

    /** The codecs of an answered m-section, RTX included. */
    PayloadTypeMap(MediaKind kind, List<RtpCodec> codecs) {
        for (RtpCodec parameters : codecs) {
            Codec codec = Codec.of(kind, parameters.name());
            if (codec == null) {
                continue;
            }
            int rtx = parameters.isRtx() ? -1 : rtxOf(parameters.payloadType(), codecs);
            PayloadType type = new PayloadType(
                    parameters.payloadType(), codec, parameters, rtx, parameters.associatedPayloadType());
            byNumber[parameters.payloadType()] = type;
            all.add(type);
        }
        opusInRed = opusInRed();
    }

    private int opusInRed() {
        boolean red = false;
        int opus = -1;
        for (PayloadType type : all) {
            red |= type.codec() == Codec.RED;
            opus = type.codec() == Codec.OPUS && opus < 0 ? type.number() : opus;
        }
        return red ? opus : -1;
    }

    /** Whether redundant audio was negotiated (RFC 2198), and {@code opus} is the number of Opus, which its blocks name. */
    boolean redOf(int opus) {
        return opusInRed == opus && opus >= 0;
    }

    private static int rtxOf(int primary, List<RtpCodec> codecs) {
        for (RtpCodec candidate : codecs) {
            if (candidate.associatedPayloadType() == primary) {
                return candidate.payloadType();
            }
        }
        return -1;
    }

    /** The payload type with this number, or null when it was not negotiated. */
    public @Nullable PayloadType of(int number) {
        return byNumber[number & 0x7F];
    }

    /** The one that carries the same codec in the same form as another connection's payload type, or null. */
    public @Nullable PayloadType matching(PayloadType other) {
        for (PayloadType type : all) {
            if (type.codec() == other.codec() && CodecMatcher.sameCodec(type.parameters(), other.parameters())) {
                return type;
            }
        }
        return null;
    }

    /** All of them, in the order of preference. */
    public List<PayloadType> all() {
        return List.copyOf(all);
    }

    boolean anyFeedback(String feedback) {
        for (PayloadType type : all) {
            if (type.hasFeedback(feedback)) {
                return true;
            }
        }
        return false;
    }
}
