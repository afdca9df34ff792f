package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.rtcp.RtcpPacket;
import dev.sfu.core.rtcp.RtcpReader;
import dev.sfu.core.rtcp.TransportFeedback;
import dev.sfu.core.time.Deadlines;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TransportFeedbackGeneratorTest {
    private static final long MS = Deadlines.MILLISECOND;
    private static final long TICK = TransportFeedback.TICK_NANOS;

    private final TransportFeedbackGenerator generator = new TransportFeedbackGenerator();

    @Test
    void goldenRunLength() {
        // A tick is 250 µs; the clock's origin is the first arrival.
        for (int i = 0; i < 9; i++) {
            generator.onPacket(1 + i, 4L * i * TICK);
        }
        assertArrayEquals(
                Bytes.hex("""
                        afcd0007 00000001 0badcafe 0001 0009 000000 00
                        2009 00 04 04 04 04 04 04 04 04 01
                        """),
                writeAll(100 * MS));
    }

    @Test
    void goldenOneBitVectorWithLoss() {
        // 0x9F1C of the draft, section 3.1.4: 0 11111 000 111 00, less the two last, which are beyond the range.
        generator.onPacket(65_534, 64 * MS);
        assertEquals(24, writeAll(164 * MS).length);
        for (int sequence : new int[] {0, 1, 2, 3, 4, 8, 9, 10}) {
            generator.onPacket(sequence, 264 * MS);
        }
        // 200 ms after the origin: reference 3, and 8 ms = 32 ticks more.
        assertArrayEquals(
                Bytes.hex("""
                        afcd0007 00000001 0badcafe ffff 000c 000003 01
                        9f1c 20 00 00 00 00 00 00 00 0002
                        """),
                writeAll(364 * MS));
    }

    @Test
    void goldenTwoBitVectorWithLargeAndNegativeDeltas() {
        generator.onPacket(5, 0);
        generator.onPacket(7, 64 * MS);
        generator.onPacket(6, 65 * MS);
        // 01 10 10 ........: 0, +260 ticks, -4 ticks.
        assertArrayEquals(
                Bytes.hex("afcd0006 00000001 0badcafe 0005 0003 000000 00 da00 00 0104 fffc 01"),
                writeAll(100 * MS));
    }

    @Test
    void feedbackIsDueAfterTheFirstPacketAndStopsWithoutPackets() {
        assertEquals(Deadlines.NEVER, generator.nextDeadlineNanos());
        generator.onPacket(1, 10 * MS);
        generator.onPacket(2, 60 * MS);
        assertEquals(110 * MS, generator.nextDeadlineNanos());
        assertEquals(0, writeAll(109 * MS).length);
        assertEquals(1, decode(writeAll(110 * MS)).size());
        assertEquals(Deadlines.NEVER, generator.nextDeadlineNanos());
        assertEquals(0, writeAll(10 * Deadlines.SECOND).length);
        generator.onPacket(3, 20 * Deadlines.SECOND);
        assertEquals(20_100 * MS, generator.nextDeadlineNanos());
        TransportFeedback feedback = decode(writeAll(20_100 * MS)).getFirst();
        assertEquals(3, feedback.baseSequenceNumber());
        assertEquals(1, feedback.feedbackPacketCount());
        assertEquals(19_990 / 64, feedback.referenceTime());
    }

    @Test
    void manyPacketsAreReportedSooner() {
        for (int i = 0; i < 15; i++) {
            generator.onPacket(i, 0);
        }
        assertEquals(100 * MS, generator.nextDeadlineNanos());
        generator.onPacket(15, MS);
        assertEquals(50 * MS, generator.nextDeadlineNanos());
        for (int i = 16; i < 512; i++) {
            generator.onPacket(i, 2 * MS);
        }
        assertEquals(0, generator.nextDeadlineNanos());
        List<TransportFeedback> feedback = decode(writeAll(2 * MS));
        assertEquals(1, feedback.size());
        assertEquals(512, feedback.getFirst().receivedCount());
    }

    @Test
    void duplicatesAreIgnored() {
        generator.onPacket(1, 0);
        generator.onPacket(1, MS);
        writeAll(100 * MS);
        generator.onPacket(1, 101 * MS);
        assertEquals(Deadlines.NEVER, generator.nextDeadlineNanos());
        assertEquals(2, generator.duplicates());
    }

    @Test
    void aPacketReportedMissingIsReportedAgainWhenItComes() {
        generator.onPacket(1, 0);
        generator.onPacket(3, MS);
        TransportFeedback first = decode(writeAll(100 * MS)).getFirst();
        assertEquals(3, first.statusCount());
        assertEquals(2, first.receivedCount());
        generator.onPacket(2, 110 * MS);
        TransportFeedback second = decode(writeAll(210 * MS)).getFirst();
        assertEquals(2, second.baseSequenceNumber());
        assertEquals(2, second.receivedCount());
        assertTrue(second.arrivalTicks(0) > second.arrivalTicks(1));
        generator.onPacket(4, 220 * MS);
        assertEquals(4, decode(writeAll(320 * MS)).getFirst().baseSequenceNumber());
    }

    @Test
    void aPacketBeforeTheFirstIsReported() {
        generator.onPacket(0, 0);
        generator.onPacket(65_534, 0);
        TransportFeedback feedback = decode(writeAll(100 * MS)).getFirst();
        assertEquals(65_534, feedback.baseSequenceNumber());
        assertEquals(3, feedback.statusCount());
        assertEquals(2, feedback.receivedCount());
    }

    @Test
    void deltasBeyond16BitsStartAnotherPacket() {
        generator.onPacket(1, 0);
        generator.onPacket(2, 8192 * MS);
        generator.onPacket(3, 8192 * MS + TICK);
        List<TransportFeedback> feedback = decode(writeAll(9000 * MS));
        assertEquals(2, feedback.size());
        assertEquals(1, feedback.get(0).statusCount());
        assertEquals(2, feedback.get(1).baseSequenceNumber());
        assertEquals(128, feedback.get(1).referenceTime());
        assertEquals(2, feedback.get(1).receivedCount());
        assertEquals(1, feedback.get(1).feedbackPacketCount());
    }

    @Test
    void theReferenceTimeWrapsAt24Bits() {
        generator.onPacket(1, 0);
        writeAll(100 * MS);
        long later = ((1L << 23) + 5) * 64 * MS;
        generator.onPacket(2, later);
        assertEquals(-(1 << 23) + 5, decode(writeAll(later + 100 * MS)).getFirst().referenceTime());
    }

    @Test
    void whatDoesNotFitStaysDue() {
        Random random = new Random(1);
        for (int i = 0; i < 300; i++) {
            generator.onPacket(i, i / 4 * MS + random.nextLong(MS));
        }
        int next = 0;
        while (generator.nextDeadlineNanos() <= 150 * MS) {
            ByteWriter out = new ByteWriter(new byte[100]);
            assertTrue(generator.write(out, 1, 2, 150 * MS));
            assertTrue(out.ok());
            TransportFeedback feedback = decode(out.toByteArray()).getFirst();
            assertEquals(next, feedback.baseSequenceNumber());
            next += feedback.statusCount();
        }
        assertEquals(300, next);
        generator.onPacket(300, 200 * MS);
        assertFalse(generator.write(new ByteWriter(new byte[23]), 1, 2, 300 * MS));
        assertTrue(generator.write(new ByteWriter(new byte[24]), 1, 2, 300 * MS));
    }

    @Test
    void anOutageInSequenceStartsAgain() {
        generator.onPacket(0, 0);
        generator.onPacket(5000, MS);
        TransportFeedback feedback = decode(writeAll(200 * MS)).getFirst();
        assertEquals(5000, feedback.baseSequenceNumber());
        generator.onPacket(2000, 201 * MS);
        assertEquals(1, generator.tooOld());
        generator.onPacket(4000, 201 * MS);
        feedback = decode(writeAll(400 * MS)).getFirst();
        assertEquals(4000, feedback.baseSequenceNumber());
        assertEquals(1001, feedback.statusCount());
        assertEquals(2, feedback.receivedCount());
    }

    @Test
    void whatIsWrittenIsWhatArrivedThroughLossReorderingAndWraps() {
        for (int seed = 1; seed <= 12; seed++) {
            Random random = new Random(seed);
            String what = "seed " + seed;
            TransportFeedbackGenerator sut = new TransportFeedbackGenerator();
            // Unwrapped sequence -> arrival tick, and what feedback said about it.
            Map<Integer, Long> arrived = new HashMap<>();
            Map<Integer, Long> reported = new HashMap<>();
            TreeMap<Long, Integer> link = new TreeMap<>();
            double loss = random.nextInt(4) * 0.1;
            long spread = random.nextInt(3) * 10L * MS + 1;
            long sent = 0;
            int base = 60_000;
            for (int i = 0; i < 20_000; i++) {
                sent += random.nextInt(500) == 0 ? random.nextLong(20 * Deadlines.SECOND) : random.nextLong(3 * MS);
                if (random.nextDouble() >= loss && (i % 1000 < 900 || seed % 2 == 0)) {
                    link.put(sent + random.nextLong(spread), base + i);
                }
            }
            long origin = link.firstKey();
            int bytes = 0;
            int expectedCount = 0;
            for (Map.Entry<Long, Integer> packet : link.entrySet()) {
                while (sut.nextDeadlineNanos() <= packet.getKey()) {
                    ByteWriter out = new ByteWriter(new byte[random.nextInt(1200) + 40]);
                    assertTrue(sut.write(out, 1, 2, sut.nextDeadlineNanos()), what);
                    bytes += out.length();
                    collect(out.toByteArray(), expectedCount++, base, reported, arrived, origin, what);
                }
                sut.onPacket(packet.getValue() & 0xFFFF, packet.getKey());
                arrived.put(packet.getValue(), (packet.getKey() - origin) / TICK);
            }
            while (sut.nextDeadlineNanos() != Deadlines.NEVER) {
                ByteWriter out = new ByteWriter(new byte[1200]);
                assertTrue(sut.write(out, 1, 2, Long.MAX_VALUE - 1), what);
                collect(out.toByteArray(), expectedCount++, base, reported, arrived, origin, what);
            }
            assertEquals(arrived, reported, what);
            assertTrue(bytes < arrived.size() * 4, what + ": " + bytes + " bytes for " + arrived.size());
        }
    }

    @Test
    void anyNumbersAtAnyTimesAreSurvived() {
        for (int seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            TransportFeedbackGenerator sut = new TransportFeedbackGenerator();
            long now = random.nextLong() / 4;
            List<RtcpPacket> packets = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                now += random.nextInt(50) == 0 ? random.nextLong(100 * Deadlines.SECOND) : random.nextLong(10 * MS);
                int sequence = random.nextInt(seed % 2 == 0 ? 65_536 : 4000);
                sut.onPacket(sequence, now - random.nextLong(20 * MS));
                packets.clear();
                while (sut.nextDeadlineNanos() <= now) {
                    ByteWriter out = new ByteWriter(new byte[1200]);
                    assertTrue(sut.write(out, 1, 2, now), "seed " + seed);
                    assertTrue(RtcpReader.read(out.array(), 0, out.length(), packets), "seed " + seed);
                }
                assertTrue(packets.size() <= 2048, "seed " + seed);
            }
        }
    }

    private static void collect(
            byte[] bytes,
            int expectedCount,
            int base,
            Map<Integer, Long> reported,
            Map<Integer, Long> arrived,
            long origin,
            String what) {
        TransportFeedback feedback = decode(bytes).getFirst();
        assertEquals(expectedCount & 0xFF, feedback.feedbackPacketCount(), what);
        for (int i = 0; i < feedback.receivedCount(); i++) {
            int sequence = feedback.sequenceNumber(i) < base ? feedback.sequenceNumber(i) + 65_536 : 0;
            int unwrapped = sequence == 0 ? feedback.sequenceNumber(i) : sequence;
            long ticks = feedback.referenceTime() * 256L + feedback.arrivalTicks(i);
            assertEquals(arrived.get(unwrapped), ticks, what + ": sequence " + unwrapped + " origin " + origin);
            reported.put(unwrapped, ticks);
        }
    }

    private byte[] writeAll(long nowNanos) {
        ByteWriter out = new ByteWriter(new byte[2400]);
        while (generator.nextDeadlineNanos() <= nowNanos) {
            assertTrue(generator.write(out, 1, 0x0BADCAFE, nowNanos));
        }
        return out.toByteArray();
    }

    /** Reads with {@link RtcpReader} and checks each against a second decoder that works on strings of bits. */
    private static List<TransportFeedback> decode(byte[] bytes) {
        List<RtcpPacket> packets = new ArrayList<>();
        assertTrue(RtcpReader.read(bytes, 0, bytes.length, packets));
        List<TransportFeedback> feedback = new ArrayList<>();
        int offset = 0;
        for (RtcpPacket packet : packets) {
            TransportFeedback one = assertInstanceOf(TransportFeedback.class, packet);
            assertEquals(decodeByBits(bytes, offset), describe(one));
            feedback.add(one);
            offset += (Bytes.u16(bytes, offset + 2) + 1) * 4;
        }
        return feedback;
    }

    private static String describe(TransportFeedback feedback) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < feedback.receivedCount(); i++) {
            text.append(feedback.statusIndex(i)).append('@').append(feedback.arrivalTicks(i)).append(' ');
        }
        return text.toString();
    }

    private static String decodeByBits(byte[] bytes, int offset) {
        int end = offset + (Bytes.u16(bytes, offset + 2) + 1) * 4;
        if ((bytes[offset] & 0x20) != 0) {
            end -= bytes[end - 1];
        }
        int statusCount = Bytes.u16(bytes, offset + 14);
        StringBuilder symbols = new StringBuilder();
        int position = offset + 20;
        while (symbols.length() < statusCount) {
            String bits = String.format("%16s", new BigInteger(1, new byte[] {bytes[position], bytes[position + 1]})
                            .toString(2))
                    .replace(' ', '0');
            position += 2;
            if (bits.charAt(0) == '0') {
                int symbol = Integer.parseInt(bits.substring(1, 3), 2);
                symbols.repeat('0' + symbol, Integer.parseInt(bits.substring(3), 2));
            } else if (bits.charAt(1) == '0') {
                symbols.append(bits.substring(2));
            } else {
                for (int i = 2; i < 16; i += 2) {
                    symbols.append(Integer.parseInt(bits.substring(i, i + 2), 2));
                }
            }
        }
        StringBuilder text = new StringBuilder();
        int time = 0;
        for (int i = 0; i < statusCount; i++) {
            switch (symbols.charAt(i)) {
                case '1' -> time += bytes[position++] & 0xFF;
                case '2' -> {
                    time += (bytes[position] << 8) + (bytes[position + 1] & 0xFF);
                    position += 2;
                }
                default -> {
                    continue;
                }
            }
            text.append(i).append('@').append(time).append(' ');
        }
        assertEquals(end, position, "the deltas end where the packet does");
        return text.toString();
    }
}
