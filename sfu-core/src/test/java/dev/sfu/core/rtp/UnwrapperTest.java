package dev.sfu.core.rtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class UnwrapperTest {
    @Test
    void sequenceStartsWithItsFirstNumberAndCrossesTheWrap() {
        SequenceUnwrapper unwrapper = new SequenceUnwrapper();
        assertFalse(unwrapper.started());
        assertEquals(65534, unwrapper.unwrap(65534));
        assertTrue(unwrapper.started());
        assertEquals(65535, unwrapper.unwrap(65535));
        assertEquals(65536, unwrapper.unwrap(0));
        assertEquals(65537, unwrapper.unwrap(1));
        assertEquals(65533, unwrapper.unwrap(65533));
        assertEquals(65537, unwrapper.highest());
    }

    @Test
    void sequenceBeforeTheFirstIsNegative() {
        SequenceUnwrapper unwrapper = new SequenceUnwrapper();
        assertEquals(1, unwrapper.unwrap(1));
        assertEquals(-1, unwrapper.unwrap(65535));
        assertEquals(2, unwrapper.unwrap(2));
    }

    @Test
    void sequenceJumpsForwardByAtMost32767() {
        SequenceUnwrapper unwrapper = new SequenceUnwrapper();
        unwrapper.unwrap(0);
        assertEquals(32767, unwrapper.peek(32767));
        assertEquals(-32768, unwrapper.peek(32768));
    }

    @Test
    void peekAndOldNumbersMoveNothing() {
        SequenceUnwrapper unwrapper = new SequenceUnwrapper();
        assertEquals(7, unwrapper.peek(7));
        assertFalse(unwrapper.started());
        unwrapper.unwrap(40_000);
        unwrapper.unwrap(10_000);
        unwrapper.peek(50_000);
        assertEquals(40_000, unwrapper.highest());
        assertEquals(65536 + 5000, unwrapper.unwrap(5000));
        unwrapper.reset();
        assertEquals(12, unwrapper.unwrap(12));
    }

    @Test
    void sequenceFollowsAReorderedStream() {
        SplittableRandom random = new SplittableRandom(0x5EED_0003L);
        SequenceUnwrapper unwrapper = new SequenceUnwrapper();
        long position = 60_000;
        unwrapper.unwrap((int) position);
        for (int i = 0; i < 100_000; i++) {
            position += random.nextInt(20);
            long reordered = position - random.nextInt(1000);
            assertEquals(reordered, unwrapper.unwrap((int) (reordered & 0xFFFF)));
        }
    }

    @Test
    void timestampCrossesTheWrapInBothDirections() {
        TimestampUnwrapper unwrapper = new TimestampUnwrapper();
        assertEquals(0xFFFF_FFF0L, unwrapper.peek(0xFFFF_FFF0L));
        assertFalse(unwrapper.started());
        assertEquals(0xFFFF_FFF0L, unwrapper.unwrap(0xFFFF_FFF0L));
        assertEquals(0x1_0000_0010L, unwrapper.unwrap(0x10));
        assertEquals(0xFFFF_FFFFL, unwrapper.unwrap(0xFFFF_FFFFL));
        assertEquals(0x1_0000_0010L, unwrapper.highestTicks());
        unwrapper.reset();
        assertEquals(5, unwrapper.unwrap(5));
        assertEquals(-1, unwrapper.unwrap(0xFFFF_FFFFL));
        assertEquals(5 + 0x7FFF_FFFFL, unwrapper.peek(5 + 0x7FFF_FFFFL));
        assertEquals(5 - 0x8000_0000L, unwrapper.peek(5 + 0x8000_0000L));
    }
}
