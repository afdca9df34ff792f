package dev.sfu.core.peer;

import dev.sfu.core.api.MediaKind;
import java.util.List;

/** What a synthetic peer can name in its offer. Payloads are synthetic whatever the codec. */
public enum PeerCodec {
    OPUS(MediaKind.AUDIO, 111, -1, 48_000, "opus/48000/2", "minptime=10;useinbandfec=1"),
    VP8(MediaKind.VIDEO, 96, 97, 90_000, "VP8/90000", ""),
    VP9(MediaKind.VIDEO, 98, 99, 90_000, "VP9/90000", "profile-id=0");

    private static final List<String> AUDIO_FEEDBACK = List.of("transport-cc");
    private static final List<String> VIDEO_FEEDBACK =
            List.of("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli");

    private final MediaKind kind;
    private final int payloadType;
    private final int rtxPayloadType;
    private final int clockRate;
    private final String rtpmap;
    private final String fmtp;

    PeerCodec(
            MediaKind kind,
            int payloadType,
            int rtxPayloadType,
            int clockRate,
            String rtpmap,
            String fmtp) {
        this.kind = kind;
        this.payloadType = payloadType;
        this.rtxPayloadType = rtxPayloadType;
        this.clockRate = clockRate;
        this.rtpmap = rtpmap;
        this.fmtp = fmtp;
    }

    /** Audio or video. */
    public MediaKind kind() {
        return kind;
    }

    /** The payload type it has in every offer. */
    public int payloadType() {
        return payloadType;
    }

    /** That of its retransmissions, or -1. */
    public int rtxPayloadType() {
        return rtxPayloadType;
    }

    /** Timestamp ticks per second. */
    public int clockRate() {
        return clockRate;
    }

    void describe(StringBuilder sdp) {
        sdp.append("a=rtpmap:").append(payloadType).append(' ').append(rtpmap).append("\r\n");
        for (String kindOfFeedback : kind == MediaKind.AUDIO ? AUDIO_FEEDBACK : VIDEO_FEEDBACK) {
            sdp.append("a=rtcp-fb:").append(payloadType).append(' ').append(kindOfFeedback).append("\r\n");
        }
        if (!fmtp.isEmpty()) {
            sdp.append("a=fmtp:").append(payloadType).append(' ').append(fmtp).append("\r\n");
        }
        if (rtxPayloadType >= 0) {
            sdp.append("a=rtpmap:").append(rtxPayloadType).append(" rtx/90000\r\n");
            sdp.append("a=fmtp:").append(rtxPayloadType).append(" apt=").append(payloadType).append("\r\n");
        }
    }
}
