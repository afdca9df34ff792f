package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.time.Deadlines;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DelayJitterTest {
    private static final long MS = Deadlines.MILLISECOND;
    private static final long LINK_BPS = 1_000_000;

    private final SplittableRandom random = new SplittableRandom(7);
    private final DelayJitter jitter = new DelayJitter();

    /** Sound and frames of different sizes over a link; what waits for what is before it is late, jitter comes on top. */
    private void send(int seconds, long jitterNanos) {
        long free = 0;
        long latest = 0;
        for (int i = 0; i < seconds * 100; i++) {
            long sent = i * 10L * MS;
            int packets = i % 2 == 1 ? 1 : i % 4 == 0 ? 1 + random.nextInt(3) : 0;
            int bytes = i % 2 == 1 ? 100 : 1200;
            for (int j = 0; j < packets; j++) {
                free = Math.max(free, sent) + bytes * 8L * Deadlines.SECOND / LINK_BPS;
                latest = Math.max(latest, free + 20 * MS + (jitterNanos == 0 ? 0 : random.nextLong(jitterNanos)));
                jitter.onPacket(sent, latest, bytes, LINK_BPS);
            }
        }
    }

    @Test
    void whatWaitsForItsOwnIsNoJitter() {
        send(20, 0);
        assertTrue(jitter.nanos() < 2 * MS, jitter.nanos() + " ns");
    }

    @Test
    void jitterIsMeasured() {
        send(20, 40 * MS);
        assertTrue(jitter.nanos() > 8 * MS && jitter.nanos() < 20 * MS, jitter.nanos() + " ns");
    }

    @Test
    void aClockThatIsSetIsForgotten() {
        for (int i = 0; i < 200; i++) {
            jitter.onPacket(i * 20L * MS, i * 20L * MS + (i < 100 ? 0 : 3600 * Deadlines.SECOND), 100, LINK_BPS);
        }
        assertTrue(jitter.nanos() < MS, jitter.nanos() + " ns");
    }

    @Test
    void anotherPathIsAnotherMatter() {
        send(5, 40 * MS);
        jitter.reset();
        assertEquals(0, jitter.nanos());
        send(20, 0);
        assertTrue(jitter.nanos() < 2 * MS, jitter.nanos() + " ns");
    }
}
