package dev.sfu.server.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.EngineConfig;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Real calls on two shards behind one port. */
@Timeout(120)
class SinglePortTest {
    /** With each call the kernel throws a coin for four 5-tuples. */
    private static final int MOST_CALLS = 8;

    private static final int SOME_FRAMES = 20;

    @RegisterExtension
    static final BrowserScene scene = new BrowserScene(new EngineConfig(0, 2, 0, true, List.of(), EngineConfig.Limits.DEFAULT));

    @Test
    void callsWorkWhereverTheKernelPutsTheirPackets() throws Exception {
        long handedOff = 0;
        for (int call = 0; call < MOST_CALLS && handedOff < 100; call++) {
            // Two rooms at a time, which go to different shards.
            try (BrowserPage ada = scene.join("one" + call, "Ada");
                    BrowserPage ben = scene.join("one" + call, "Ben");
                    BrowserPage cleo = scene.join("two" + call, "Cleo");
                    BrowserPage dan = scene.join("two" + call, "Dan")) {
                seeEachOther(ada, "Ada", ben, "Ben");
                seeEachOther(cleo, "Cleo", dan, "Dan");
            }
            handedOff = scene.server().engine().counters().toCompletableFuture().get(10, TimeUnit.SECONDS)
                    .counters().getOrDefault("datagrams_handed_off", 0L);
        }
        assertTrue(handedOff >= 100, handedOff + " datagrams handed off");
    }

    private static void seeEachOther(BrowserPage first, String firstName, BrowserPage second, String secondName) {
        first.awaitFirst(secondName);
        second.awaitFirst(firstName);
        first.awaitMore(secondName, SOME_FRAMES);
        second.awaitMore(firstName, SOME_FRAMES);
        assertEquals(List.of(), first.complaints());
        assertEquals(List.of(), second.complaints());
    }
}
