package dev.sfu.core.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.rtcp.SenderReport;
import dev.sfu.core.time.Deadlines;
import dev.sfu.core.time.WallClock;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SenderReportLineTest {
    private static final long MS = Deadlines.MILLISECOND;

    @Test
    void extrapolatesFromThePacket() {
        SenderReportLine line = new SenderReportLine(90_000);
        assertFalse(line.started());
        line.onPacket(0xFFFF_FF00L, 5 * Deadlines.SECOND);
        assertTrue(line.started());
        assertEquals((0xFFFF_FF00L + 9000) & 0xFFFF_FFFFL, line.timestampAt(5100 * MS));
        assertEquals(0xFFFF_FF00L - 9000, line.timestampAt(4900 * MS));
        WallClock wallClock = WallClock.at(5 * Deadlines.SECOND, Instant.parse("2026-01-01T00:00:00Z"));
        SenderReport report = line.report(7, wallClock, (1L << 33) + 5, 600, 6 * Deadlines.SECOND);
        assertEquals(7, report.ssrc());
        assertEquals(wallClock.ntp(6 * Deadlines.SECOND), report.ntp());
        assertEquals((0xFFFF_FF00L + 90_000) & 0xFFFF_FFFFL, report.rtpTimestamp());
        assertEquals(5, report.packetCount());
        assertEquals(600, report.octetCount());
    }

    @Test
    void jitterDoesNotBendTheLine() {
        Random random = new Random(3);
        SenderReportLine line = new SenderReportLine(90_000);
        line.onPacket(0, 0);
        for (int frame = 1; frame < 30 * 60; frame++) {
            long captured = frame * Deadlines.SECOND / 30;
            line.onPacket(frame * 3000L, captured + random.nextLong(30 * MS));
            long offset = line.timestampAt(captured) - frame * 3000L;
            assertTrue(Math.abs((int) offset) < 90 * 30, "offset " + offset);
        }
        // Between neighbouring reports the slope stays within 600 ppm of the clock rate.
        long before = line.timestampAt(60 * Deadlines.SECOND);
        for (int frame = 1800; frame < 1830; frame++) {
            line.onPacket(frame * 3000L, frame * Deadlines.SECOND / 30 + random.nextLong(30 * MS));
        }
        assertEquals(90_000.0, (double) (line.timestampAt(61 * Deadlines.SECOND) - before), 54.0);
    }

    @Test
    void followsASourceWhoseClockIsFast() {
        SenderReportLine line = new SenderReportLine(48_000);
        for (int packet = 0; packet < 50 * 600; packet++) {
            // 200 ppm fast: 960 ticks each 19.996 ms.
            line.onPacket(packet * 960L, packet * 19_996_000L);
        }
        long now = 29_999 * 19_996_000L;
        assertEquals(29_999 * 960.0, (double) line.timestampAt(now), 48.0, "within a millisecond after ten minutes");
    }

    @Test
    void startsAgainWhenTheTimelineChanges() {
        SenderReportLine line = new SenderReportLine(90_000);
        line.onPacket(1000, 0);
        line.onPacket(0x7000_0000L, 20 * MS);
        assertEquals(0x7000_0000L, line.timestampAt(20 * MS));
        line.onPacket(5000, 2 * Deadlines.SECOND);
        assertEquals(5000, line.timestampAt(2 * Deadlines.SECOND));
    }

    @Test
    void olderFramesChangeNothing() {
        SenderReportLine line = new SenderReportLine(90_000);
        line.onPacket(90_000, 0);
        line.onPacket(87_000, 30 * MS);
        line.onPacket(90_000, 30 * MS);
        assertEquals(90_000, line.timestampAt(0));
    }
}
