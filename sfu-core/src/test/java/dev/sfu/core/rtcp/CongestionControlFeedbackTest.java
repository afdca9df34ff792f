package dev.sfu.core.rtcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Written by hand from the figure of RFC 8888 section 3.1. */
class CongestionControlFeedbackTest {
    private final List<RtcpPacket> packets = new ArrayList<>();

    @Test
    void twoStreamsOneOfThemPadded() {
        // 0x8010: received 16/1024 s before; 0x0000: not; 0xFFFF: received with CE, when unknown. Then two bytes of
        // padding, a second stream with two packets (0xA001: ECT(1); 0x9FFE: too early to say) and the timestamp.
        CongestionControlFeedback feedback = read("8bcd 0009 00000001"
                + "0badcafe fffe 0003 8010 0000 ffff 0000"
                + "00000002 0000 0002 a001 9ffe"
                + "12345678");
        assertEquals(1, feedback.senderSsrc());
        assertEquals(0x12345678, feedback.reportTimestamp());
        assertEquals(2, feedback.streamCount());
        assertEquals(0x0BADCAFE, feedback.ssrc(0));
        assertEquals(0xFFFE, feedback.beginSequence(0));
        assertEquals(3, feedback.reportCount(0));
        assertTrue(feedback.received(0, 0));
        assertEquals(0, feedback.ecn(0, 0));
        assertEquals(16, feedback.arrivalOffset(0, 0));
        assertFalse(feedback.received(0, 1));
        assertTrue(feedback.received(0, 2));
        assertEquals(3, feedback.ecn(0, 2));
        assertEquals(CongestionControlFeedback.OFFSET_UNKNOWN, feedback.arrivalOffset(0, 2));
        assertEquals(2, feedback.ssrc(1));
        assertEquals(2, feedback.reportCount(1));
        assertEquals(1, feedback.ecn(1, 0));
        assertEquals(1, feedback.arrivalOffset(1, 0));
        assertEquals(CongestionControlFeedback.OFFSET_TOO_LARGE, feedback.arrivalOffset(1, 1));
    }

    @Test
    void noStreamsAndAStreamWithoutReports() {
        assertEquals(0, read("8bcd 0002 00000001 00000000").streamCount());
        CongestionControlFeedback feedback = read("8bcd 0004 00000001 00000002 0000 0000 00000007");
        assertEquals(1, feedback.streamCount());
        assertEquals(0, feedback.reportCount(0));
        assertEquals(7, feedback.reportTimestamp());
    }

    @Test
    void refusesWhatIsInconsistent() {
        // More reports than there are bytes, no timestamp, more reports than the format allows, a cut stream header.
        for (String hex : new String[] {
            "8bcd 0004 00000001 00000002 0000 0001 00000007",
            "8bcd 0001 00000001",
            "8bcd 0005 00000001 00000002 0000 ffff 80008000 00000007",
            "8bcd 0003 00000001 00000002 00000007"
        }) {
            byte[] bytes = Bytes.hex(hex);
            assertFalse(RtcpReader.read(bytes, 0, bytes.length, packets), hex);
            assertEquals(List.of(), packets, hex);
        }
    }

    @Test
    void anyBytesAreReadOrRefused() {
        Random random = new Random(8888);
        int read = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[4 * (1 + random.nextInt(20))];
            random.nextBytes(bytes);
            // Small counts, so that some are consistent.
            for (int at = 12; at + 4 <= bytes.length; at += 8) {
                Bytes.put16(bytes, at + 2, random.nextInt(4));
            }
            bytes[0] = (byte) 0x8B;
            bytes[1] = (byte) 0xCD;
            Bytes.put16(bytes, 2, bytes.length / 4 - 1);
            packets.clear();
            RtcpReader.read(bytes, 0, bytes.length, packets);
            for (RtcpPacket packet : packets) {
                CongestionControlFeedback feedback = assertInstanceOf(CongestionControlFeedback.class, packet);
                read++;
                int reports = 0;
                for (int stream = 0; stream < feedback.streamCount(); stream++) {
                    for (int k = 0; k < feedback.reportCount(stream); k++) {
                        assertTrue(feedback.arrivalOffset(stream, k) <= CongestionControlFeedback.OFFSET_UNKNOWN);
                        reports++;
                    }
                }
                assertTrue(2 * reports + 8 * feedback.streamCount() + 12 <= bytes.length);
            }
        }
        assertTrue(read > 500, "read: " + read);
    }

    private CongestionControlFeedback read(String hex) {
        byte[] bytes = Bytes.hex(hex);
        packets.clear();
        assertTrue(RtcpReader.read(bytes, 0, bytes.length, packets), hex);
        assertEquals(1, packets.size());
        return assertInstanceOf(CongestionControlFeedback.class, packets.getFirst());
    }
}
