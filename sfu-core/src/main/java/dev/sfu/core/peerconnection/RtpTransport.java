package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.ice.NetworkPath;
import dev.sfu.core.rtp.ExtensionValues;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.HeaderExtensionMap;
import dev.sfu.core.rtp.RtpHeaderWriter;
import dev.sfu.core.srtp.SrtpSender;
import dev.sfu.core.time.Deadlines;
import org.jspecify.annotations.Nullable;

/**
 * What all outgoing streams of one connection share: keys, the selected path, what headers and descriptors are written with, and
 * the transport-wide sequence number.
 */
final class RtpTransport {
    /** RTP padding of one packet; the last of its bytes says how many there are (RFC 3550 section 5.1). */
    static final int MAX_PADDING_BYTES = 255;

    private static final byte PADDING_BIT = 0x20;
    /** From 3 % on packets count as being lost, until none were reported for a while: sound is reported every 5 s. */
    private static final int LOSS_FRACTION = 8;
    private static final long LOSS_HOLD_NANOS = 20 * Deadlines.SECOND;

    private final BufferPool pool;
    private final DatagramSink sink;
    private final RtpHeaderWriter headerWriter = new RtpHeaderWriter();
    private final DescriptorRewriter descriptorRewriter = new DescriptorRewriter();
    private @Nullable SrtpSender srtp;
    private final SendBandwidth bandwidth;
    private @Nullable NetworkPath path;
    /** Whether the header written last has a transport-wide sequence number. */
    private boolean numbered;
    private boolean lossReported;
    private long lossReportedNanos;
    private long packetsSent;
    private long bytesSent;

    RtpTransport(BufferPool pool, DatagramSink sink, SendBandwidth bandwidth) {
        this.pool = pool;
        this.sink = sink;
        this.bandwidth = bandwidth;
    }

    void setSrtp(@Nullable SrtpSender newSrtp) {
        srtp = newSrtp;
    }

    void setPath(@Nullable NetworkPath newPath, long nowNanos) {
        path = newPath;
        bandwidth.setPath(newPath, nowNanos);
    }

    @Nullable NetworkPath path() {
        return path;
    }

    /** Whether media can leave: keys and a path exist. */
    boolean ready() {
        return srtp != null && path != null;
    }

    /** The peer has reported that it missed so many of 256 packets of some stream. */
    void onLossReport(int fractionLost, long nowNanos) {
        if (fractionLost >= LOSS_FRACTION) {
            lossReported = true;
            lossReportedNanos = nowNanos;
        }
    }

    /** Whether packets have been getting lost lately on the way to the peer. */
    boolean losesPackets(long nowNanos) {
        return lossReported && nowNanos - lossReportedNanos < LOSS_HOLD_NANOS;
    }

    PacketBuffer acquire() {
        return pool.acquire();
    }

    RtpHeaderWriter headerWriter() {
        return headerWriter;
    }

    DescriptorRewriter descriptorRewriter() {
        return descriptorRewriter;
    }

    /** Makes room for the extensions that are made anew for every packet: send time and transport-wide sequence. */
    static void reserveTransportExtensions(RtpHeaderWriter writer, HeaderExtensionMap extensions) {
        int absSendTimeId = extensions.id(HeaderExtension.ABS_SEND_TIME);
        if (absSendTimeId != HeaderExtensionMap.ABSENT) {
            writer.reserve(absSendTimeId, ExtensionValues.ABS_SEND_TIME_BYTES);
        }
        int transportSequenceId = extensions.id(HeaderExtension.TRANSPORT_SEQUENCE);
        if (transportSequenceId != HeaderExtensionMap.ABSENT) {
            writer.reserve(transportSequenceId, ExtensionValues.TRANSPORT_SEQUENCE_BYTES);
        }
    }

    /** Fills the reserved extensions of a finished header at the start of {@code array}. */
    void fillTransportExtensions(RtpHeaderWriter writer, HeaderExtensionMap extensions, byte[] array, long nowNanos) {
        int absSendTimeId = extensions.id(HeaderExtension.ABS_SEND_TIME);
        if (absSendTimeId != HeaderExtensionMap.ABSENT) {
            int at = writer.extensionOffset(absSendTimeId);
            if (at >= 0) {
                ExtensionValues.writeAbsSendTime(array, at, nowNanos);
            }
        }
        numbered = false;
        int transportSequenceId = extensions.id(HeaderExtension.TRANSPORT_SEQUENCE);
        if (transportSequenceId != HeaderExtensionMap.ABSENT) {
            int at = writer.extensionOffset(transportSequenceId);
            if (at >= 0) {
                Bytes.put16(array, at, (int) bandwidth.nextSequence());
                numbered = true;
            }
        }
    }

    /** The RTP packet whose extensions were filled last has left: only now its transport-wide number is used up. */
    void onSent(int ssrc, long sequence, int bytes, MediaKind kind, int probeCluster, long nowNanos) {
        bandwidth.onSent(ssrc, sequence, bytes, kind, numbered, probeCluster, nowNanos);
    }

    SendBandwidth bandwidth() {
        return bandwidth;
    }

    /**
     * Protects and queues an RTP packet with RTP padding behind its payload, which costs a copy more than {@link #sendRtp}.
     * Takes over {@code out}.
     *
     * @return bytes sent, or -1 when it could not be sent
     */
    int sendPadded(
            PacketBuffer out,
            int headerBytes,
            int prefixBytes,
            long index,
            byte[] payload,
            int offset,
            int payloadBytes,
            int paddingBytes) {
        int plainBytes = prefixBytes + payloadBytes + paddingBytes;
        if (headerBytes + plainBytes > out.capacity()) {
            out.release();
            return -1;
        }
        byte[] array = out.array();
        array[0] |= PADDING_BIT;
        System.arraycopy(payload, offset, array, headerBytes + prefixBytes, payloadBytes);
        RtpHeaderWriter.writePadding(array, headerBytes + prefixBytes + payloadBytes, paddingBytes);
        return sendRtp(out, headerBytes, plainBytes, index, payload, offset, 0);
    }

    /**
     * Protects and queues an RTP packet: header and rewritten prefix stand in {@code out}, the rest of the payload is
     * read from the shared plaintext. Takes over {@code out}.
     *
     * @return bytes sent, or -1 when it could not be sent
     */
    int sendRtp(
            PacketBuffer out, int headerBytes, int prefixBytes, long index, byte[] payload, int offset, int payloadBytes) {
        SrtpSender sender = srtp;
        NetworkPath to = path;
        if (sender == null || to == null) {
            out.release();
            return -1;
        }
        int length = sender.protectRtp(index, out.array(), 0, headerBytes, prefixBytes, payload, offset, payloadBytes);
        if (length < 0) {
            out.release();
            return -1;
        }
        out.range(0, length);
        packetsSent++;
        bytesSent += length;
        sink.send(to, out);
        return length;
    }

    /** Protects and queues a compound RTCP packet, which stands at the start of {@code out}. Takes over {@code out}. */
    void sendRtcp(PacketBuffer out, int length) {
        SrtpSender sender = srtp;
        NetworkPath to = path;
        if (sender == null || to == null) {
            out.release();
            return;
        }
        int protectedLength = sender.protectRtcp(out.array(), 0, length);
        if (protectedLength < 0) {
            out.release();
            return;
        }
        out.range(0, protectedLength);
        packetsSent++;
        bytesSent += protectedLength;
        sink.send(to, out);
    }

    /** Queues a datagram that is neither RTP nor RTCP: STUN or DTLS. */
    void sendRaw(NetworkPath to, byte[] array, int offset, int length) {
        if (length > PacketBuffer.CAPACITY_BYTES) {
            return;
        }
        packetsSent++;
        bytesSent += length;
        sink.send(to, pool.acquire().set(array, offset, length));
    }

    long packetsSent() {
        return packetsSent;
    }

    long bytesSent() {
        return bytesSent;
    }
}
