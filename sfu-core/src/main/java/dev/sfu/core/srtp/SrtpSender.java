package dev.sfu.core.srtp;

import dev.sfu.core.buffer.Bytes;

/**
 * Protects the RTP and RTCP packets that one connection sends.
 *
 * <p><b>Never protect two packets with the same SSRC and index.</b> It would break confidentiality, and with AES-GCM
 * let anybody who sees both forge packets; even the same payload again counts when a header extension differs. A
 * retransmission therefore goes through RTX with its own SSRC, or repeats the protected bytes. With assertions enabled
 * a repeated index, or one too far behind to tell, is an error.
 *
 * <p>Thread: one owner. Apart from what the JCA provider allocates, no garbage per packet.
 */
public final class SrtpSender {
    /** What the protect methods return when the packet does not fit. */
    public static final int DOES_NOT_FIT = -1;

    private static final long LAST_RTCP_INDEX = 0x7FFF_FFFFL;

    private final SrtpProfile profile;
    private final SrtpTransform transform;
    /** Filled only when assertions are enabled. */
    private final ReplayWindows used = new ReplayWindows(Integer.MAX_VALUE);
    private long nextRtcpIndex;

    SrtpSender(SessionKeys keys, CryptoProviders providers, int firstRtcpIndex) {
        nextRtcpIndex = firstRtcpIndex;
        profile = keys.profile();
        transform = SrtpTransform.encrypting(keys, providers);
    }

    /** A sender with the local keys. */
    public static SrtpSender create(SrtpKeys keys, CryptoProviders providers) {
        return new SrtpSender(
                SessionKeys.derive(keys.profile(), keys.localKey(), keys.localSalt(), providers), providers, 0);
    }

    /** The profile in use. */
    public SrtpProfile profile() {
        return profile;
    }

    /** Bytes that protection adds to an RTP packet. */
    public int rtpOverheadBytes() {
        return profile.rtpTagBytes();
    }

    /** Bytes that protection adds to an RTCP packet. */
    public int rtcpOverheadBytes() {
        return profile.rtcpTagBytes() + SrtpTransform.INDEX_WORD_BYTES;
    }

    /**
     * Encrypts an RTP packet whose header is written and whose payload comes from elsewhere.
     *
     * <p>{@code payload} is only read, unless it is {@code packet} itself: that is allowed, wherever in it the payload
     * is, as long as header and prefix have not overwritten it.
     *
     * @param packetIndex 48-bit SRTP index: rollover counter and then the sequence number that the header has (RFC 3711
     *     section 3.3.1). The caller counts it per SSRC; it starts below 2^16 and is never used twice
     * @param packet receives the protected packet
     * @param offset where in {@code packet} the header is
     * @param headerBytes length of the header with CSRCs and extension
     * @param prefixBytes bytes of plaintext payload already written behind the header
     * @param payload the remaining plaintext payload, RTP padding included
     * @param payloadOffset where in {@code payload} that is
     * @param payloadBytes its length
     * @return bytes in the protected packet, or {@link #DOES_NOT_FIT}: then nothing has been written
     */
    public int protectRtp(
            long packetIndex,
            byte[] packet,
            int offset,
            int headerBytes,
            int prefixBytes,
            byte[] payload,
            int payloadOffset,
            int payloadBytes) {
        assert headerBytes >= RtpLayout.FIXED_HEADER_BYTES : headerBytes;
        assert Bytes.u16(packet, offset + RtpLayout.SEQUENCE) == (packetIndex & 0xFFFF) : packetIndex;
        int length = headerBytes + prefixBytes + payloadBytes + profile.rtpTagBytes();
        if (length > packet.length - offset) {
            return DOES_NOT_FIT;
        }
        assert isFirstUse(Bytes.i32(packet, offset + RtpLayout.SSRC), packetIndex) : "index not fresh: " + packetIndex;
        if (payload == packet) {
            int place = offset + headerBytes + prefixBytes;
            System.arraycopy(payload, payloadOffset, packet, place, payloadBytes);
            return transform.protectRtp(
                    packetIndex, packet, offset, headerBytes, prefixBytes, packet, place, payloadBytes);
        }
        return transform.protectRtp(
                packetIndex, packet, offset, headerBytes, prefixBytes, payload, payloadOffset, payloadBytes);
    }

    /**
     * Encrypts a compound RTCP packet in place and appends the trailer.
     *
     * @param packet must have room for {@link #rtcpOverheadBytes()} behind the packet
     * @return bytes in the protected packet, or {@link #DOES_NOT_FIT} if there is no room, if it is no RTCP packet or
     *     if all 2^31 indices are used up
     */
    public int protectRtcp(byte[] packet, int offset, int length) {
        if (length < SrtpTransform.RTCP_CLEAR_BYTES
                || length + rtcpOverheadBytes() > packet.length - offset
                || nextRtcpIndex > LAST_RTCP_INDEX) {
            return DOES_NOT_FIT;
        }
        return transform.protectRtcp((int) nextRtcpIndex++, packet, offset, length);
    }

    private boolean isFirstUse(int ssrc, long index) {
        ReplayWindow window = used.find(ssrc);
        if (window == null) {
            used.add(ssrc, new ReplayWindow(index));
            return index >>> 48 == 0;
        }
        if (!window.isFresh(index)) {
            return false;
        }
        window.accept(index);
        return true;
    }
}
