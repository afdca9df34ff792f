package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.bwe.TransportFeedbackGenerator;
import dev.sfu.core.repair.NackGenerator;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.HeaderExtensionMap;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.rtp.Rtx;
import dev.sfu.core.srtp.SrtpReceiver;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
import org.jspecify.annotations.Nullable;

/**
 * A media packet's way in: SRTP, header, transport-wide feedback, demuxing, RTX repair, bookkeeping, and on to the sink of
 * its m-section. Straight-line calls; nothing is allocated but for the first packet of a stream.
 */
final class ReceivePath {
    private final BufferPool pool;
    private final DropCounters drops;
    private final RtpDemuxer demuxer;
    private final IncomingPacket incoming = new IncomingPacket();
    private final TransportFeedbackGenerator transportFeedback = new TransportFeedbackGenerator();
    private HeaderExtensionMap extensions = new HeaderExtensionMap();
    private @Nullable SrtpReceiver srtp;
    private int lastMediaSsrc;
    private long packetsReceived;
    private long bytesReceived;

    ReceivePath(BufferPool pool, DropCounters drops, RtpDemuxer demuxer) {
        this.pool = pool;
        this.drops = drops;
        this.demuxer = demuxer;
    }

    void setSrtp(@Nullable SrtpReceiver newSrtp) {
        srtp = newSrtp;
    }

    /** Whether keys exist. */
    boolean ready() {
        return srtp != null;
    }

    void setExtensions(HeaderExtensionMap bundleExtensions) {
        extensions = bundleExtensions;
    }

    TransportFeedbackGenerator transportFeedback() {
        return transportFeedback;
    }

    /** The SSRC that transport-wide feedback names: any that was heard. */
    int lastMediaSsrc() {
        return lastMediaSsrc;
    }

    /** Decrypts RTCP into a new buffer, or counts why not and gives null. */
    @Nullable PacketBuffer unprotectRtcp(PacketBuffer datagram) {
        SrtpReceiver receiver = srtp;
        if (receiver == null) {
            drops.count(DropReason.SRTP_NOT_READY);
            return null;
        }
        PacketBuffer plain = pool.acquire();
        int length = receiver.unprotectRtcp(datagram.array(), datagram.offset(), datagram.length(), plain.array(), 0);
        if (length < 0) {
            drops.count(SrtpReceiver.dropReason(length));
            plain.release();
            return null;
        }
        return plain.range(0, length);
    }

    /** Takes an SRTP datagram; the caller keeps its reference. */
    void onRtp(PacketBuffer datagram, long nowNanos) {
        SrtpReceiver receiver = srtp;
        if (receiver == null) {
            drops.count(DropReason.SRTP_NOT_READY);
            return;
        }
        PacketBuffer plain = pool.acquire();
        int length = receiver.unprotectRtp(datagram.array(), datagram.offset(), datagram.length(), plain.array(), 0);
        try {
            if (length < 0) {
                drops.count(SrtpReceiver.dropReason(length));
            } else {
                plain.range(0, length);
                onPlain(plain, nowNanos);
            }
        } finally {
            plain.release();
        }
    }

    private void onPlain(PacketBuffer plain, long nowNanos) {
        RtpPacket rtp = incoming.rtp();
        if (!rtp.parse(plain.array(), plain.offset(), plain.length())) {
            drops.count(DropReason.RTP_MALFORMED);
            return;
        }
        packetsReceived++;
        bytesReceived += plain.length();
        int transportSequence = extensions.offsetIn(rtp, HeaderExtension.TRANSPORT_SEQUENCE);
        if (transportSequence >= 0 && extensions.bytesIn(rtp, HeaderExtension.TRANSPORT_SEQUENCE) >= 2) {
            transportFeedback.onPacket(Bytes.u16(rtp.array(), transportSequence), nowNanos);
        }
        RtpDemuxer.Route route = demuxer.route(rtp, nowNanos);
        if (route == null) {
            return;
        }
        lastMediaSsrc = rtp.ssrc();
        if (route.rtx()) {
            onRtx(route.stream(), nowNanos);
        } else {
            onMedia(route.stream(), plain, false, nowNanos);
        }
    }

    private void onRtx(IncomingStream stream, long nowNanos) {
        RtpPacket rtp = incoming.rtp();
        if (rtp.payloadBytes() <= Rtx.ORIGINAL_SEQUENCE_NUMBER_BYTES) {
            stream.receiver().drops().count(DropReason.RTP_PADDING_ONLY);
            return;
        }
        PayloadType rtx = stream.receiver().payloadTypes().of(rtp.payloadType());
        if (rtx == null || rtx.primaryNumber() < 0) {
            stream.receiver().drops().count(DropReason.RTP_PAYLOAD_TYPE);
            return;
        }
        PacketBuffer restored = pool.acquire();
        try {
            int length = Rtx.restore(rtp, stream.ssrc(), rtx.primaryNumber(), restored.array(), 0);
            if (length > 0 && rtp.parse(restored.array(), 0, length)) {
                onMedia(stream, restored.range(0, length), true, nowNanos);
            } else {
                drops.count(DropReason.RTP_MALFORMED);
            }
        } finally {
            restored.release();
        }
    }

    private void onMedia(IncomingStream stream, PacketBuffer buffer, boolean retransmitted, long nowNanos) {
        RtpPacket rtp = incoming.rtp();
        RtpReceiver receiver = stream.receiver();
        PayloadType type = receiver.payloadTypes().of(rtp.payloadType());
        if (type == null || type.codec().isRepair()) {
            receiver.drops().count(DropReason.RTP_PAYLOAD_TYPE);
            return;
        }
        // A retransmission carries an old number and must not move the unwrapper of what comes by itself.
        long sequence = retransmitted && stream.sequences().started()
                ? stream.sequences().peek(rtp.sequenceNumber())
                : stream.sequences().unwrap(rtp.sequenceNumber());
        NackGenerator nacks = stream.nacks();
        if (retransmitted) {
            if (nacks != null) {
                nacks.onRetransmission(sequence, nowNanos);
            }
        } else {
            if (nacks != null) {
                nacks.onPacket(sequence, nowNanos);
            }
            stream.statistics().onPacket(sequence, rtp.timestamp(), rtp.payloadBytes(), nowNanos);
        }
        if (stream.seen().tooOld(sequence)) {
            receiver.drops().count(DropReason.RTP_TOO_OLD);
            return;
        }
        if (!stream.seen().add(sequence)) {
            receiver.drops().count(retransmitted ? DropReason.RTX_DUPLICATE : DropReason.SRTP_REPLAYED);
            return;
        }
        long timestamp = stream.timestamps().unwrap(rtp.timestamp());
        if (!retransmitted) {
            stream.clock().onPacket(timestamp, nowNanos);
        }
        incoming.set(buffer, stream, type, sequence, timestamp, nowNanos);
        describePayload(stream, sequence);
        stream.onAccepted(incoming, retransmitted, nowNanos);
        receiver.deliver(incoming, nowNanos);
        incoming.clear();
    }

    private void describePayload(IncomingStream stream, long sequence) {
        RtpReceiver receiver = stream.receiver();
        if (!incoming.describePayload()) {
            receiver.drops().count(DropReason.CODEC_MALFORMED);
        }
        if (receiver.kind() == MediaKind.AUDIO) {
            int level = incoming.audioLevel();
            if (level >= 0) {
                stream.setAudioLevel(level);
            }
            return;
        }
        NackGenerator nacks = stream.nacks();
        if (incoming.keyframeStart() && nacks != null) {
            nacks.onKeyframe(sequence);
        }
    }

    long packetsReceived() {
        return packetsReceived;
    }

    long bytesReceived() {
        return bytesReceived;
    }
}
