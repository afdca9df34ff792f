package dev.sfu.core.simulation;

import java.nio.charset.StandardCharsets;

/** The numbers of one stream that a browser sends. */
final class SentRtpStream {
    final byte[] mid;
    final byte[] rid;
    final int payloadType;
    final int ssrc;
    final int rtxSsrc;
    long nextIndex;
    long nextRtxIndex;
    /** Whether the server has reported on it: from then on MID and RID are left out, as libwebrtc does. */
    boolean acknowledged;
    long packetsSent;
    long payloadBytesSent;

    SentRtpStream(String mid, String rid, int payloadType, int ssrc, int rtxSsrc, int firstSequence) {
        this.mid = mid.getBytes(StandardCharsets.US_ASCII);
        this.rid = rid.getBytes(StandardCharsets.US_ASCII);
        this.payloadType = payloadType;
        this.ssrc = ssrc;
        this.rtxSsrc = rtxSsrc;
        this.nextIndex = firstSequence;
        this.nextRtxIndex = firstSequence / 2;
    }
}
