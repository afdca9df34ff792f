package dev.sfu.core.peerconnection;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.PublishLimits;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.rtp.RtpHeaderWriter;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.sdp.SdpException;
import dev.sfu.core.sdp.SdpReader;
import dev.sfu.core.stats.DropCounters;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The header of a decrypted packet, and which of ten streams it belongs to. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class DemuxBenchmark {
    private static final int SECTIONS = 10;
    private final RtpDemuxer demuxer = new RtpDemuxer(new DropCounters());
    private final RtpPacket packet = new RtpPacket();
    private final byte[][] packets = new byte[SECTIONS][];
    private int next;

    /** Negotiates, and lets each stream be heard once. */
    @Setup
    public void prepare() throws SdpException {
        StringBuilder offer = new StringBuilder("v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nt=0 0\na=group:BUNDLE");
        for (int mid = 0; mid < SECTIONS; mid++) {
            offer.append(' ').append(mid);
        }
        offer.append('\n');
        String fingerprint = "00:".repeat(31) + "00";
        for (int mid = 0; mid < SECTIONS; mid++) {
            offer.append(section(fingerprint, mid));
        }
        RtpTransport transport = new RtpTransport(
                new BufferPool(4),
                (path, datagram) -> datagram.release(),
                new SendBandwidth(EngineConfig.Bandwidth.DEFAULT, () -> {}));
        SessionNegotiator negotiator = new SessionNegotiator(
                (mid, kind) -> new RtpTransceiver(
                        mid, kind, new RtpReceiver(mid, kind, () -> {}), new RtpSender(mid, kind, 1, 2, 0, transport)),
                true, true, "cname", PublishLimits.NONE, 1);
        Negotiation negotiation = negotiator.negotiate(SdpReader.read(offer.toString()));
        negotiator.commit(negotiation);
        demuxer.negotiated(negotiator.transceivers(), negotiation.extensions(), negotiation.signalledSsrcs(),
                negotiation.primaryOfRtx());
        for (int i = 0; i < SECTIONS; i++) {
            packets[i] = new byte[1_200];
            new RtpHeaderWriter().begin(packets[i], 0, 1_200).payloadType(96).ssrc(i + 1).finish();
            route();
        }
    }

    private static String section(String fingerprint, int mid) {
        return """
            m=video 9 UDP/TLS/RTP/SAVPF 96
            c=IN IP4 0.0.0.0
            a=ice-ufrag:abcd
            a=ice-pwd:0123456789012345678901
            a=fingerprint:sha-256 %s
            a=setup:actpass
            a=mid:%d
            a=sendonly
            a=rtcp-mux
            a=rtpmap:96 VP8/90000
            a=ssrc:%d cname:x
            """.formatted(fingerprint, mid, mid + 1);
    }

    /** Parse and look up. */
    @Benchmark
    public Object route() {
        byte[] bytes = packets[next];
        next = (next + 1) % SECTIONS;
        packet.parse(bytes, 0, bytes.length);
        RtpDemuxer.Route route = demuxer.route(packet, 0);
        if (route == null) {
            throw new IllegalStateException("no route");
        }
        return route;
    }
}
