package dev.sfu.core.peerconnection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import org.junit.jupiter.api.Test;

class StreamBeginningTest {
    private static final long NOW = 5 * Deadlines.SECOND;
    private static final long LATEST = NOW + 500 * Deadlines.MILLISECOND;

    private final StreamBeginning beginning = new StreamBeginning();

    @Test
    void isWhatCameSinceTheKeyframe() {
        beginning.onAddedLater();
        beginning.onPacket(9, false, NOW);
        assertFalse(beginning.repeatable(NOW));
        beginning.onPacket(10, true, NOW);
        beginning.onPacket(11, false, NOW);
        assertTrue(beginning.repeatable(LATEST));
        assertEquals(10, beginning.firstSequence());
        assertEquals(11, beginning.lastSequence());
        assertFalse(beginning.repeatable(LATEST + 1));
    }

    @Test
    void isNotRepeatedWhenItIsLong() {
        beginning.onAddedLater();
        beginning.onPacket(10, true, NOW);
        beginning.onPacket(209, false, NOW);
        assertTrue(beginning.repeatable(NOW));
        beginning.onPacket(210, false, NOW);
        assertFalse(beginning.repeatable(NOW));
    }

    @Test
    void isNotRepeatedWhereTheStreamWasThereFromTheStart() {
        beginning.onPacket(10, true, NOW);
        assertFalse(beginning.repeatable(NOW));
    }
}
