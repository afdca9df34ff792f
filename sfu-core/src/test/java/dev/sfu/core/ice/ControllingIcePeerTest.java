package dev.sfu.core.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ControllingIcePeerTest {
    @Test
    void connectsToALiteAgentAndKeepsChecking() {
        IceScene scene = IceScene.signalled();
        TestPath path = TestPath.udp(4000);
        ControllingIcePeer peer = new ControllingIcePeer(scene.client, scene.agent.localCredentials(), new Random(1),
                100 * IceScene.MS, (array, offset, length) ->
                        scene.agent.onStun(path, array, offset, length, scene.now));
        peer.start(scene.now);
        for (int i = 0; i < 100; i++) {
            IceScene.Sent answer = scene.sent.getLast();
            assertTrue(peer.onStun(answer.bytes(), 0, answer.bytes().length, scene.now + 7));
            assertFalse(peer.onStun(answer.bytes(), 0, answer.bytes().length, scene.now + 8), "answered once");
            scene.advance(peer.nextDeadlineNanos() - scene.now);
            peer.onDeadline(scene.now);
        }
        assertEquals(101, peer.requestsSent());
        assertEquals(100, peer.responsesReceived());
        assertEquals(7, peer.roundTripNanos());
        assertEquals(path.remote(), peer.mappedAddress());
        assertEquals(IceState.COMPLETED, scene.agent.state());
        assertEquals(path, scene.agent.selectedPath());
    }

    @Test
    void refusesAnswersSignedWithAnotherPassword() {
        IceScene scene = IceScene.signalled();
        TestPath path = TestPath.udp(4000);
        ControllingIcePeer peer = new ControllingIcePeer(scene.client, scene.agent.localCredentials(), new Random(1),
                100 * IceScene.MS, (array, offset, length) ->
                        scene.agent.onStun(path, array, offset, length, scene.now));
        peer.start(scene.now);
        IceScene.Sent answer = scene.sent.getLast();
        peer.setRemoteCredentials(IceCredentials.create(new Random(2)));
        assertFalse(peer.onStun(answer.bytes(), 0, answer.bytes().length, scene.now));
        assertFalse(peer.isConnected());
    }
}
