package dev.sfu.core.routing;

import dev.sfu.core.peerconnection.BenchmarkPackets;
import dev.sfu.core.peerconnection.IncomingPacket;
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

/** The numbers of one packet for one viewer, after a switch, so that all of them change. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class RewriteBenchmark {
    private final RtpRewriter rewriter = new RtpRewriter(1, 2);
    private final BenchmarkPackets first = new BenchmarkPackets(1);
    private final BenchmarkPackets packets = new BenchmarkPackets(2);

    /** One source, then another. */
    @Setup
    public void prepare() {
        IncomingPacket before = first.next();
        rewriter.switchTo(before);
        numbers(before);
        IncomingPacket start = packets.next();
        rewriter.switchTo(start);
        numbers(start);
    }

    /** The making of the packet, to be subtracted from the other figure. */
    @Benchmark
    public IncomingPacket packetAlone() {
        return packets.next();
    }

    /** Sequence number, timestamp, picture id and TL0PICIDX of a packet that is made for it. */
    @Benchmark
    public long rewrite() {
        return numbers(packets.next());
    }

    private long numbers(IncomingPacket packet) {
        if (!rewriter.place(packet, 0)) {
            throw new IllegalStateException("refused");
        }
        return rewriter.sequence() + rewriter.timestamp() + rewriter.rewrite();
    }
}
