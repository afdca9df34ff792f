package dev.sfu.core.peerconnection;

import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.rtcp.RtcpPacket;
import dev.sfu.core.srtp.SrtpReceiver;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;

/** Where SRTP and SRTCP come in: tells them apart, and keeps what comes before there are keys for when there are. */
final class MediaInbox {
    private final ReceivePath receivePath;
    private final RtcpInbox rtcpInbox;
    private final DropCounters drops;
    private final EarlyMedia early = new EarlyMedia();

    MediaInbox(ReceivePath receivePath, RtcpInbox rtcpInbox, DropCounters drops) {
        this.receivePath = receivePath;
        this.rtcpInbox = rtcpInbox;
        this.drops = drops;
    }

    /**
     * Takes a protected datagram; the reference stays the caller's.
     *
     * @param keysComing whether a handshake is under way
     */
    void onDatagram(PacketBuffer datagram, boolean keysComing, long nowNanos) {
        if (datagram.length() < 2) {
            drops.count(DropReason.SRTP_MALFORMED);
            return;
        }
        if (!receivePath.ready() && keysComing) {
            if (!early.hold(datagram)) {
                drops.count(DropReason.SRTP_NOT_READY);
            }
            return;
        }
        if (!RtcpPacket.isRtcp(datagram.array()[datagram.offset() + 1] & 0xFF)) {
            receivePath.onRtp(datagram, nowNanos);
            return;
        }
        PacketBuffer plain = receivePath.unprotectRtcp(datagram);
        if (plain != null) {
            try {
                rtcpInbox.onRtcp(plain.array(), plain.offset(), plain.length(), nowNanos);
            } finally {
                plain.release();
            }
        }
    }

    /** There are keys from now on. */
    void open(SrtpReceiver keys) {
        receivePath.setSrtp(keys);
    }

    /** Takes what came before the keys. */
    void takeEarly(long nowNanos) {
        for (PacketBuffer datagram = early.poll(); datagram != null; datagram = early.poll()) {
            onDatagram(datagram, false, nowNanos);
            datagram.release();
        }
    }

    void close() {
        early.clear();
        receivePath.setSrtp(null);
    }
}
