package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.codec.Codec;
import dev.sfu.core.trace.LayerTrace;
import dev.sfu.core.trace.ReceiverModel;
import dev.sfu.core.trace.UnreliableLink.Quality;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever viewers choose, in whatever order, of what real browsers sent over whatever network: a receiver accepts what it gets.
 *
 * <p>{@code -Dtraces.changes=} says how many changes of target there are in all, {@code -Dtraces.seed=} makes other ones.
 */
class TraceForwardingTest {
    private static final long CHANGES = Long.getLong("traces.changes", 1_000_000);
    private static final long SEED = Long.getLong("traces.seed", 1);
    private static final int CHANGES_PER_SCENE = 10_000;
    private static final int VIEWERS = 4;
    private static final int CODECS = 4;

    @ParameterizedTest
    @EnumSource(names = {"VP8", "VP9", "H264", "AV1"})
    void receiversAcceptWhatTheyGet(Codec codec) {
        List<LayerTrace> traces = LayerTrace.NAMES.stream()
                .filter(name -> name.contains(codec.name().toLowerCase(Locale.ROOT)))
                .map(LayerTrace::read)
                .toList();
        Random random = new Random(SEED + codec.ordinal());
        long changes = 0;
        long packets = 0;
        long frames = 0;
        long switches = 0;
        long holes = 0;
        long retransmissions = 0;
        for (int turn = 0; changes < CHANGES / CODECS; turn++) {
            long seed = random.nextLong();
            // Every trace in its turn, with another one to switch to.
            List<LayerTrace> played = new ArrayList<>();
            played.add(traces.get(turn % traces.size()));
            played.add(traces.get(random.nextInt(traces.size())));
            Quality quality = Quality.values()[turn % Quality.values().length];
            boolean narrow = random.nextInt(4) == 0;
            boolean gathering = turn % 2 == 0;
            String what = "traces.seed=" + SEED + " " + played.stream().map(LayerTrace::name).toList() + " " + quality
                    + (narrow ? " narrow" : "") + (gathering ? " gathering" : "");
            try {
                TraceScene scene = new TraceScene(played, quality, narrow, gathering, VIEWERS, new Random(seed));
                scene.run(CHANGES_PER_SCENE);
                for (ReceiverModel model : scene.finish()) {
                    packets += model.packets();
                    frames += model.frames();
                    switches += model.switches();
                    holes += model.holes();
                    retransmissions += model.retransmissions();
                    assertTrue(quality != Quality.CLEAN || model.holes() == 0, what + ": numbers missing on a clean link");
                }
                changes += scene.changes();
                assertEquals(0, scene.outstandingBuffers(), what);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(what + ": " + e.getMessage(), e);
            }
        }
        System.out.printf("MEASURED %s traces, seed %d: %d changes of target, %d packets, %d frames, %d switches, %d numbers"
                + " missing, %d retransmissions%n", codec, SEED, changes, packets, frames, switches, holes, retransmissions);
        assertTrue(switches > changes / 1000 && retransmissions > 0, "switches: " + switches);
    }
}
