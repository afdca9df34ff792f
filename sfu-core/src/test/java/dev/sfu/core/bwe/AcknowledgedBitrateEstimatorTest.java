package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcknowledgedBitrateEstimatorTest {
    private static final long MS = Deadlines.MILLISECOND;

    private final AcknowledgedBitrateEstimator estimator = new AcknowledgedBitrateEstimator();
    private final TransportPacketsFeedback feedback = new TransportPacketsFeedback();
    private long sentMs;
    private long arrivalMs = 5000;

    @Test
    void unknownBeforeTenPackets() {
        packets(9, 10, 10);
        assertEquals(DataRate.UNKNOWN, estimator.bitrateBps());
        packets(1, 10, 10);
        assertEquals(800_000, estimator.bitrateBps());
    }

    @Test
    void theSlowerOfSendingAndReceiving() {
        // Sent at 1.6 Mbit/s, arriving at 0.8.
        packets(300, 5, 10);
        assertEquals(800_000, (double) estimator.bitrateBps(), 1000);
        // Sent at 0.8, arriving at 1.6: a queue that empties.
        packets(300, 10, 5);
        assertEquals(800_000, (double) estimator.bitrateBps(), 1000);
    }

    @Test
    void aPauseOfTheNetworkDoesNotCount() {
        packets(100, 10, 10);
        arrivalMs += 500;
        packets(1, 10, 10);
        for (int i = 0; i < 50; i++) {
            packets(1, 10, 0);
        }
        assertEquals(800_000, (double) estimator.bitrateBps(), 30_000);
    }

    @Test
    void followsTheRateWithinASecondOrTwo() {
        packets(300, 2, 2);
        assertEquals(4_000_000, (double) estimator.bitrateBps(), 10_000);
        packets(150, 10, 10);
        assertEquals(800_000, (double) estimator.bitrateBps(), 10_000);
    }

    @Test
    void sparseTrafficHasALongerWindow() {
        packets(50, 100, 100);
        assertEquals(80_000, (double) estimator.bitrateBps(), 100);
        // One packet a second: the window of five seconds holds too few.
        packets(20, 1000, 1000);
        assertEquals(DataRate.UNKNOWN, estimator.bitrateBps());
    }

    @Test
    void aClockThatJumpsBackStartsOver() {
        packets(100, 10, 10);
        arrivalMs -= 4000;
        packets(9, 10, 10);
        assertEquals(DataRate.UNKNOWN, estimator.bitrateBps());
        packets(20, 10, 10);
        assertEquals(800_000, (double) estimator.bitrateBps(), 1000);
    }

    @Test
    void arrivalsAtOneTimeAreBoundedByTheSendRate() {
        packets(600, 1, 0);
        assertTrue(estimator.bitrateBps() <= 8_020_000, "bitrate: " + estimator.bitrateBps());
    }

    /** What is kept up from packet to packet must say what a walk over the window says, whatever order packets come in. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 50})
    void isWhatTheWindowSays(int reorderedPercent) {
        Random random = new Random(reorderedPercent);
        Window window = new Window();
        long sent = 0;
        for (int i = 0; i < 20_000; i++) {
            sent += random.nextInt(4) == 0 ? random.nextInt(40) * MS : 0;
            long delay = 20L + random.nextInt(3);
            if (random.nextInt(100) < reorderedPercent) {
                delay += random.nextInt(300);
            }
            int bytes = 100 + random.nextInt(1100);
            feedback.clear(0);
            feedback.addReceived(sent, sent + delay * MS, bytes, false, 0, false);
            estimator.onFeedback(feedback);
            window.add(sent, sent + delay * MS, bytes);
            assertEquals(window.bitrateBps(), estimator.bitrateBps(), "packet " + i);
        }
    }

    /** The definition, walked through for each packet. */
    private static final class Window {
        private record Arrival(long sent, long arrival, int bytes) {}

        private final List<Arrival> arrivals = new ArrayList<>();
        private long discarded = Long.MIN_VALUE;

        void add(long sent, long arrival, int bytes) {
            arrivals.add(new Arrival(sent, arrival, bytes));
            arrivals.sort(Comparator.comparingLong(Arrival::arrival));
            while (arrivals.size() > AcknowledgedBitrateEstimator.MAX_WINDOW_PACKETS
                    || span() > AcknowledgedBitrateEstimator.MAX_WINDOW_NANOS
                    || (arrivals.size() > AcknowledgedBitrateEstimator.WINDOW_PACKETS
                            && span() > AcknowledgedBitrateEstimator.WINDOW_NANOS)) {
                discarded = Math.max(discarded, arrivals.removeFirst().sent());
            }
        }

        private long span() {
            return arrivals.getLast().arrival() - arrivals.getFirst().arrival();
        }

        long bitrateBps() {
            if (arrivals.size() < AcknowledgedBitrateEstimator.REQUIRED_PACKETS) {
                return DataRate.UNKNOWN;
            }
            List<Long> gaps = new ArrayList<>();
            for (int i = 1; i < arrivals.size(); i++) {
                gaps.add(arrivals.get(i).arrival() - arrivals.get(i - 1).arrival());
            }
            gaps.sort(Comparator.reverseOrder());
            long received = rate(arrivals, arrivals.getFirst(), span() - gaps.get(0) + gaps.get(1));
            List<Arrival> sent =
                    arrivals.stream().filter(a -> a.sent() >= discarded).toList();
            if (sent.size() < AcknowledgedBitrateEstimator.REQUIRED_PACKETS) {
                return received;
            }
            Arrival lastSent = sent.getFirst();
            Arrival firstSent = sent.getFirst();
            for (Arrival a : sent) {
                lastSent = a.sent() >= lastSent.sent() ? a : lastSent;
                firstSent = a.sent() < firstSent.sent() ? a : firstSent;
            }
            return Math.min(received, rate(sent, lastSent, lastSent.sent() - firstSent.sent()));
        }

        private static long rate(List<Arrival> packets, Arrival without, long nanos) {
            long bytes = packets.stream().mapToLong(Arrival::bytes).sum() - without.bytes();
            return DataRate.bps(bytes, Math.max(nanos, MS));
        }
    }

    private void packets(int count, int sendGapMs, int arrivalGapMs) {
        for (int i = 0; i < count; i++) {
            feedback.clear(0);
            sentMs += sendGapMs;
            arrivalMs += arrivalGapMs;
            feedback.addReceived(sentMs * MS, arrivalMs * MS, 1000, false, 0, false);
            feedback.sort();
            estimator.onFeedback(feedback);
        }
    }
}
