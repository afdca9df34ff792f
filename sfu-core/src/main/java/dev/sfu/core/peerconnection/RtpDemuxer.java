package dev.sfu.core.peerconnection;

import dev.sfu.core.codec.Codec;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.HeaderExtensionMap;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
import dev.sfu.core.time.Deadlines;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the stream of an RTP packet (RFC 9143 section 9.2): by SSRC once known, else by MID and RID, by what the offer
 * said of the SSRC, or by a payload type that only one m-section has.
 *
 * <p>Browsers stop sending MID and RID when they see the first report, so what was learnt is kept.
 */
final class RtpDemuxer {
    /** A stream and whether the SSRC is that of its retransmissions. */
    record Route(IncomingStream stream, boolean rtx) {}

    /** A stream this long silent makes room for a new one. */
    private static final long REPLACEABLE_NANOS = 2 * Deadlines.SECOND;

    private final DropCounters drops;
    private final SsrcMap<Route> routes = new SsrcMap<>();
    private final Map<String, RtpTransceiver> byMid = new HashMap<>();
    private final Map<Integer, String> midOfSignalledSsrc = new HashMap<>();
    private final Map<Integer, Integer> primaryOfRtxSsrc = new HashMap<>();
    private final @Nullable RtpTransceiver[] byPayloadType = new RtpTransceiver[128];
    private final boolean[] ambiguousPayloadType = new boolean[128];
    private HeaderExtensionMap extensions = new HeaderExtensionMap();

    RtpDemuxer(DropCounters drops) {
        this.drops = drops;
    }

    /**
     * Takes over what a negotiation agreed on.
     *
     * @param transceivers all m-sections
     * @param bundleExtensions the union of their header extension ids, which BUNDLE makes one space
     * @param signalledSsrcs SSRC to MID as the offer's {@code a=ssrc} lines say
     * @param rtxToPrimary from {@code a=ssrc-group:FID}
     */
    void negotiated(
            List<RtpTransceiver> transceivers,
            HeaderExtensionMap bundleExtensions,
            Map<Integer, String> signalledSsrcs,
            Map<Integer, Integer> rtxToPrimary) {
        extensions = bundleExtensions;
        byMid.clear();
        midOfSignalledSsrc.clear();
        midOfSignalledSsrc.putAll(signalledSsrcs);
        primaryOfRtxSsrc.clear();
        primaryOfRtxSsrc.putAll(rtxToPrimary);
        java.util.Arrays.fill(byPayloadType, null);
        java.util.Arrays.fill(ambiguousPayloadType, false);
        for (RtpTransceiver transceiver : transceivers) {
            if (!transceiver.receives()) {
                continue;
            }
            byMid.put(transceiver.mid(), transceiver);
            for (PayloadType type : transceiver.receiver().payloadTypes().all()) {
                ambiguousPayloadType[type.number()] |= byPayloadType[type.number()] != null;
                byPayloadType[type.number()] = transceiver;
            }
        }
        for (Route route : routes.values()) {
            if (!byMid.containsKey(route.stream().receiver().mid())) {
                remove(route.stream());
            }
        }
    }

    /** The route of a packet, learnt if need be, or null when it is to be dropped; the drop has been counted. */
    @Nullable Route route(RtpPacket packet, long nowNanos) {
        Route known = routes.get(packet.ssrc());
        return known != null ? known : learn(packet, nowNanos);
    }

    /** The route of an SSRC heard before, or null. */
    @Nullable Route known(int ssrc) {
        return routes.get(ssrc);
    }

    private @Nullable Route learn(RtpPacket packet, long nowNanos) {
        RtpTransceiver transceiver = transceiverOf(packet);
        if (transceiver == null) {
            drops.count(DropReason.RTP_UNROUTED);
            return null;
        }
        RtpReceiver receiver = transceiver.receiver();
        PayloadType type = receiver.payloadTypes().of(packet.payloadType());
        if (type == null) {
            drops.count(DropReason.RTP_PAYLOAD_TYPE);
            return null;
        }
        return type.codec() == Codec.RTX ? learnRtx(packet, receiver) : learnPrimary(packet, receiver, type, nowNanos);
    }

    private @Nullable RtpTransceiver transceiverOf(RtpPacket packet) {
        String mid = text(packet, HeaderExtension.MID);
        if (mid == null) {
            mid = midOfSignalledSsrc.get(packet.ssrc());
        }
        if (mid != null) {
            return byMid.get(mid);
        }
        int number = packet.payloadType();
        return ambiguousPayloadType[number] ? null : byPayloadType[number];
    }

    private @Nullable Route learnRtx(RtpPacket packet, RtpReceiver receiver) {
        IncomingStream primary = null;
        String repairedRid = text(packet, HeaderExtension.REPAIRED_RID);
        Integer primarySsrc = primaryOfRtxSsrc.get(packet.ssrc());
        if (repairedRid != null) {
            primary = receiver.streamOfRid(repairedRid);
        } else if (primarySsrc != null) {
            Route route = routes.get(primarySsrc);
            primary = route == null ? null : route.stream();
        } else if (receiver.streams().size() == 1 && receiver.streams().get(0).rid() == null) {
            primary = receiver.streams().get(0);
        }
        if (primary == null) {
            // Chrome probes with RTX before it sends media: nothing is lost by waiting for the primary stream.
            drops.count(DropReason.RTX_UNROUTED);
            return null;
        }
        if (primary.rtxKnown()) {
            routes.remove(primary.rtxSsrc());
        }
        primary.setRtxSsrc(packet.ssrc());
        Route route = new Route(primary, true);
        routes.put(packet.ssrc(), route);
        return route;
    }

    private @Nullable Route learnPrimary(RtpPacket packet, RtpReceiver receiver, PayloadType type, long nowNanos) {
        String rid = text(packet, HeaderExtension.RID);
        if (rid == null && receiver.simulcast()) {
            drops.count(DropReason.RTP_UNROUTED);
            return null;
        }
        if (rid != null && receiver.simulcast() && !receiver.knowsRid(rid)) {
            drops.count(DropReason.RTP_UNROUTED);
            return null;
        }
        IncomingStream former = rid == null ? null : receiver.streamOfRid(rid);
        if (former != null && former.stopped()) {
            remove(former);
        }
        if (receiver.streams().size() >= RtpReceiver.MAX_STREAMS && !dropSilent(receiver, nowNanos)) {
            drops.count(DropReason.SRTP_STREAM_LIMIT);
            return null;
        }
        IncomingStream stream =
                new IncomingStream(receiver, packet.ssrc(), rid, type, type.hasFeedback("nack"));
        receiver.streams().add(stream);
        Route route = new Route(stream, false);
        routes.put(packet.ssrc(), route);
        return route;
    }

    private boolean dropSilent(RtpReceiver receiver, long nowNanos) {
        for (IncomingStream stream : List.copyOf(receiver.streams())) {
            if (nowNanos - stream.lastPacketNanos() > REPLACEABLE_NANOS) {
                remove(stream);
                return true;
            }
        }
        return false;
    }

    /** Forgets a stream and its retransmissions. */
    void remove(IncomingStream stream) {
        stream.end();
        stream.receiver().remove(stream);
        routes.remove(stream.ssrc());
        if (stream.rtxKnown()) {
            routes.remove(stream.rtxSsrc());
        }
    }

    int size() {
        return routes.size();
    }

    private @Nullable String text(RtpPacket packet, HeaderExtension extension) {
        int at = extensions.offsetIn(packet, extension);
        return at < 0
                ? null
                : new String(packet.array(), at, extensions.bytesIn(packet, extension), StandardCharsets.US_ASCII);
    }
}
