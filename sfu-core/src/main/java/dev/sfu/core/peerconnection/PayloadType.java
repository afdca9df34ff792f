package dev.sfu.core.peerconnection;

import dev.sfu.core.codec.Codec;
import dev.sfu.core.sdp.RtpCodec;

/**
 * A payload type as one m-section negotiated it.
 *
 * @param number 0 to 127
 * @param codec what it carries
 * @param parameters the rtpmap and fmtp
 * @param rtxNumber the payload type of its retransmissions (RFC 4588), or -1
 * @param primaryNumber for RTX the payload type it repairs, else -1
 */
public record PayloadType(int number, Codec codec, RtpCodec parameters, int rtxNumber, int primaryNumber) {
    /** Ticks per second. */
    public int clockRate() {
        return parameters.clockRate();
    }

    boolean hasFeedback(String feedback) {
        return parameters.rtcpFeedback().contains(feedback);
    }
}
