package dev.sfu.core.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sfu.core.time.Deadlines;
import org.junit.jupiter.api.Test;

/** The definition of freezeCount in webrtc-stats. */
class FreezeMeterTest {
    private static final long MS = Deadlines.MILLISECOND;

    private final FreezeMeter meter = new FreezeMeter();
    private long now = 1_000 * MS;

    @Test
    void evenFramesDoNotFreeze() {
        frames(100, 33);
        assertEquals(0, meter.freezes(now + 33 * MS));
    }

    @Test
    void atThirtyFramesTheMarginOfAHundredFiftyMillisecondsDecides() {
        frames(40, 33);
        frames(1, 182);
        assertEquals(0, meter.freezes(now));
        frames(40, 33);
        frames(1, 184);
        assertEquals(1, meter.freezes(now));
        assertEquals(184 * MS, meter.frozenNanos(now));
    }

    @Test
    void atFiveFramesThreeTimesTheAverageDecides() {
        frames(40, 200);
        frames(1, 590);
        assertEquals(0, meter.freezes(now));
        frames(40, 200);
        frames(1, 610);
        assertEquals(1, meter.freezes(now));
    }

    @Test
    void aFreezeThatLastsCountsAlready() {
        frames(40, 33);
        assertEquals(0, meter.freezes(now + 100 * MS));
        assertEquals(1, meter.freezes(now + 5_000 * MS));
        assertEquals(5_000 * MS, meter.frozenNanos(now + 5_000 * MS));
    }

    @Test
    void theFirstFramesSayNothingYet() {
        frames(3, 33);
        frames(1, 1_000);
        assertEquals(0, meter.freezes(now));
    }

    private void frames(int count, long millis) {
        for (int i = 0; i < count; i++) {
            now += millis * MS;
            meter.onRendered(now);
        }
    }
}
