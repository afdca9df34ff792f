package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.bwe.ProbeCluster;
import dev.sfu.core.repair.RetransmissionHistory;
import dev.sfu.core.rtp.RtpPacket;
import org.jspecify.annotations.Nullable;

/**
 * The stream beside an outgoing one that repeats its packets (RFC 4588), with an SSRC and sequence numbers of its own; padding
 * goes the same way.
 */
final class RtxStream {
    private final int ssrc;
    private final MediaKind kind;
    private final RtpTransport transport;
    private final PacketAssembler assembler;
    private final RetransmissionHistory history;
    private final RtpPacket kept;
    private long nextSequence;
    private long packetsSent;
    private long bytesSent;
    private long paddingPacketsSent;

    /**
     * A stream on which nothing was sent.
     *
     * @param assembler of the stream whose packets are repeated
     * @param history what can be repeated
     * @param kept a view for packets of the history
     */
    RtxStream(
            int ssrc,
            int firstSequence,
            MediaKind kind,
            RtpTransport transport,
            PacketAssembler assembler,
            RetransmissionHistory history,
            RtpPacket kept) {
        this.ssrc = ssrc;
        this.nextSequence = firstSequence;
        this.kind = kind;
        this.transport = transport;
        this.assembler = assembler;
        this.history = history;
        this.kept = kept;
    }

    int ssrc() {
        return ssrc;
    }

    /** Whether packets of this type can be repeated. */
    static boolean has(@Nullable PayloadType payloadType) {
        return payloadType != null && payloadType.rtxNumber() >= 0;
    }

    /**
     * Repeats the packet in a slot of the history.
     *
     * @param payloadType the packet's, as negotiated now
     * @return bytes of the datagram, 0 if it cannot be repeated
     */
    int send(int slot, @Nullable PayloadType payloadType, int probeCluster, long nowNanos) {
        PacketBuffer buffer = history.buffer(slot);
        // Without RTX there is no answer: the same SSRC and sequence number must never be encrypted twice (RFC 3711 9.1).
        if (payloadType == null
                || payloadType.rtxNumber() < 0
                || !kept.parse(buffer.array(), buffer.offset(), buffer.length())) {
            return 0;
        }
        PacketBuffer out = transport.acquire();
        if (!assembler.again(
                out,
                kept,
                payloadType,
                nextSequence,
                history.sequence(slot),
                history.timestamp(slot),
                history.marker(slot),
                history.rewrite(slot),
                nowNanos)) {
            out.release();
            return 0;
        }
        int sent = transport.sendRtp(
                out,
                assembler.headerBytes(),
                assembler.prefixBytes(),
                nextSequence,
                kept.array(),
                assembler.payloadOffset(),
                assembler.payloadBytes());
        if (sent < 0) {
            return 0;
        }
        transport.onSent(ssrc, nextSequence++, sent, kind, probeCluster, nowNanos);
        if (probeCluster == ProbeCluster.NONE) {
            transport.bandwidth().onRepairSent(sent, nowNanos);
        }
        packetsSent++;
        bytesSent += kept.payloadBytes();
        return sent;
    }

    /**
     * Sends a packet of nothing but padding (RFC 4588 has no payload without original sequence number, but receivers leave empty
     * ones alone).
     *
     * @param payloadType one that has RTX
     * @param timestamp where the repeated stream stands
     * @return bytes of the datagram, or 0
     */
    int sendPadding(PayloadType payloadType, long timestamp, int probeCluster, long nowNanos) {
        PacketBuffer out = transport.acquire();
        int headerBytes = assembler.padding(out, payloadType, nextSequence, timestamp, nowNanos);
        if (headerBytes < 0) {
            out.release();
            return 0;
        }
        int sent = transport.sendPadded(
                out, headerBytes, 0, nextSequence, out.array(), 0, 0, RtpTransport.MAX_PADDING_BYTES);
        if (sent < 0) {
            return 0;
        }
        paddingPacketsSent++;
        transport.onSent(ssrc, nextSequence++, sent, kind, probeCluster, nowNanos);
        return sent;
    }

    /** Packets repeated. */
    long packetsSent() {
        return packetsSent;
    }

    /** Payload bytes of them. */
    long bytesSent() {
        return bytesSent;
    }

    /** Packets that had nothing but padding. */
    long paddingPacketsSent() {
        return paddingPacketsSent;
    }
}
