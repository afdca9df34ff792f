package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.bwe.BandwidthEstimate;
import dev.sfu.core.bwe.LimitedBy;
import dev.sfu.core.dtls.DtlsTransport;
import dev.sfu.core.dtls.DtlsTransportState;
import dev.sfu.core.ice.IceStats;
import dev.sfu.core.ice.NetworkPath;
import dev.sfu.core.ice.Transport;
import dev.sfu.core.pacing.Pacer;
import dev.sfu.core.repair.RoundTripTime;
import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.rtcp.SenderReport;
import dev.sfu.core.sdp.Fingerprint;
import dev.sfu.core.sdp.IceCandidate;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.StatsReport;
import dev.sfu.core.time.Deadlines;
import dev.sfu.core.time.WallClock;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a connection's counters out as W3C webrtc-stats dictionaries. Members that only an endpoint which encodes or decodes
 * could fill are absent; {@code packetsDiscardedByReason}, {@code bytesBeyondLimit}, {@code paddingPacketsSent}, {@code layer},
 * {@code reason}, {@code bandwidth} and, of what comes in, {@code bitrate}, {@code rid} and {@code keyFramesReceived} are ours. {@code
 * docs/operations.md} tells operators of them.
 */
final class ConnectionStatistics {
    private final PeerConnection connection;
    private final WallClock wallClock;
    private final long nowNanos;
    private final double timestamp;
    private final List<Map<String, Object>> stats = new ArrayList<>();

    ConnectionStatistics(PeerConnection connection, WallClock wallClock, long nowNanos) {
        this.connection = connection;
        this.wallClock = wallClock;
        this.nowNanos = nowNanos;
        this.timestamp = wallClock.epochMillis(nowNanos);
    }

    StatsReport report() {
        peerConnection();
        transport();
        for (RtpTransceiver transceiver : connection.transceivers()) {
            for (PayloadType type : transceiver.receiver().payloadTypes().all()) {
                codec(transceiver, type);
            }
            for (IncomingStream stream : transceiver.receiver().streams()) {
                inbound(transceiver, stream);
                remoteOutbound(transceiver, stream);
            }
            if (transceiver.sender().active()) {
                outbound(transceiver);
                remoteInbound(transceiver);
            }
        }
        return new StatsReport(stats);
    }

    private Map<String, Object> add(String id, String type) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("id", id);
        members.put("timestamp", timestamp);
        members.put("type", type);
        stats.add(members);
        return members;
    }

    private static void put(Map<String, Object> members, String name, @Nullable Object value) {
        if (value != null) {
            members.put(name, value);
        }
    }

    private void peerConnection() {
        Map<String, Object> members = add("PC", "peer-connection");
        members.put("dataChannelsOpened", 0);
        members.put("dataChannelsClosed", 0);
        members.put("packetsDiscardedByReason", byReason(connection.drops()));
        members.put("bytesBeyondLimit", connection.publishLimiter().bytesBeyondLimit());
        members.put("bandwidth", bandwidth());
    }

    /** What the estimate comes from, and what waits because of it. */
    private Map<String, Object> bandwidth() {
        BandwidthEstimate estimate = connection.bandwidth();
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("targetBitrate", estimate.targetBps());
        members.put("limitedBy", lower(estimate.limitedBy()));
        putKnown(members, "acknowledgedBitrate", estimate.acknowledgedBps());
        putKnown(members, "delayBasedBitrate", estimate.delayBasedBps());
        putKnown(members, "lossBasedBitrate", estimate.lossBasedBps());
        putKnown(members, "remb", estimate.rembBps());
        members.put("nextLayerBitrate", estimate.nextLayerBps());
        members.put("usage", lower(estimate.usage()));
        members.put("applicationLimited", estimate.applicationLimited());
        members.put("frozen", estimate.frozen());
        members.put("lossRatio", estimate.lossRatio());
        members.put("inFlightBytes", estimate.inFlightBytes());
        putKnown(members, "congestionWindowBytes", estimate.congestionWindowBytes());
        members.put("probesSent", estimate.probesSent());
        members.put("probesMeasured", estimate.probesMeasured());
        members.put("audioBitrate", connection.audioSentBps(nowNanos));
        members.put("repairBitrate", connection.repairSentBps(nowNanos));
        members.put("retransmissionsRefused", connection.transport().bandwidth().repairsRefused());
        Pacer pacer = connection.transport().bandwidth().pacer();
        if (pacer != null) {
            members.put("queuedPackets", pacer.queuedPackets());
            members.put("queuedBytes", pacer.queuedBytes());
            members.put("packetsThatWaited", pacer.sentQueued());
            members.put("droppedPackets", pacer.droppedPackets());
            members.put("probesFailed", pacer.probesFailed());
        }
        return members;
    }

    private static void putKnown(Map<String, Object> members, String name, long value) {
        if (value >= 0) {
            members.put(name, value);
        }
    }

    private static Map<String, Long> byReason(DropCounters drops) {
        Map<String, Long> counts = new LinkedHashMap<>();
        drops.toMap().forEach((reason, count) -> counts.put(reason.name().toLowerCase(Locale.ROOT), count));
        return counts;
    }

    private void transport() {
        Map<String, Object> members = add("T", "transport");
        members.put("packetsSent", connection.transport().packetsSent());
        members.put("packetsReceived", connection.packetsReceived());
        members.put("bytesSent", connection.transport().bytesSent());
        members.put("bytesReceived", connection.bytesReceived());
        members.put("iceRole", "controlled");
        members.put("iceState", lower(connection.ice().state()));
        members.put("iceLocalUsernameFragment", connection.ice().localCredentials().ufrag());
        IceStats ice = connection.ice().stats();
        members.put("selectedCandidatePairChanges", ice.selectedCandidatePairChanges());
        DtlsTransport dtls = connection.dtls();
        members.put("dtlsState", lower(dtls == null ? DtlsTransportState.NEW : dtls.state()));
        if (dtls != null) {
            members.put("dtlsRole", lower(dtls.role()));
            put(members, "dtlsCipher", dtls.cipherSuite());
            put(members, "tlsVersion", dtls.tlsVersion());
            put(members, "srtpCipher", dtls.srtpProfile() == null ? null : dtls.srtpProfile().name());
            certificates(members, dtls);
        }
        NetworkPath path = connection.ice().selectedPath();
        if (path != null) {
            members.put("selectedCandidatePairId", "CP");
            candidatePair(path, ice);
        }
    }

    private void certificates(Map<String, Object> transport, DtlsTransport dtls) {
        transport.put("localCertificateId", "CERT-local");
        certificate("CERT-local", connection.config().certificate().der(),
                connection.config().certificate().fingerprint("sha-256"));
        if (!dtls.remoteCertificates().isEmpty()) {
            byte[] der = dtls.remoteCertificates().get(0);
            transport.put("remoteCertificateId", "CERT-remote");
            certificate("CERT-remote", der, sha256(der));
        }
    }

    private static Fingerprint sha256(byte[] der) {
        try {
            return new Fingerprint("sha-256", MessageDigest.getInstance("SHA-256").digest(der));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private void certificate(String id, byte[] der, Fingerprint fingerprint) {
        Map<String, Object> members = add(id, "certificate");
        members.put("fingerprint", HexFormat.ofDelimiter(":").withUpperCase().formatHex(fingerprint.value()));
        members.put("fingerprintAlgorithm", fingerprint.algorithm());
        members.put("base64Certificate", Base64.getEncoder().encodeToString(der));
    }

    private void candidatePair(NetworkPath path, IceStats ice) {
        Map<String, Object> pair = add("CP", "candidate-pair");
        pair.put("transportId", "T");
        pair.put("localCandidateId", "LC");
        pair.put("remoteCandidateId", "RC");
        pair.put("state", "succeeded");
        pair.put("nominated", true);
        pair.put("packetsSent", connection.transport().packetsSent());
        pair.put("packetsReceived", connection.packetsReceived());
        pair.put("bytesSent", connection.transport().bytesSent());
        pair.put("bytesReceived", connection.bytesReceived());
        pair.put("requestsReceived", ice.requestsReceived());
        pair.put("responsesSent", ice.responsesSent());
        double roundTrip = connection.rtcpInbox().roundTripSeconds();
        if (roundTrip >= 0) {
            pair.put("currentRoundTripTime", roundTrip);
        }
        BandwidthEstimate bandwidth = connection.bandwidth();
        if (bandwidth.limitedBy() != LimitedBy.START) {
            pair.put("availableOutgoingBitrate", bandwidth.targetBps());
        }
        candidate("LC", "local-candidate", path, true);
        candidate("RC", "remote-candidate", path, false);
    }

    private void candidate(String id, String type, NetworkPath path, boolean local) {
        java.net.InetSocketAddress address = local ? path.local() : path.remote();
        Map<String, Object> members = add(id, type);
        members.put("transportId", "T");
        members.put("address", address.getAddress().getHostAddress());
        members.put("port", address.getPort());
        members.put("protocol", path.transport() == Transport.UDP ? "udp" : "tcp");
        members.put("candidateType", local ? "host" : "prflx");
        if (local) {
            for (IceCandidate candidate : connection.config().candidates()) {
                if (candidate.address().equals(address.getAddress().getHostAddress())
                        && candidate.port() == address.getPort()) {
                    members.put("priority", candidate.priority());
                    members.put("foundation", candidate.foundation());
                }
            }
        }
    }

    private static String codecId(RtpTransceiver transceiver, PayloadType type) {
        return "C" + transceiver.mid() + "-" + type.number();
    }

    private void codec(RtpTransceiver transceiver, PayloadType type) {
        Map<String, Object> members = add(codecId(transceiver, type), "codec");
        members.put("payloadType", type.number());
        members.put("transportId", "T");
        members.put("mimeType", type.parameters().mimeType(lower(transceiver.kind())));
        members.put("clockRate", type.clockRate());
        if (transceiver.kind() == MediaKind.AUDIO) {
            members.put("channels", type.parameters().channels());
        }
        if (!type.parameters().fmtp().isEmpty()) {
            members.put("sdpFmtpLine", type.parameters().fmtp().text());
        }
    }

    private void inbound(RtpTransceiver transceiver, IncomingStream stream) {
        Map<String, Object> members = add("I" + transceiver.mid() + "-" + ssrc(stream.ssrc()), "inbound-rtp");
        rtp(members, transceiver, stream.ssrc(), stream.payloadType());
        put(members, "rid", stream.rid());
        put(members, "rtxSsrc", stream.rtxKnown() ? ssrc(stream.rtxSsrc()) : null);
        members.put("packetsReceived", stream.statistics().packets());
        members.put("packetsLost", stream.statistics().packetsLost());
        members.put("jitter", stream.statistics().jitterSeconds());
        members.put("bytesReceived", stream.payloadBytes());
        members.put("headerBytesReceived", stream.headerBytes());
        members.put("lastPacketReceivedTimestamp", wallClock.epochMillis(stream.lastPacketNanos()));
        members.put("retransmittedPacketsReceived", stream.retransmittedPackets());
        members.put("retransmittedBytesReceived", stream.retransmittedBytes());
        members.put("nackCount", stream.nackCount());
        if (transceiver.kind() == MediaKind.VIDEO) {
            members.put("framesReceived", stream.framesReceived());
            members.put("keyFramesReceived", stream.keyFramesReceived());
            members.put("pliCount", stream.pliCount());
            members.put("firCount", stream.firCount());
        } else if (stream.audioLevel() >= 0) {
            // RFC 6464 counts -dBov; webrtc-stats wants a linear level from 0 to 1.
            members.put("audioLevel", stream.audioLevel() == 127 ? 0.0 : Math.pow(10, -stream.audioLevel() / 20.0));
        }
        members.put("bitrate", stream.bitrateBps(nowNanos));
        members.put("packetsDiscardedByReason", byReason(transceiver.receiver().drops()));
        if (stream.lastSenderReport() != null) {
            members.put("remoteId", "RO" + transceiver.mid() + "-" + ssrc(stream.ssrc()));
        }
    }

    private void remoteOutbound(RtpTransceiver transceiver, IncomingStream stream) {
        SenderReport report = stream.lastSenderReport();
        if (report == null) {
            return;
        }
        Map<String, Object> members = add("RO" + transceiver.mid() + "-" + ssrc(stream.ssrc()), "remote-outbound-rtp");
        members.put("timestamp", wallClock.epochMillis(stream.lastSenderReportNanos()));
        rtp(members, transceiver, stream.ssrc(), stream.payloadType());
        members.put("localId", "I" + transceiver.mid() + "-" + ssrc(stream.ssrc()));
        members.put("packetsSent", report.packetCount());
        members.put("bytesSent", report.octetCount());
        long seconds = (report.ntp() >>> 32) - WallClock.NTP_UNIX_OFFSET_SECONDS;
        members.put("remoteTimestamp", seconds * 1000.0 + (report.ntp() & 0xFFFF_FFFFL) * 1000.0 / (1L << 32));
    }

    private void outbound(RtpTransceiver transceiver) {
        RtpSender sender = transceiver.sender();
        Map<String, Object> members = add("O" + transceiver.mid() + "-" + ssrc(sender.ssrc()), "outbound-rtp");
        rtp(members, transceiver, sender.ssrc(), sender.lastPayloadType());
        members.put("rtxSsrc", ssrc(sender.rtxSsrc()));
        members.put("packetsSent", sender.packetsSent() + sender.rtx().packetsSent());
        members.put("bytesSent", sender.payloadBytesSent() + sender.rtx().bytesSent());
        members.put("headerBytesSent", sender.headerBytesSent());
        members.put("retransmittedPacketsSent", sender.rtx().packetsSent());
        members.put("retransmittedBytesSent", sender.rtx().bytesSent());
        members.put("totalPacketSendDelay", sender.sendDelayNanos() / (double) Deadlines.SECOND);
        members.put("paddingPacketsSent", sender.rtx().paddingPacketsSent());
        members.put("nackCount", sender.nackCount());
        if (transceiver.kind() == MediaKind.VIDEO) {
            members.put("pliCount", sender.keyframes().pliCount());
            members.put("firCount", sender.keyframes().firCount());
        }
        SentVideo video = sender.sentVideo();
        if (video != null) {
            sentVideo(members, video);
        }
        members.put("active", transceiver.sends());
        members.put("packetsDiscardedByReason", byReason(sender.drops()));
        if (sender.reports().heard()) {
            members.put("remoteId", "RI" + transceiver.mid() + "-" + ssrc(sender.ssrc()));
        }
    }

    /** {@code layer} and {@code reason} are ours. */
    private static void sentVideo(Map<String, Object> members, SentVideo video) {
        if (video.width() > 0) {
            members.put("frameWidth", video.width());
            members.put("frameHeight", video.height());
            members.put("framesPerSecond", video.framesPerSecond());
            members.put("targetBitrate", video.targetBps());
        }
        put(members, "rid", video.rid());
        members.put("layer", video.layer());
        members.put("reason", video.reason().toLowerCase(Locale.ROOT));
        members.put("qualityLimitationReason", video.bandwidthLimited() ? "bandwidth" : "none");
    }

    private void remoteInbound(RtpTransceiver transceiver) {
        RtpSender sender = transceiver.sender();
        ReportBlock report = sender.reports().last();
        if (report == null) {
            return;
        }
        Map<String, Object> members = add("RI" + transceiver.mid() + "-" + ssrc(sender.ssrc()), "remote-inbound-rtp");
        members.put("timestamp", wallClock.epochMillis(sender.reports().lastNanos()));
        rtp(members, transceiver, sender.ssrc(), sender.lastPayloadType());
        members.put("localId", "O" + transceiver.mid() + "-" + ssrc(sender.ssrc()));
        members.put("packetsLost", report.cumulativeLost());
        members.put("fractionLost", report.fractionLost() / 256.0);
        PayloadType type = sender.lastPayloadType();
        if (type != null) {
            members.put("jitter", report.jitter() / (double) type.clockRate());
        }
        RoundTripTime roundTrip = sender.reports().roundTripTime();
        if (roundTrip.known()) {
            members.put("roundTripTime", roundTrip.latestNanos() / (double) Deadlines.SECOND);
            members.put("totalRoundTripTime", roundTrip.totalNanos() / (double) Deadlines.SECOND);
            members.put("roundTripTimeMeasurements", roundTrip.measurements());
        }
    }

    private void rtp(Map<String, Object> members, RtpTransceiver transceiver, int ssrc, @Nullable PayloadType type) {
        members.put("ssrc", ssrc(ssrc));
        members.put("kind", lower(transceiver.kind()));
        members.put("mid", transceiver.mid());
        members.put("transportId", "T");
        if (type != null) {
            members.put("codecId", codecId(transceiver, type));
        }
    }

    private static long ssrc(int ssrc) {
        return Integer.toUnsignedLong(ssrc);
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
