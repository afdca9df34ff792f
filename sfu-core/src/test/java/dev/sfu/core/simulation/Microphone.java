package dev.sfu.core.simulation;

import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.time.Deadlines;
import java.util.SplittableRandom;

/** Opus at 32 kbit/s, a packet every 20 ms; with DTX one every 400 ms in silence. */
public final class Microphone {
    static final long PACKET_NANOS = 20 * Deadlines.MILLISECOND;
    static final int TICKS_PER_PACKET = 960;
    /** TOC, flags, packet number, capture time. */
    static final int MARK_BYTES = 14;

    private static final int SPEECH_BYTES = 80;
    private static final int SILENCE_PACKETS = 20;
    private static final int PACKET_OVERHEAD_BYTES = 60;
    /** Opus with its headers. */
    private static final long RESERVED_BPS = 60_000;
    private static final double MEAN_TALK_SECONDS = 3;
    private static final double MEAN_SILENCE_SECONDS = 4;
    private static final int DTX_FLAG = 1;

    private final VirtualTime time;
    private final int source;
    private final boolean dtx;
    private final SentRtpStream stream;
    private final BrowserTransport transport;
    private final UplinkEstimate estimate;
    private final SplittableRandom random;
    private final VirtualTime.Alarm next = new VirtualTime.Alarm(this::onPacket);
    private final byte[] payload = new byte[256];
    private final long firstTimestamp;
    private long startNanos;
    private boolean talking = true;
    private long turnsAt;
    private long silentSince;
    private boolean scripted;
    private long count;

    Microphone(
            VirtualTime time,
            int source,
            boolean dtx,
            SentRtpStream stream,
            BrowserTransport transport,
            UplinkEstimate estimate,
            SplittableRandom random) {
        this.time = time;
        this.source = source;
        this.dtx = dtx;
        this.stream = stream;
        this.transport = transport;
        this.estimate = estimate;
        this.random = random;
        estimate.reserve(RESERVED_BPS);
        this.firstTimestamp = random.nextInt() & 0xFFFF_FFFFL;
    }

    /** Speaks or is silent from now on, instead of by chance. */
    public void talk(boolean newTalking) {
        scripted = true;
        talking = newTalking;
        silentSince = count;
    }

    static int source(byte[] array, int offset) {
        return array[offset + 2] & 0xFF;
    }

    static boolean isDtx(byte[] array, int offset) {
        return (array[offset + 1] & DTX_FLAG) != 0;
    }

    static long captureNanos(byte[] array, int offset) {
        return Bytes.i64(array, offset + 6);
    }

    SentRtpStream stream() {
        return stream;
    }

    void start() {
        startNanos = time.nowNanos();
        turnsAt = packets(MEAN_TALK_SECONDS);
        time.set(next, startNanos);
    }

    void stop() {
        time.set(next, Deadlines.NEVER);
    }

    private long packets(double meanSeconds) {
        double seconds = -meanSeconds * Math.log(1 - random.nextDouble());
        return 1 + (long) (seconds * Deadlines.SECOND / PACKET_NANOS);
    }

    long timestampAt(long nanos) {
        return firstTimestamp + (nanos - startNanos) * 6 / 125_000;
    }

    private void onPacket(long now) {
        time.set(next, startNanos + (count + 1) * PACKET_NANOS);
        if (dtx && !scripted && count >= turnsAt) {
            talking = !talking;
            silentSince = count;
            turnsAt = count + packets(talking ? MEAN_TALK_SECONDS : MEAN_SILENCE_SECONDS);
        }
        boolean silent = !talking;
        if (!silent || (count - silentSince) % SILENCE_PACKETS == 0) {
            send(silent, now);
        }
        count++;
    }

    private void send(boolean silent, long now) {
        int bytes = silent ? MARK_BYTES : SPEECH_BYTES - 10 + random.nextInt(21);
        payload[0] = 0x78;
        payload[1] = (byte) (silent ? DTX_FLAG : 0);
        payload[2] = (byte) source;
        Bytes.put64(payload, 6, now);
        stream.packetsSent++;
        stream.payloadBytesSent += bytes;
        int level = silent ? 127 : 20 + random.nextInt(30);
        int sequence = transport.sendRtp(
                stream, -1, firstTimestamp + count * TICKS_PER_PACKET, false, level, payload, bytes);
        estimate.onSent(sequence, bytes + PACKET_OVERHEAD_BYTES, now);
    }
}
