package dev.sfu.core.srtp;

import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.stats.DropReason;
import java.util.Arrays;

/**
 * Authenticates and decrypts the RTP and RTCP packets that one connection receives.
 *
 * <p>Replayed packets are refused before any cryptography, and nothing is remembered of a packet until it is
 * authenticated: the highest index, the replay window and an SSRC's place among the {@code maxSsrcs} are only ever
 * changed by the peer that has the keys.
 *
 * <p>No input makes the unprotect methods throw. Thread: one owner. Apart from what the JCA provider allocates, no
 * garbage per packet.
 */
public final class SrtpReceiver {
    /** The tag does not match. */
    public static final int AUTH_FAILED = -1;
    /** Received before, or so far behind ({@value ReplayWindow#PACKETS} packets) that nobody can tell. */
    public static final int REPLAYED = -2;
    /** Too short, inconsistent lengths, or too long for the output. */
    public static final int MALFORMED = -3;
    /** From a new SSRC when there are as many as allowed. */
    public static final int STREAM_LIMIT = -4;

    /** How many SSRCs a peer may use in RTP, and again in RTCP, unless told otherwise. */
    public static final int DEFAULT_MAX_SSRCS = 256;

    private static final int HALF_CYCLE = 0x8000;
    private static final long ONE_ROLLOVER = 0x1_0000;

    private final SrtpProfile profile;
    private final SrtpTransform transform;
    private final ReplayWindows rtpWindows;
    private final ReplayWindows rtcpWindows;

    SrtpReceiver(SessionKeys keys, CryptoProviders providers, int maxSsrcs) {
        profile = keys.profile();
        transform = SrtpTransform.decrypting(keys, providers);
        rtpWindows = new ReplayWindows(maxSsrcs);
        rtcpWindows = new ReplayWindows(maxSsrcs);
    }

    /** A receiver with the remote keys and {@link #DEFAULT_MAX_SSRCS}. */
    public static SrtpReceiver create(SrtpKeys keys, CryptoProviders providers) {
        return create(keys, providers, DEFAULT_MAX_SSRCS);
    }

    /** A receiver with the remote keys that admits {@code maxSsrcs} SSRCs. */
    public static SrtpReceiver create(SrtpKeys keys, CryptoProviders providers, int maxSsrcs) {
        return new SrtpReceiver(
                SessionKeys.derive(keys.profile(), keys.remoteKey(), keys.remoteSalt(), providers),
                providers,
                maxSsrcs);
    }

    /** The profile in use. */
    public SrtpProfile profile() {
        return profile;
    }

    /** SSRCs from which authenticated RTP has come. */
    public int ssrcs() {
        return rtpWindows.size();
    }

    /**
     * Authenticates and decrypts an RTP packet.
     *
     * @param out receives header and plaintext payload, from {@code outOffset}; may be {@code in} only with
     *     {@code outOffset == offset}, which is slower; undefined there if the result is negative
     * @return bytes of the RTP packet, or {@link #AUTH_FAILED}, {@link #REPLAYED}, {@link #MALFORMED} or
     *     {@link #STREAM_LIMIT}
     */
    public int unprotectRtp(byte[] in, int offset, int length, byte[] out, int outOffset) {
        assert in != out || offset == outOffset;
        int plainBytes = length - profile.rtpTagBytes();
        int headerBytes = RtpLayout.headerBytes(in, offset, plainBytes);
        if (headerBytes < 0 || plainBytes > out.length - outOffset) {
            return MALFORMED;
        }
        int ssrc = Bytes.i32(in, offset + RtpLayout.SSRC);
        int sequence = Bytes.u16(in, offset + RtpLayout.SEQUENCE);
        int body = outOffset + headerBytes;
        ReplayWindow window = rtpWindows.find(ssrc);
        if (window != null) {
            long index = window.estimate(sequence);
            if (!window.isFresh(index)) {
                return REPLAYED;
            }
            if (!transform.unprotectRtp(index, in, offset, length, headerBytes, out, body)) {
                return AUTH_FAILED;
            }
            window.accept(index);
        } else {
            if (rtpWindows.isFull()) {
                return STREAM_LIMIT;
            }
            long index = unprotectFirst(sequence, in, offset, length, headerBytes, out, body);
            if (index < 0) {
                return AUTH_FAILED;
            }
            rtpWindows.add(ssrc, new ReplayWindow(index));
        }
        System.arraycopy(in, offset, out, outOffset, headerBytes);
        return plainBytes;
    }

    /**
     * Authenticates and decrypts an RTCP packet; one that is authenticated but not encrypted is accepted.
     *
     * @param out as for {@link #unprotectRtp}
     * @return bytes of the compound RTCP packet, or {@link #AUTH_FAILED}, {@link #REPLAYED}, {@link #MALFORMED} or
     *     {@link #STREAM_LIMIT}
     */
    public int unprotectRtcp(byte[] in, int offset, int length, byte[] out, int outOffset) {
        assert in != out || offset == outOffset;
        int plainBytes = length - profile.rtcpTagBytes() - SrtpTransform.INDEX_WORD_BYTES;
        if (plainBytes < SrtpTransform.RTCP_CLEAR_BYTES
                || plainBytes > out.length - outOffset
                || !RtpLayout.hasVersion(in, offset)) {
            return MALFORMED;
        }
        int ssrc = Bytes.i32(in, offset + RtpLayout.RTCP_SSRC);
        int indexWord = Bytes.i32(in, offset + transform.rtcpIndexPosition(length));
        int index = indexWord & ~SrtpTransform.ENCRYPTED_FLAG;
        ReplayWindow window = rtcpWindows.find(ssrc);
        if (window == null && rtcpWindows.isFull()) {
            return STREAM_LIMIT;
        }
        if (window != null && !window.isFresh(index)) {
            return REPLAYED;
        }
        int body = outOffset + SrtpTransform.RTCP_CLEAR_BYTES;
        if (!transform.unprotectRtcp(indexWord, in, offset, length, out, body)) {
            return AUTH_FAILED;
        }
        if (window == null) {
            rtcpWindows.add(ssrc, new ReplayWindow(index));
        } else {
            window.accept(index);
        }
        System.arraycopy(in, offset, out, outOffset, SrtpTransform.RTCP_CLEAR_BYTES);
        return plainBytes;
    }

    /**
     * Under which reason to count a negative result.
     *
     * @throws IllegalArgumentException if {@code result} is none
     */
    public static DropReason dropReason(int result) {
        return switch (result) {
            case AUTH_FAILED -> DropReason.SRTP_AUTH_FAILED;
            case REPLAYED -> DropReason.SRTP_REPLAYED;
            case MALFORMED -> DropReason.SRTP_MALFORMED;
            case STREAM_LIMIT -> DropReason.SRTP_STREAM_LIMIT;
            default -> throw new IllegalArgumentException("result: " + result + " (expected: -4 to -1)");
        };
    }

    /**
     * Decrypts a packet from a new SSRC and returns its index, or -1. The rollover counter is zero, unless the stream
     * began close to 65535 and all packets until it wrapped were lost; no later packet could be authenticated then.
     */
    private long unprotectFirst(
            int sequence, byte[] in, int offset, int length, int headerBytes, byte[] out, int body) {
        boolean mayHaveWrapped = sequence < HALF_CYCLE;
        byte[] retry = in;
        int retryOffset = offset;
        if (mayHaveWrapped && in == out) {
            // The first attempt may overwrite what the second needs.
            retry = Arrays.copyOfRange(in, offset, offset + length);
            retryOffset = 0;
        }
        if (transform.unprotectRtp(sequence, in, offset, length, headerBytes, out, body)) {
            return sequence;
        }
        long wrapped = ONE_ROLLOVER | sequence;
        if (mayHaveWrapped && transform.unprotectRtp(wrapped, retry, retryOffset, length, headerBytes, out, body)) {
            return wrapped;
        }
        return -1;
    }
}
