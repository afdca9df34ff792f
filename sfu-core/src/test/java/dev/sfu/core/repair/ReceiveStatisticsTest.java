package dev.sfu.core.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.rtcp.SenderReport;
import dev.sfu.core.time.Deadlines;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReceiveStatisticsTest {
    private static final long MS = Deadlines.MILLISECOND;

    private final ReceiveStatistics statistics = new ReceiveStatistics(90_000);

    @Test
    void nothingReceivedIsAnEmptyBlock() {
        assertEquals(new ReportBlock(7, 0, 0, 0, 0, 0, 0), statistics.report(7, 0));
    }

    @Test
    void lossIsCountedInAllAndSinceTheLastReport() {
        for (int i = 0; i < 100; i++) {
            if (i % 4 != 1) {
                receive(65_500 + i);
            }
        }
        ReportBlock first = statistics.report(7, 0);
        assertEquals(25, first.cumulativeLost());
        assertEquals(64, first.fractionLost());
        assertEquals(65_599, first.extendedHighestSequence());
        for (int i = 100; i < 200; i++) {
            receive(65_500 + i);
        }
        ReportBlock second = statistics.report(7, 0);
        assertEquals(25, second.cumulativeLost());
        assertEquals(0, second.fractionLost());
        assertEquals(175, statistics.packets());
        assertEquals(17_500, statistics.payloadBytes());
        assertEquals(0, statistics.report(7, 0).fractionLost(), "nothing expected since");
    }

    @Test
    void nearlyTotalLossFitsTheFraction() {
        receive(0);
        statistics.report(7, 0);
        receive(1000);
        assertEquals(255, statistics.report(7, 0).fractionLost());
    }

    @Test
    void lateAndRepeatedPacketsAreToldApart() {
        receive(10);
        receive(13);
        receive(12);
        receive(12);
        receive(13);
        assertEquals(1, statistics.outOfOrder());
        assertEquals(2, statistics.duplicates());
        assertEquals(1, statistics.packetsLost());
        assertEquals(1, statistics.mostPacketsLost());
        receive(9);
        receive(8);
        assertEquals(-1, statistics.packetsLost(), "packets before the first compensate a loss");
        assertEquals(1, statistics.mostPacketsLost(), "never falls");
        assertEquals(-1, statistics.report(7, 0).cumulativeLost());
        assertEquals(0, statistics.report(7, 0).fractionLost());
    }

    @Test
    void duplicatesAreFoundAcrossTheWindow() {
        Random random = new Random(5);
        for (int i = 0; i < 5000; i++) {
            receive(i);
            if (random.nextInt(10) == 0) {
                receive(Math.max(0, i - random.nextInt(900)));
            }
        }
        assertEquals(0, statistics.packetsLost());
        assertEquals(0, statistics.outOfOrder());
        assertEquals(statistics.packets() - 5000, statistics.duplicates());
        receive(7000);
        receive(5500);
        assertEquals(2000, statistics.packetsLost(), "5500 is too far behind to count");
    }

    @Test
    void aRestartKeepsWhatWasLost() {
        receive(0);
        receive(2);
        receive(20_000);
        assertEquals(2, statistics.extendedHighestSequence(), "one packet far away is not believed");
        receive(20_001);
        receive(20_003);
        assertEquals(20_003, statistics.extendedHighestSequence());
        assertEquals(2, statistics.packetsLost());
        receive(100);
        receive(101);
        assertEquals(101, statistics.extendedHighestSequence());
        assertEquals(2, statistics.packetsLost());
        assertEquals(0, statistics.report(7, 0).fractionLost());
    }

    @Test
    void cumulativeLossIsClampedTo24Bits() {
        long sequence = 0;
        receive(sequence);
        for (int i = 0; i < 3000; i++) {
            sequence += ReceiveStatistics.MAX_DROPOUT;
            receive(sequence);
        }
        assertTrue(statistics.packetsLost() > 0x7F_FFFF);
        assertEquals(0x7F_FFFF, statistics.report(7, 0).cumulativeLost());
    }

    @Test
    void jitterOfARegularStreamIsZero() {
        for (int i = 0; i < 500; i++) {
            statistics.onPacket(i, 0xFFFF_F000L + i * 900L, 100, i * 10L * MS);
        }
        assertEquals(0, statistics.jitter());
    }

    @Test
    void jitterFollowsAppendixA8() {
        // Transit alternates by 2 ms = 180 ticks: the estimate converges to that.
        double expected = 0;
        for (int i = 0; i < 500; i++) {
            statistics.onPacket(i, i * 900L, 100, i * 10L * MS + i % 2 * 2L * MS);
            if (i > 0) {
                expected += (180 - expected) / 16;
            }
            assertEquals(expected, (double) statistics.jitter(), 1.5, "packet " + i);
        }
        assertEquals(0.002, statistics.jitterSeconds(), 0.0001);
    }

    @Test
    void pacingWithinAFrameAndSourceChangesAreNotJitter() {
        long now = 0;
        for (int frame = 0; frame < 100; frame++) {
            for (int i = 0; i < 5; i++) {
                statistics.onPacket(frame * 5 + i, frame * 3000L, 100, now + i * 3L * MS);
            }
            now += 3000 * 100_000L / 9;
        }
        assertTrue(statistics.jitter() <= 1, "jitter " + statistics.jitter());
        statistics.onPacket(500, 0x8000_0000L, 100, now);
        assertTrue(statistics.jitter() <= 1, "jitter " + statistics.jitter());
        statistics.onPacket(501, 0x8000_0000L + 3000, 100, now + 3600 * Deadlines.SECOND);
        assertTrue(statistics.jitter() <= 1, "jitter " + statistics.jitter());
    }

    @Test
    void theLastSenderReportIsReturnedWithItsDelay() {
        receive(1);
        statistics.onSenderReport(
                new SenderReport(7, 0xE5F4_A1B2_C3D4_E5F6L, 0, 0, 0, List.of()), 10 * Deadlines.SECOND);
        ReportBlock block = statistics.report(7, 10 * Deadlines.SECOND + 1500 * MS);
        assertEquals(0xA1B2_C3D4, block.lastSenderReport());
        assertEquals(98_304, block.delaySinceLastSenderReport());
        assertEquals(
                0xFFFF_FFFFL,
                statistics.report(7, 100_000 * Deadlines.SECOND).delaySinceLastSenderReport());
    }

    private void receive(long sequence) {
        statistics.onPacket(sequence, 0, 100, 0);
    }
}
