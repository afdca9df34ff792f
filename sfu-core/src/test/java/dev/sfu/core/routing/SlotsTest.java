package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sfu.core.peerconnection.Offers;
import dev.sfu.core.peerconnection.RtpTransceiver;
import dev.sfu.core.peerconnection.ScriptedPeer;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Which m-sections are slots, over renegotiations. */
class SlotsTest {
    private final RoutingScene scene = new RoutingScene();
    private final ScriptedPeer viewer = scene.join("s", Offers.video("m0", "recvonly"));
    private final Slots slots = new Slots(Objects.requireNonNull(scene.room.participant("s")), scene.room, () -> 7);

    private void negotiate(String mid, String direction) {
        scene.offer("s", Offers.video(mid, direction));
        for (RtpTransceiver transceiver : viewer.connection.transceivers()) {
            slots.onNegotiated(transceiver, viewer.now);
        }
        slots.onRenegotiated();
    }

    @Test
    void aSlotThatComesBackGoesOn() {
        negotiate("m0", "recvonly");
        RtpRewriter rewriter = slots.video().getFirst().rewriter();
        negotiate("m0", "inactive");
        assertEquals(1, slots.formerCount());
        negotiate("m0", "recvonly");
        assertSame(rewriter, slots.video().getFirst().rewriter());
        assertEquals(0, slots.formerCount());
    }

    /** A client may give its m-section another mid with every other offer. */
    @Test
    void slotsThatCannotComeBackAreForgotten() {
        for (int i = 0; i < 10; i++) {
            negotiate("m" + i, "recvonly");
            assertEquals(1, slots.video().size());
            assertEquals(0, slots.formerCount());
            negotiate("m" + i, "inactive");
            assertEquals(1, slots.formerCount());
        }
    }
}
