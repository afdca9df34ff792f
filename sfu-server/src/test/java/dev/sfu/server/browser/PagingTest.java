package dev.sfu.server.browser;

import static dev.sfu.server.browser.RoomCallTest.report;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Ten in a room, one of them with two slots: turning pages shows others without renegotiation. */
@Timeout(120)
class PagingTest {
    private static final int PUBLISHERS = 9;
    private static final int SLOTS = 2;
    private static final int PATIENCE_MILLIS = 5000;
    private static final double FIRST_FRAME_MILLIS = 500;
    private static final Gson GSON = new Gson();

    @RegisterExtension
    static final BrowserScene scene = new BrowserScene();

    private static BrowserPage page() {
        return scene.scripted("paging.js", Map.of());
    }

    @Test
    void anotherPageIsSeenAtOnce() {
        try (BrowserPage publishers = page();
                BrowserPage viewer = page()) {
            List<?> ids = publishers.evaluate("() => paging.publish('ten', " + PUBLISHERS + ")") instanceof List<?> all
                    ? all
                    : List.of();
            assertEquals(PUBLISHERS, ids.size());
            viewer.evaluate("() => paging.watch('ten', " + SLOTS + ")");
            viewer.await("two of them", "paging.seen().filter(i => i >= 0).length === " + SLOTS);
            double slowest = 0;
            for (int first = 0; first + SLOTS <= PUBLISHERS; first += SLOTS) {
                List<Integer> wanted = List.of(first, first + 1);
                List<?> participants = ids.subList(first, first + SLOTS);
                double millis = viewer.number("() => paging.turn(" + GSON.toJson(participants) + ", " + wanted + ", "
                        + PATIENCE_MILLIS + ")");
                report("paging: persons %s seen after %.0f ms", wanted, millis);
                slowest = Math.max(slowest, millis);
            }
            assertTrue(slowest < FIRST_FRAME_MILLIS, slowest + " ms");
            assertEquals(SLOTS, viewer.number("paging.sections()"));
            assertEquals(List.of(), viewer.complaints());
        }
    }

    /** The keyframe that is asked for with the answer comes before the answer is applied, and the browser throws it away. */
    @Test
    void anAddedSlotIsSeenAlthoughItsKeyframeCameBeforeTheAnswer() {
        for (int answerMillis : new int[] {0, 60, 150}) {
            try (BrowserPage publishers = page();
                    BrowserPage viewer = page()) {
                String room = "grow" + answerMillis;
                publishers.evaluate("() => paging.publish('" + room + "', 2)");
                viewer.evaluate("() => paging.watch('" + room + "', 1)");
                viewer.await("one of them", "paging.seen().filter(i => i >= 0).length === 1");
                Object grown = viewer.evaluate("() => paging.grow(" + answerMillis + ", " + PATIENCE_MILLIS + ")");
                report("an added slot, its answer applied after %d ms: %s", answerMillis, String.valueOf(grown));
                double millis = grown instanceof Map<?, ?> figures && figures.get("millis") instanceof Number number
                        ? number.doubleValue()
                        : Double.POSITIVE_INFINITY;
                assertTrue(millis < FIRST_FRAME_MILLIS, millis + " ms");
                assertEquals(List.of(), viewer.complaints());
            }
        }
    }
}
