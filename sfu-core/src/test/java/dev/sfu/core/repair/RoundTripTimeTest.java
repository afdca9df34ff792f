package dev.sfu.core.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.rtcp.ExtendedReport;
import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.time.Deadlines;
import org.junit.jupiter.api.Test;

class RoundTripTimeTest {
    private final RoundTripTime rtt = new RoundTripTime();

    @Test
    void theExampleOfRfc3550() {
        // Section 6.4.1, figure 2: A = 0xb710:8000, DLSR = 5.250 s, LSR = 0xb705:2000, delay 6.125 s.
        assertFalse(rtt.known());
        assertTrue(rtt.onReportBlock(block(0xB705_2000, 0x0005_4000), 0xB710_8000));
        assertEquals(6_125_000_000L, rtt.latestNanos());
        assertEquals(6_125_000_000L, rtt.smoothedNanos());
        assertTrue(rtt.known());
    }

    @Test
    void theSameByDlrr() {
        assertTrue(rtt.onDlrr(new ExtendedReport.DlrrEntry(7, 0xB705_2000, 0x0005_4000), 0xB710_8000));
        assertEquals(6_125_000_000L, rtt.latestNanos());
        assertFalse(rtt.onDlrr(new ExtendedReport.DlrrEntry(7, 0, 0), 0xB710_8000));
    }

    @Test
    void aPeerWithoutASenderReportMeasuresNothing() {
        assertFalse(rtt.onReportBlock(block(0, 0), 0x1234_5678));
        assertFalse(rtt.known());
    }

    @Test
    void slightlyNegativeIsZeroAndAbsurdIsIgnored() {
        assertTrue(rtt.onReportBlock(block(100, 10), 105));
        assertEquals(0, rtt.latestNanos());
        assertFalse(rtt.onReportBlock(block(1, 0), 60 << 16));
        assertEquals(1, rtt.measurements());
    }

    @Test
    void worksAcrossTheWrapOfTheClock() {
        assertTrue(rtt.onReportBlock(block(0xFFFF_F000, 0x0800), 0x0000_1000));
        assertEquals((0x1800 * Deadlines.SECOND) >> 16, rtt.latestNanos());
    }

    @Test
    void smoothsAndSums() {
        rtt.onReportBlock(block(1, 0), 1 + 65_536);
        rtt.onReportBlock(block(1, 0), 1 + 2 * 65_536);
        assertEquals(1_125_000_000L, rtt.smoothedNanos());
        assertEquals(3 * Deadlines.SECOND, rtt.totalNanos());
        assertEquals(2, rtt.measurements());
    }

    private static ReportBlock block(int lastSenderReport, long delay) {
        return new ReportBlock(7, 0, 0, 0, 0, lastSenderReport, delay);
    }
}
