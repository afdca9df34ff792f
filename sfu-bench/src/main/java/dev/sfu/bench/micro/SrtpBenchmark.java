package dev.sfu.bench.micro;

import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.srtp.CryptoProviders;
import dev.sfu.core.srtp.SrtpKeys;
import dev.sfu.core.srtp.SrtpProfile;
import dev.sfu.core.srtp.SrtpReceiver;
import dev.sfu.core.srtp.SrtpSender;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One RTP packet of {@link #payloadBytes} with a header of 20: encryption out of place, and decryption. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class SrtpBenchmark {
    private static final int HEADER_BYTES = 20;
    private static final int ROOM_BYTES = 1_500;
    /** Encrypted beforehand; a receiver takes each of them once. */
    private static final int PACKETS = 4_096;

    /** What is agreed on. */
    @Param({"AEAD_AES_128_GCM", "AES128_CM_HMAC_SHA1_80"})
    public SrtpProfile profile = SrtpProfile.AEAD_AES_128_GCM;

    /** Of a video packet and of one of Opus. */
    @Param({"1100", "80"})
    public int payloadBytes;

    private final CryptoProviders providers = CryptoProviders.select();
    private final byte[] payload = new byte[ROOM_BYTES];
    private final byte[] out = new byte[ROOM_BYTES];
    private final byte[][] protectedPackets = new byte[PACKETS][];
    private SrtpKeys keys = keys(SrtpProfile.AEAD_AES_128_GCM, true);
    private SrtpSender sender = SrtpSender.create(keys, providers);
    private SrtpReceiver receiver = SrtpReceiver.create(keys, providers);
    private long index;
    private int next;

    private static SrtpKeys keys(SrtpProfile profile, boolean client) {
        byte[] material = new byte[SrtpKeys.exporterBytes(profile)];
        new Random(1).nextBytes(material);
        return SrtpKeys.fromExporter(profile, material, client);
    }

    /** Keys, and packets to decrypt. */
    @Setup
    public void prepare() {
        new Random(2).nextBytes(payload);
        keys = keys(profile, false);
        sender = SrtpSender.create(keys(profile, true), providers);
        for (index = 0; index < PACKETS; index++) {
            int length = protect();
            protectedPackets[(int) index] = java.util.Arrays.copyOf(out, length);
        }
        next = PACKETS;
    }

    /** Header written, payload encrypted into the outgoing packet. */
    @Benchmark
    public int protect() {
        out[0] = (byte) 0x90;
        out[1] = 96;
        Bytes.put16(out, 2, (int) index & 0xFFFF);
        Bytes.put64(out, 4, 0x0000_1234_0000_5678L);
        Bytes.put32(out, 12, 0xBEDE_0001);
        Bytes.put32(out, 16, 0x1000_0000);
        return sender.protectRtp(index++, out, 0, HEADER_BYTES, 0, payload, 0, payloadBytes);
    }

    /** Replay check, authentication, decryption into a second buffer. */
    @Benchmark
    public int unprotect() {
        if (next == PACKETS) {
            next = 0;
            receiver = SrtpReceiver.create(keys, providers);
        }
        byte[] packet = protectedPackets[next++];
        int bytes = receiver.unprotectRtp(packet, 0, packet.length, out, 0);
        if (bytes < 0) {
            throw new IllegalStateException("unprotect: " + bytes);
        }
        return bytes;
    }
}
