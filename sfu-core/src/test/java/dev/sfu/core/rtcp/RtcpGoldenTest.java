package dev.sfu.core.rtcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.buffer.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Bytes against values, both ways. Vectors marked aiortc were produced by that implementation. */
class RtcpGoldenTest {
    private static final ReportBlock BLOCK =
            new ReportBlock(0x12345678, 64, -5, 0x0001FFFEL, 1234, 0xA1B2C3D4, 65536);

    @Test
    void senderReportAiortc() {
        assertBothWays(
                """
                81c8000c cafebabe e5f4a1b2c3d4e5f6 fedcba98 000186a0 ee6b2800
                12345678 40fffffb 0001fffe 000004d2 a1b2c3d4 00010000
                """,
                new SenderReport(
                        0xCAFEBABE, 0xE5F4A1B2C3D4E5F6L, 0xFEDCBA98L, 100_000, 4_000_000_000L, List.of(BLOCK)),
                RtcpWriter::write);
    }

    @Test
    void receiverReportAiortc() {
        assertBothWays(
                """
                82c9000d 00000001
                12345678 40fffffb 0001fffe 000004d2 a1b2c3d4 00010000
                fffffffe ff7fffff ffffffff ffffffff 00000000 00000000
                """,
                new ReceiverReport(
                        1,
                        List.of(BLOCK, new ReportBlock(-2, 255, 0x7FFFFF, 0xFFFFFFFFL, 0xFFFFFFFFL, 0, 0))),
                RtcpWriter::write);
    }

    @Test
    void sourceDescriptionAiortc() {
        assertBothWays(
                "81ca0004 11223344 0108 6162636465666768 0000",
                SourceDescription.of(0x11223344, "abcdefgh"),
                RtcpWriter::write);
    }

    @Test
    void sourceDescriptionSkipsOtherItemsAndAlignsChunks() {
        // Second chunk as aiortc writes it, with NAME before CNAME; the first ends on its single terminating zero.
        assertEquals(
                new SourceDescription(List.of(
                        new SourceDescription.Chunk(0x55667788, "abcde"),
                        new SourceDescription.Chunk(0x11223344, "x@y"))),
                readOne("82ca0007 55667788 0105 6162636465 00 11223344 0203426f62 0103784079 0000"));
    }

    @Test
    void goodbyeAiortc() {
        assertBothWays("82cb0002 00000001 00000002", new Goodbye(List.of(1, 2), ""), RtcpWriter::write);
    }

    @Test
    void goodbyeWithReason() {
        assertBothWays(
                "81cb0003 00000001 06 63616d657261 00",
                new Goodbye(List.of(1), "camera"),
                RtcpWriter::write);
    }

    @Test
    void nackAiortc() {
        String hex = "81cd0005 00000001 00000002 000a8001 001b0000 fffa0010";
        int[] numbers = {10, 11, 26, 27, 65530, 65535};
        assertEquals(new Nack(1, 2, numbers), readOne(hex));
        ByteWriter out = new ByteWriter(new byte[100]);
        assertEquals(6, RtcpWriter.nack(out, 1, 2, numbers, 0, 6));
        assertArrayEquals(Bytes.hex(hex), out.toByteArray());
    }

    @Test
    void nackAcrossTheWrapIsOneItem() {
        ByteWriter out = new ByteWriter(new byte[100]);
        int[] numbers = {65530, 65535, 0, 10};
        assertEquals(4, RtcpWriter.nack(out, 1, 2, numbers, 0, 4));
        // 65535 is 5 further, 0 is 6 further, 10 is 16 further.
        assertArrayEquals(Bytes.hex("81cd0003 00000001 00000002 fffa8030"), out.toByteArray());
        assertEquals(new Nack(1, 2, numbers), readOne("81cd0003 00000001 00000002 fffa8030"));
    }

    @Test
    void pictureLossIndicationAiortc() {
        assertBothWays(
                "81ce0002 00000001 deadbeef", new PictureLossIndication(1, 0xDEADBEEF), RtcpWriter::write);
    }

    @Test
    void fullIntraRequestOfRfc5104() {
        // Section 4.3.1.1: FMT 4, the target in the entry, 24 reserved bits after the sequence number.
        assertBothWays(
                "84ce0006 00000001 00000000 deadbeef 2a000000 00000005 ff000000",
                new FullIntraRequest(
                        1,
                        List.of(new FullIntraRequest.Entry(0xDEADBEEF, 42), new FullIntraRequest.Entry(5, 255))),
                RtcpWriter::write);
    }

    @Test
    void rembAiortc() {
        assertBothWays(
                "8fce0006 00000001 00000000 52454d42 0213f7a0 9a1b2c3d 00000007",
                new Remb(1, 4_160_000, List.of(0x9A1B2C3D, 7)),
                RtcpWriter::write);
    }

    @Test
    void rembThatDoesNotFitALongIsTheLargest() {
        Remb remb = (Remb) readOne("8fce0005 00000001 00000000 52454d42 01ffffff 00000007");
        assertEquals(Long.MAX_VALUE, remb.bitrateBps());
        assertEquals(
                0, ((Remb) readOne("8fce0005 00000001 00000000 52454d42 01fc0000 00000007")).bitrateBps());
        ByteWriter out = new ByteWriter(new byte[100]);
        assertTrue(RtcpWriter.write(out, new Remb(1, Long.MAX_VALUE, List.of(7))));
        List<RtcpPacket> packets = new ArrayList<>();
        assertTrue(RtcpReader.read(out.array(), 0, out.length(), packets));
        assertEquals(0x3FFFFL << 45, ((Remb) packets.getFirst()).bitrateBps());
    }

    @Test
    void extendedReportsOfRfc3611() {
        // Sections 4.4 and 4.5.
        assertBothWays(
                "80cf0004 00000001 04000002 e5f4a1b2c3d4e5f6",
                new ExtendedReport(1, List.of(new ExtendedReport.ReceiverReferenceTime(0xE5F4A1B2C3D4E5F6L))),
                RtcpWriter::write);
        assertBothWays(
                "80cf0008 00000001 05000006 00000007 a1b2c3d4 00010000 00000008 00000000 00000000",
                new ExtendedReport(
                        1,
                        List.of(new ExtendedReport.Dlrr(List.of(
                                new ExtendedReport.DlrrEntry(7, 0xA1B2C3D4, 65536),
                                new ExtendedReport.DlrrEntry(8, 0, 0))))),
                RtcpWriter::write);
    }

    @Test
    void extendedReportSkipsOtherBlocks() {
        // Loss RLE (1), then a reference time, then statistics summary (6).
        assertEquals(
                new ExtendedReport(1, List.of(new ExtendedReport.ReceiverReferenceTime(5))),
                readOne("80cf000a 00000001 01000002 00000009 00000000 04000002 0000000000000005"
                        + "06000002 00000000 00000000"));
    }

    @Test
    void transportFeedbackRunLength() {
        // Nine small deltas in a run of symbol 1: 0x2009; one byte of padding with P set.
        TransportFeedback feedback = (TransportFeedback) readOne(
                "afcd0007 00000001 0badcafe fffc 0009 123456 07 2009 10 20 30 00 ff 01 02 03 04 01");
        assertEquals(1, feedback.senderSsrc());
        assertEquals(0x0BADCAFE, feedback.mediaSsrc());
        assertEquals(0xFFFC, feedback.baseSequenceNumber());
        assertEquals(9, feedback.statusCount());
        assertEquals(0x123456, feedback.referenceTime());
        assertEquals(7, feedback.feedbackPacketCount());
        assertEquals(9, feedback.receivedCount());
        assertEquals(0x10, feedback.arrivalTicks(0));
        assertEquals(0x60 + 0xFF + 1 + 2 + 3 + 4, feedback.arrivalTicks(8));
        assertEquals(4, feedback.sequenceNumber(8));
    }

    @Test
    void transportFeedbackWithTheExampleChunksOfTheDraft() {
        // Section 3.1.3: 0x00DD is a run of 221 not received. Section 3.1.4: 0x9F1C is one-bit 01111100011100.
        // Then two-bit 0xDA50: 01 10 10 01 01 00 00, of which the range has the first five.
        TransportFeedback feedback = (TransportFeedback) readOne(
                """
                afcd000a 00000001 00000002 fff0 00f0 ffffff ff
                00dd 9f1c da50
                01 02 03 04 05 06 07 08 09 fff0 7fff 0a ff 000003
                """);
        assertEquals(-1, feedback.referenceTime());
        assertEquals(255, feedback.feedbackPacketCount());
        assertEquals(0xF0, feedback.statusCount());
        int[] indexes = {222, 223, 224, 225, 226, 230, 231, 232, 235, 236, 237, 238, 239};
        int[] ticks = {1, 3, 6, 10, 15, 21, 28, 36, 45, 29, 29 + 0x7FFF, 29 + 0x7FFF + 10, 29 + 0x7FFF + 10 + 255};
        assertEquals(indexes.length, feedback.receivedCount());
        for (int i = 0; i < indexes.length; i++) {
            assertEquals(indexes[i], feedback.statusIndex(i));
            assertEquals((0xFFF0 + indexes[i]) & 0xFFFF, feedback.sequenceNumber(i));
            assertEquals(ticks[i], feedback.arrivalTicks(i));
            assertEquals(ticks[i] * 250_000L, feedback.arrivalNanos(i));
        }
    }

    @Test
    void packetTypesAreToldFromPayloadTypes() {
        assertFalse(RtcpPacket.isRtcp(191));
        assertTrue(RtcpPacket.isRtcp(192));
        assertTrue(RtcpPacket.isRtcp(223));
        assertFalse(RtcpPacket.isRtcp(224));
        assertFalse(RtcpPacket.isRtcp(0x80 | 111));
        assertFalse(RtcpPacket.isRtcp(96));
        assertTrue(RtcpPacket.isRtcp((byte) 200));
    }

    private interface Write<T> {
        boolean write(ByteWriter out, T packet);
    }

    private static <T extends RtcpPacket> void assertBothWays(String hex, T packet, Write<T> write) {
        byte[] expected = Bytes.hex(hex);
        assertEquals(packet, readOne(hex));
        ByteWriter exact = new ByteWriter(new byte[expected.length]);
        assertTrue(write.write(exact, packet));
        assertArrayEquals(expected, exact.toByteArray());
        assertTrue(exact.ok());
        Predicate<Integer> fits = capacity -> {
            ByteWriter out = new ByteWriter(new byte[expected.length], 0, capacity);
            boolean written = write.write(out, packet);
            assertTrue(out.ok());
            assertEquals(written ? expected.length : 0, out.length());
            return written;
        };
        for (int capacity = 0; capacity < expected.length; capacity++) {
            assertFalse(fits.test(capacity), "written into " + capacity + " bytes");
        }
    }

    private static RtcpPacket readOne(String hex) {
        byte[] bytes = Bytes.hex(hex);
        List<RtcpPacket> packets = new ArrayList<>();
        assertTrue(RtcpReader.read(bytes, 0, bytes.length, packets), hex);
        assertEquals(1, packets.size());
        return assertInstanceOf(RtcpPacket.class, packets.getFirst());
    }
}
