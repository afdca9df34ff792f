package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sfu.core.time.Deadlines;
import org.junit.jupiter.api.Test;

class ReservedRateTest {
    private static final long S = Deadlines.SECOND;
    private static final long TARGET_BPS = 1_000_000;
    private static final int AUDIO_BPS = 40_000;

    private final ReservedRate reserved = new ReservedRate();

    @Test
    void isWhatSoundAndRepairTake() {
        assertEquals(0, reserved.bps(TARGET_BPS));
        reserved.update(AUDIO_BPS, 150_000, TARGET_BPS, S);
        assertEquals(190_000, reserved.bps(TARGET_BPS));
    }

    @Test
    void repairGetsAFifthAtMostAndSoundAllItNeeds() {
        reserved.update(900_000, 800_000, TARGET_BPS, S);
        assertEquals(1_100_000, reserved.bps(TARGET_BPS));
    }

    /** A link that became narrower: of what was lost on the way down, a fifth of what is left now. */
    @Test
    void theFifthIsOfTheTargetOfTheMoment() {
        reserved.update(AUDIO_BPS, 800_000, 4 * TARGET_BPS, S);
        assertEquals(840_000, reserved.bps(4 * TARGET_BPS));
        assertEquals(240_000, reserved.bps(TARGET_BPS));
        assertEquals(60_000, reserved.bps(TARGET_BPS / 10));
        assertEquals(840_000, reserved.bps(5 * TARGET_BPS));
    }

    @Test
    void whatWasBeyondTheFifthIsNotRemembered() {
        reserved.update(AUDIO_BPS, 800_000, TARGET_BPS, S);
        reserved.update(AUDIO_BPS, 0, TARGET_BPS, 2 * S);
        assertEquals(AUDIO_BPS + 100_000, reserved.bps(TARGET_BPS), "half of it after half of the two seconds");
        reserved.update(AUDIO_BPS, 0, TARGET_BPS, 4 * S);
        assertEquals(AUDIO_BPS, reserved.bps(TARGET_BPS));
    }

    @Test
    void soundIsRememberedForLonger() {
        reserved.update(AUDIO_BPS, 0, TARGET_BPS, S);
        reserved.update(0, 0, TARGET_BPS, 5 * S);
        assertEquals(AUDIO_BPS / 2, reserved.bps(TARGET_BPS));
    }
}
