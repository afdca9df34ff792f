package dev.sfu.core.rtcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.buffer.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RtcpCompoundTest {
    private final List<RtcpPacket> packets = new ArrayList<>();

    @Test
    void readsACompoundInOrder() {
        assertTrue(read("80c90001 00000001  81ca0002 00000001 0100 0000  81ce0002 00000001 00000002"));
        assertEquals(
                List.of(
                        new ReceiverReport(1, List.of()),
                        SourceDescription.of(1, ""),
                        new PictureLossIndication(1, 2)),
                packets);
    }

    @Test
    void skipsWhatIsNotKnown() {
        // APP, a feedback format from the future, REMB's format with another identifier, an unassigned type.
        assertTrue(read("81cc0002 00000001 41424344  8ccd0002 00000001 00000002"
                + "8fce0003 00000001 00000002 41424344  80df0000 81ce0002 00000001 00000002"));
        assertEquals(
                List.of(
                        new Unrecognized(204, 1, 12),
                        new Unrecognized(205, 12, 12),
                        new Unrecognized(206, 15, 16),
                        new Unrecognized(223, 0, 4),
                        new PictureLossIndication(1, 2)),
                packets);
    }

    @Test
    void keepsTheValidPacketsAroundABrokenOne() {
        // The RR says two blocks and has none; lengths are right, so the PLI after it is found.
        assertFalse(read("82c90001 00000001  81ce0002 00000001 00000002"));
        assertEquals(List.of(new PictureLossIndication(1, 2)), packets);
    }

    @Test
    void stopsAtAWrongLengthVersionOrType() {
        String first = "81ce0002 00000001 00000002";
        for (String second : List.of("81ce0003 00000001 00000002", "41ce0002 00000001 00000002", "80c9", "80600001"
                + "00000001")) {
            packets.clear();
            assertFalse(read(first + second), second);
            assertEquals(1, packets.size(), second);
        }
        assertFalse(RtcpReader.read(new byte[0], 0, 0, packets));
    }

    @Test
    void paddingIsNotData() {
        // A NACK with four bytes of padding that would otherwise name packet 4.
        assertTrue(read("a1cd0004 00000001 00000002 000a0000 00000004"));
        assertEquals(List.of(new Nack(1, 2, 10)), packets);
        packets.clear();
        assertFalse(read("a1cd0003 00000001 00000002 000a0000"), "padding of zero bytes");
        assertFalse(read("a1cd0003 00000001 00000002 000a00ff"), "padding longer than the packet");
        assertEquals(List.of(), packets);
    }

    @Test
    void emptyFeedbackIsMalformed() {
        assertFalse(read("81cd0002 00000001 00000002"), "NACK of nothing");
        assertFalse(read("84ce0002 00000001 00000002"), "FIR for nobody");
        assertFalse(read("8fcd0004 00000001 00000002 0001 0000 000000 00"), "feedback on no packets");
        assertFalse(read("8fcd0005 00000001 00000002 0001 0002 000000 00 0000 0000"), "chunk that covers nothing");
        assertFalse(read("8fcd0005 00000001 00000002 0001 0002 000000 00 6002 0000"), "reserved symbol");
        assertFalse(read("8fcd0005 00000001 00000002 0001 0009 000000 00 2009 0000"), "deltas missing");
        assertEquals(List.of(), packets);
    }

    @Test
    void numberOfPacketsIsBounded() {
        byte[] bytes = new byte[1400];
        for (int i = 0; i < bytes.length; i += 4) {
            Bytes.put32(bytes, i, 0x80CC_0000);
        }
        assertFalse(RtcpReader.read(bytes, 0, bytes.length, packets));
        assertEquals(RtcpReader.MAX_PACKETS, packets.size());
    }

    @Test
    void numberOfMissingPacketsIsBounded() {
        byte[] bytes = new byte[1400];
        Bytes.put32(bytes, 0, 0x81CD_0000 | (bytes.length / 4 - 1));
        for (int i = 12; i < bytes.length; i += 4) {
            Bytes.put32(bytes, i, (17 * i) << 16 | 0xFFFF);
        }
        assertTrue(RtcpReader.read(bytes, 0, bytes.length, packets));
        assertEquals(Nack.MAX_SEQUENCE_NUMBERS, assertInstanceOf(Nack.class, packets.getFirst()).count());
    }

    @Test
    void feedbackOnManyLostPacketsTakesLittleMemory() {
        // 65535 statuses, one arrival: eight runs of 8191 and one of seven, of which the last is an arrival.
        assertTrue(read("8fcd000a 00000001 00000002 0000 ffff 000000 00"
                + "1fff 1fff 1fff 1fff 1fff 1fff 1fff 1fff  0006 2001 05 000000"));
        TransportFeedback feedback = assertInstanceOf(TransportFeedback.class, packets.getFirst());
        assertEquals(1, feedback.receivedCount());
        assertEquals(65534, feedback.sequenceNumber(0));
    }

    @Test
    void nacksAreSplitWhenTheDatagramIsFull() {
        int[] numbers = new int[100];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i * 20;
        }
        int next = 0;
        int datagrams = 0;
        List<Integer> seen = new ArrayList<>();
        while (next < numbers.length) {
            ByteWriter out = new ByteWriter(new byte[150]);
            int before = next;
            next = RtcpWriter.nack(out, 1, 2, numbers, next, numbers.length);
            assertTrue(next > before);
            packets.clear();
            assertTrue(RtcpReader.read(out.array(), 0, out.length(), packets));
            Nack nack = assertInstanceOf(Nack.class, packets.getFirst());
            for (int i = 0; i < nack.count(); i++) {
                seen.add(nack.sequenceNumber(i));
            }
            datagrams++;
        }
        assertEquals(3, datagrams);
        assertEquals(100, seen.size());
        assertEquals(1980, seen.getLast());
        assertEquals(5, RtcpWriter.nack(new ByteWriter(new byte[15]), 1, 2, numbers, 5, 100));
    }

    @Test
    void receiverReportsAreSplitByCountAndByRoom() {
        List<ReportBlock> blocks = new ArrayList<>();
        for (int i = 0; i < 70; i++) {
            blocks.add(new ReportBlock(i, 0, i, i, i, i, i));
        }
        ByteWriter out = new ByteWriter(new byte[1200]);
        int next = RtcpWriter.receiverReports(out, 1, blocks, 0);
        assertTrue(RtcpReader.read(out.array(), 0, out.length(), packets));
        // 31 blocks take 752 bytes, which leaves room for 18 more.
        assertEquals(49, next);
        assertEquals(2, packets.size());
        ByteWriter second = new ByteWriter(new byte[1200]);
        assertEquals(70, RtcpWriter.receiverReports(second, 1, blocks, next));
        assertTrue(RtcpReader.read(second.array(), 0, second.length(), packets));
        List<ReportBlock> read = new ArrayList<>();
        for (RtcpPacket packet : packets) {
            read.addAll(assertInstanceOf(ReceiverReport.class, packet).reports());
        }
        assertEquals(blocks, read);
        ByteWriter empty = new ByteWriter(new byte[8]);
        assertEquals(0, RtcpWriter.receiverReports(empty, 1, List.of(), 0));
        assertEquals(8, empty.length());
        assertThrows(IllegalArgumentException.class, () -> new ReceiverReport(1, blocks));
    }

    @Test
    void longNamesAreCutBetweenCharacters() {
        ByteWriter out = new ByteWriter(new byte[400]);
        assertTrue(RtcpWriter.write(out, SourceDescription.of(1, "é".repeat(200))));
        assertTrue(RtcpReader.read(out.array(), 0, out.length(), packets));
        assertEquals(List.of(SourceDescription.of(1, "é".repeat(127))), packets);
    }

    @Test
    void randomAndMutatedBytesNeverThrow() {
        long seed = 20260117;
        Random random = new Random(seed);
        byte[][] seeds = {
            Bytes.hex("81c8000c cafebabe e5f4a1b2c3d4e5f6 fedcba98 000186a0 ee6b2800"
                    + "12345678 40fffffb 0001fffe 000004d2 a1b2c3d4 00010000"),
            Bytes.hex("81ca0004 11223344 0108 6162636465666768 0000 81cb0003 00000001 06 63616d657261 00"),
            Bytes.hex("81cd0005 00000001 00000002 000a8001 001b0000 fffa0010"
                    + "84ce0006 00000001 00000000 deadbeef 2a000000 00000005 ff000000"),
            Bytes.hex("8fce0006 00000001 00000000 52454d42 0213f7a0 9a1b2c3d 00000007"),
            Bytes.hex("80cf0008 00000001 05000006 00000007 a1b2c3d4 00010000 00000008 00000000 00000000"
                    + "80cf0004 00000001 04000002 e5f4a1b2c3d4e5f6"),
            Bytes.hex("afcd000a 00000001 00000002 fff0 00f0 ffffff ff 00dd 9f1c da50"
                    + "01 02 03 04 05 06 07 08 09 fff0 7fff 0a ff 000003")
        };
        RtcpReader reader = new RtcpReader();
        int read = 0;
        for (int round = 0; round < 200_000; round++) {
            byte[] bytes;
            if (round % 4 == 0) {
                bytes = new byte[random.nextInt(120)];
                random.nextBytes(bytes);
                for (int i = 0; i + 4 <= bytes.length && random.nextInt(3) > 0; i += 4 * (1 + (bytes[i + 3] & 0xF))) {
                    bytes[i] = (byte) (0x80 | (bytes[i] & 0x3F));
                    bytes[i + 1] = (byte) (200 + random.nextInt(8));
                    bytes[i + 2] = 0;
                    bytes[i + 3] &= 0xF;
                }
            } else {
                bytes = seeds[random.nextInt(seeds.length)].clone();
                for (int flips = random.nextInt(4); flips >= 0; flips--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
            }
            packets.clear();
            int length = random.nextInt(5) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
            boolean wellFormed = RtcpReader.read(bytes, 0, length, packets);
            assertTrue(packets.size() <= RtcpReader.MAX_PACKETS, "seed " + seed + " round " + round);
            assertTrue(!wellFormed || !packets.isEmpty(), "seed " + seed + " round " + round);
            Described described = new Described();
            assertEquals(wellFormed, reader.read(bytes, 0, length, described), "seed " + seed + " round " + round);
            Described expected = new Described();
            packets.forEach(expected::value);
            assertEquals(expected.text.toString(), described.text.toString(), "seed " + seed + " round " + round);
            read += packets.size();
        }
        assertTrue(read > 100_000, "the fuzz reaches the parsers: " + read);
    }

    /** What comes, as text: of values, and of what a reader gives that uses its objects again. */
    private static final class Described implements RtcpSink {
        private final StringBuilder text = new StringBuilder();

        void value(RtcpPacket packet) {
            switch (packet) {
                case SourceDescription description -> {}
                case ReceiverReport report -> report.reports().forEach(this::block);
                case SenderReport report -> {
                    onPacket(new SenderReport(
                            report.ssrc(),
                            report.ntp(),
                            report.rtpTimestamp(),
                            report.packetCount(),
                            report.octetCount(),
                            List.of()));
                    report.reports().forEach(this::block);
                }
                default -> onPacket(packet);
            }
        }

        private void block(ReportBlock block) {
            text.append(block).append(' ');
        }

        @Override
        public void onReportBlock(
                int ssrc,
                int fractionLost,
                int cumulativeLost,
                long extendedHighestSequence,
                long jitter,
                int lastSenderReport,
                long delaySinceLastSenderReport) {
            block(new ReportBlock(
                    ssrc,
                    fractionLost,
                    cumulativeLost,
                    extendedHighestSequence,
                    jitter,
                    lastSenderReport,
                    delaySinceLastSenderReport));
        }

        @Override
        public void onPacket(RtcpPacket packet) {
            text.append(packet).append(' ');
            if (packet instanceof TransportFeedback feedback) {
                for (int i = 0; i < feedback.receivedCount(); i++) {
                    text.append(feedback.statusIndex(i)).append('@').append(feedback.arrivalTicks(i)).append(' ');
                }
            } else if (packet instanceof CongestionControlFeedback feedback) {
                for (int i = 0; i < feedback.streamCount(); i++) {
                    text.append(feedback.ssrc(i)).append(':').append(feedback.beginSequence(i)).append(' ');
                    for (int k = 0; k < feedback.reportCount(i); k++) {
                        text.append(feedback.received(i, k)).append(feedback.arrivalOffset(i, k)).append(' ');
                    }
                }
            }
        }
    }

    private boolean read(String hex) {
        byte[] bytes = Bytes.hex(hex);
        return RtcpReader.read(bytes, 0, bytes.length, packets);
    }
}
