package dev.sfu.core.peerconnection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyframeRelayTest {
    private static final long MS = Deadlines.MILLISECOND;

    private final List<String> passed = new ArrayList<>();
    private final KeyframeRelay relay = new KeyframeRelay(
            3, (stream, roundTripNanos) -> passed.add(stream + " " + roundTripNanos / MS));

    @Test
    void aRequestStandsUntilTheKeyframeComes() {
        relay.request(0);
        relay.request(10 * MS);
        relay.requestByFeedback(40 * MS, 20 * MS);
        assertEquals(List.of("3 0"), passed);
        relay.onKeyframe();
        relay.request(30 * MS);
        assertEquals(2, passed.size());
    }

    @Test
    void aRequestWithoutAnAnswerCountsAnewAfterAWhile() {
        relay.request(0);
        relay.request(KeyframeRelay.STANDS_NANOS - 1);
        assertEquals(1, passed.size());
        relay.request(KeyframeRelay.STANDS_NANOS);
        assertEquals(2, passed.size());
    }

    /** The other side may pass over feedback, so it does not stand in the way of who starts to receive. */
    @Test
    void feedbackDoesNotHoldBackWhoStarts() {
        relay.requestByFeedback(40 * MS, 0);
        relay.requestByFeedback(80 * MS, 10 * MS);
        relay.request(20 * MS);
        assertEquals(List.of("3 40", "3 0"), passed);
        relay.onKeyframe();
        relay.requestByFeedback(80 * MS, 30 * MS);
        relay.requestByFeedback(90 * MS, 30 * MS + KeyframeRelay.FEEDBACK_STANDS_NANOS);
        assertEquals(List.of("3 40", "3 0", "3 80", "3 90"), passed);
    }
}
