package dev.sfu.core.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.time.Deadlines;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What is made of a server's estimates and of what a viewer saw, with estimates made up. */
class ViewerSamplesTest {
    private static final int SECONDS = 60;

    @AutoClose
    private final SimulatedRoom room = new SimulatedRoom(1, EngineConfig.Bandwidth.FIXED);

    @Test
    void anEstimateThatFollowsLateConvergesLate() {
        ViewerResult result = resultOf(second -> second < 35 ? 2_000_000 : 1_000_000);
        assertEquals(5.0, result.convergeMaxSeconds(), 1.0);
        assertTrue(result.convergeSeconds() < result.convergeMaxSeconds(), result.toString());
        assertEquals(5 * 1.0 / 50, result.estimateError(), 0.03);
    }

    @Test
    void anEstimateThatNeverComesNearHasNotConvergedByTheEnd() {
        ViewerResult result = resultOf(second -> second < 30 ? 2_000_000 : 300_000);
        assertEquals(30.0, result.convergeMaxSeconds(), 1.0);
    }

    @Test
    void anEstimateThatSwingsIsUnsteady() {
        ViewerResult swinging =
                resultOf(second -> (second < 30 ? 2_000_000 : 1_000_000) * (second % 2 == 0 ? 1.1 : 0.9));
        assertEquals(0.2, swinging.oscillation(), 0.02);
    }

    @Test
    void anEstimateThatFollowsAtOnceIsSteadyAndRight() {
        ViewerResult result = resultOf(second -> second < 30 ? 2_000_000 : 1_000_000);
        assertEquals(0, result.oscillation());
        assertEquals(0, result.estimateError(), 0.01);
    }

    @Test
    void withoutAnEstimateNothingIsSaidOfIt() {
        ViewerResult result = resultOf(second -> -1);
        assertTrue(Double.isNaN(result.estimateError()) && Double.isNaN(result.convergeSeconds()), result.toString());
        assertEquals("", Target.atMost("estimate", ViewerResult::estimateError, 0.1).miss(result));
    }

    @Test
    void targetsNameWhatIsMissed() {
        ViewerResult result = resultOf(second -> 300_000);
        assertEquals("", Target.atMost("switches", ViewerResult::switchesPerMinute, 100).miss(result));
        assertEquals("", Target.atLeast("used", ViewerResult::utilisation, 0.5).miss(result));
        assertEquals(
                "ben: frozen: 0.250 (expected: at most 0.1)",
                Target.atMost("frozen", viewer -> 0.25, 0.1).miss(result));
        assertEquals(
                "ben: lines: 100.000 (expected: at least 180.0)",
                Target.atLeast("lines", viewer -> 100, 180).miss(result));
    }

    private interface Estimate {
        double at(int second);
    }

    /** Half a minute with 2 Mbit/s, then half a minute with 1 Mbit/s. Once per test: time does not go back. */
    private ViewerResult resultOf(Estimate estimate) {
        SyntheticBrowser ada = BandwidthScenarios.publisher(room, "ada" + room.browsers().size());
        SyntheticBrowser ben = room.join("ben", LinkConfig.of(2_000, 15), LinkConfig.of(2_000, 20))
                .receive(1, 1)
                .connect();
        ViewerSamples samples = new ViewerSamples(ben);
        for (int second = 0; second < SECONDS; second++) {
            if (second == SECONDS / 2) {
                ben.downlink().setRateBps(1_000_000);
            }
            room.time().runUntil(VirtualTime.ORIGIN_NANOS + (second + 1) * Deadlines.SECOND);
            samples.sample(estimate.at(second));
        }
        return samples.result(List.of(ada.camera(0)), SECONDS);
    }
}
