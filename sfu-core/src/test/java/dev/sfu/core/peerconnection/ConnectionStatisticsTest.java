package dev.sfu.core.peerconnection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.codec.Rewrite;
import dev.sfu.core.rtcp.ReceiverReport;
import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.rtcp.SenderReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code getStats()} gives, by the names of W3C webrtc-stats. */
class ConnectionStatisticsTest {
    private static Map<String, Map<String, Object>> busy() {
        ScriptedPeer peer = ScriptedPeer.connected(
                Offers.audio("a", "sendrecv"), Offers.video("v", "sendonly"));
        peer.sendRtp(ScriptedPeer.rtpPacket(1, 111, 1, 960, new byte[] {1}, 4, "a", 1, new byte[] {20}));
        peer.sendRtp(ScriptedPeer.rtpPacket(2, 96, 1, 3000, ScriptedPeer.vp8(true, true, 1, 1, 40), 4, "v"));
        peer.sendRtp(ScriptedPeer.rtpPacket(12, 97, 1, 3000, new byte[] {0, 0, 1, 2}, 4, "v"));
        RtpSender sender = peer.connection.transceivers().get(0).sender();
        ScriptedStream source = new ScriptedStream(
                ScriptedStream.receiver("x", dev.sfu.core.api.MediaKind.AUDIO), 1, null, ScriptedStream.opus());
        sender.send(source.packet(5, 960, peer.now, new byte[] {1, 2}),
                Objects.requireNonNull(sender.payloadTypes().of(111)), 7, 960, false, Rewrite.NONE, peer.now);
        for (int ssrc = 1; ssrc <= 2; ssrc++) {
            SenderReport report = new SenderReport(ssrc, 0xEE00_0000_0000_0000L, 960, 5, 6, List.of());
            peer.sendRtcp(out -> RtcpWriter.write(out, report));
        }
        peer.advance(1000 * ScriptedPeer.MS);
        SenderReport sent = peer.rtcpPackets(SenderReport.class).getLast();
        ReportBlock block = new ReportBlock(sender.ssrc(), 128, 1, 7, 480, (int) (sent.ntp() >>> 16), 0);
        peer.sendRtcp(out -> RtcpWriter.write(out, new ReceiverReport(9, List.of(block))));
        Map<String, Map<String, Object>> byId = new LinkedHashMap<>();
        for (Map<String, Object> members : peer.connection.stats(peer.now).stats()) {
            assertEquals(null, byId.put((String) Objects.requireNonNull(members.get("id")), members), "one id each");
        }
        return byId;
    }

    private static Stream<Map<String, Object>> ofType(String type) {
        return busy().values().stream().filter(members -> type.equals(members.get("type")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            peer-connection     | dataChannelsOpened:Integer dataChannelsClosed:Integer
            transport           | packetsSent:Long packetsReceived:Long bytesSent:Long bytesReceived:Long iceRole:String \
            iceState:String dtlsState:String dtlsRole:String dtlsCipher:String srtpCipher:String tlsVersion:String \
            selectedCandidatePairId:String selectedCandidatePairChanges:Number localCertificateId:String \
            remoteCertificateId:String iceLocalUsernameFragment:String
            candidate-pair      | transportId:String localCandidateId:String remoteCandidateId:String state:String \
            nominated:Boolean requestsReceived:Long responsesSent:Long currentRoundTripTime:Double
            local-candidate     | transportId:String address:String port:Integer protocol:String candidateType:String
            remote-candidate    | transportId:String address:String port:Integer protocol:String candidateType:String
            certificate         | fingerprint:String fingerprintAlgorithm:String base64Certificate:String
            codec               | payloadType:Integer transportId:String mimeType:String clockRate:Integer
            inbound-rtp         | ssrc:Long kind:String mid:String transportId:String codecId:String \
            packetsReceived:Long packetsLost:Long jitter:Double bytesReceived:Long headerBytesReceived:Long \
            lastPacketReceivedTimestamp:Double nackCount:Long remoteId:String retransmittedPacketsReceived:Long
            remote-outbound-rtp | ssrc:Long kind:String transportId:String codecId:String localId:String \
            packetsSent:Long bytesSent:Long remoteTimestamp:Double
            outbound-rtp        | ssrc:Long kind:String mid:String transportId:String codecId:String packetsSent:Long \
            bytesSent:Long headerBytesSent:Long retransmittedPacketsSent:Long nackCount:Long active:Boolean \
            remoteId:String
            remote-inbound-rtp  | ssrc:Long kind:String transportId:String codecId:String localId:String \
            packetsLost:Integer fractionLost:Double jitter:Double roundTripTime:Double totalRoundTripTime:Double \
            roundTripTimeMeasurements:Number
            """)
    void hasTheStandardMembers(String type, String members) throws ClassNotFoundException {
        List<Map<String, Object>> all = ofType(type.strip()).toList();
        assertTrue(!all.isEmpty(), type);
        for (Map<String, Object> present : all) {
            assertInstanceOf(Double.class, present.get("timestamp"));
            for (String member : members.strip().split("\\s+", -1)) {
                String[] parts = member.split(":", 2);
                assertInstanceOf(Class.forName("java.lang." + parts[1]), present.get(parts[0]), type + " " + member);
            }
        }
    }

    @Test
    void everythingReferredToIsThere() {
        Map<String, Map<String, Object>> stats = busy();
        for (Map<String, Object> members : stats.values()) {
            members.forEach((name, value) -> {
                if (name.endsWith("Id") && !name.equals("id")) {
                    assertNotNull(stats.get(value), members.get("id") + "." + name + ": " + value);
                }
            });
        }
    }

    @Test
    void valuesAreThoseOfThePackets() {
        Map<String, Map<String, Object>> stats = busy();
        Map<String, Object> audio = Objects.requireNonNull(stats.get("Ia-1"));
        assertEquals(1L, audio.get("packetsReceived"));
        assertEquals(1L, audio.get("bytesReceived"));
        assertEquals(0.1, (double) Objects.requireNonNull(audio.get("audioLevel")), 1e-9);
        Map<String, Object> video = Objects.requireNonNull(stats.get("Iv-2"));
        assertEquals(1L, video.get("keyFramesReceived"));
        assertEquals(12L, video.get("rtxSsrc"));
        assertEquals("video/VP8", Objects.requireNonNull(stats.get("Cv-96")).get("mimeType"));
        Map<String, Object> heard = ofType("remote-inbound-rtp").findAny().orElseThrow();
        assertEquals(0.5, heard.get("fractionLost"));
        assertEquals(0.01, (double) Objects.requireNonNull(heard.get("jitter")), 1e-9);
        assertEquals("connected", Objects.requireNonNull(stats.get("T")).get("dtlsState"));
    }

    @Test
    void aNewConnectionHasStatisticsToo() {
        ScriptedPeer peer = new ScriptedPeer();
        assertEquals(List.of("peer-connection", "transport"),
                peer.connection.stats(peer.now).stats().stream().map(members -> members.get("type")).toList());
    }
}
