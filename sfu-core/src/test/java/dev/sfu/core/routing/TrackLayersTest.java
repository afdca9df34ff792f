package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.peerconnection.RtpReceiver;
import dev.sfu.core.peerconnection.ScriptedPeer;
import dev.sfu.core.peerconnection.ScriptedStream;
import org.junit.jupiter.api.Test;

/** When a track is said to have something else to choose from: each time all its subscribers decide anew. */
class TrackLayersTest {
    private static final long MS = ScriptedPeer.MS;

    private final RtpReceiver receiver = ScriptedStream.receiver("v", MediaKind.VIDEO);
    private final ScriptedStream low = new ScriptedStream(receiver, 1, "l", ScriptedStream.vp8());
    private final ScriptedStream high = new ScriptedStream(receiver, 2, "h", ScriptedStream.vp8());
    private final TrackLayers layers = new TrackLayers(receiver, false);
    private long now = ScriptedPeer.SECOND;
    private int sequence;

    private boolean send(ScriptedStream stream) {
        now += MS;
        sequence++;
        return layers.onPacket(
                stream.packet(sequence, 90L * sequence, now, ScriptedPeer.vp8(true, true, sequence, 0, stream == high ? 500 : 50)), now);
    }

    private boolean highFlows() {
        return layers.choices().stream()
                .anyMatch(choice -> choice.encoding() == high.stream().encoding() && choice.flows());
    }

    @Test
    void streamsThatComeAndGoAreSeenAtOnce() {
        assertTrue(send(low));
        assertTrue(send(high));
        layers.onStreamStopped(high.stream());
        assertTrue(send(low));
        assertFalse(highFlows());
        assertTrue(send(high));
        assertTrue(highFlows());
    }

    @Test
    void aStreamThatComesAndGoesAllTheTimeIsNot() {
        int news = 0;
        for (int i = 0; i < 1000; i++) {
            layers.onStreamStopped(high.stream());
            news += send(low) ? 1 : 0;
            news += send(high) ? 1 : 0;
        }
        // In two seconds.
        assertTrue(news > 4 && news < 40, "times that everybody decides: " + news);
        for (int i = 0; i < 300; i++) {
            send(low);
            send(high);
        }
        assertTrue(highFlows());
    }
}
