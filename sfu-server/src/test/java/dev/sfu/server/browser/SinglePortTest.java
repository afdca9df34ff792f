package dev.sfu.server.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.EngineConfig;
import dev.sfu.server.ServerFixture;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real calls on two shards behind one port. */
@Timeout(120)
class SinglePortTest {
    /** With each call the kernel throws a coin for four 5-tuples. */
    private static final int MOST_CALLS = 8;

    private static final int SOME_FRAMES = 20;

    @AutoClose
    private static ServerFixture server;

    @AutoClose
    private static Chromium chromium;

    @BeforeAll
    static void start() throws Exception {
        chromium = Chromium.launch();
        server = ServerFixture.start(new EngineConfig(0, 2, 0, true, List.of(), EngineConfig.Limits.DEFAULT));
    }

    @Test
    void callsWorkWhereverTheKernelPutsTheirPackets() throws Exception {
        long handedOff = 0;
        for (int call = 0; call < MOST_CALLS && handedOff < 100; call++) {
            // Two rooms at a time, which go to different shards.
            try (BrowserPage ada = chromium.page().join(server.url(), "one" + call, "Ada");
                    BrowserPage ben = chromium.page().join(server.url(), "one" + call, "Ben");
                    BrowserPage cleo = chromium.page().join(server.url(), "two" + call, "Cleo");
                    BrowserPage dan = chromium.page().join(server.url(), "two" + call, "Dan")) {
                seeEachOther(ada, "Ada", ben, "Ben");
                seeEachOther(cleo, "Cleo", dan, "Dan");
            }
            handedOff = server.engine().counters().toCompletableFuture().get(10, TimeUnit.SECONDS)
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
