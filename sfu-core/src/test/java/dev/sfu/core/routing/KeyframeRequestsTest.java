package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sfu.core.peerconnection.Offers;
import dev.sfu.core.peerconnection.ScriptedPeer;
import dev.sfu.core.rtcp.FullIntraRequest;
import dev.sfu.core.rtcp.PictureLossIndication;
import dev.sfu.core.rtcp.RtcpWriter;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What subscribers' requests for keyframes come to at the publisher. */
class KeyframeRequestsTest {
    private static final long MS = ScriptedPeer.MS;
    private static final int CAMERA = 0x1000;
    private static final int MID = 4;

    private final RoutingScene scene = new RoutingScene();
    private int sequence = 1000;

    @AfterEach
    void everyBufferComesBack() {
        scene.close();
        assertEquals(0, scene.pool.outstanding());
    }

    private ScriptedPeer publisher() {
        return scene.join("p", Offers.video("v", "sendonly"));
    }

    private ScriptedPeer subscriber(String id) {
        return scene.join(id, Offers.video("v0", "recvonly"));
    }

    private byte[] keyframe() {
        sequence++;
        return ScriptedPeer.rtpPacket(CAMERA, 96, sequence, 3000L * sequence,
                ScriptedPeer.vp8(true, true, sequence, sequence & 0xFF, 100), MID, "v");
    }

    @Test
    void manyKeyframeRequestsBecomeOne() {
        ScriptedPeer p = publisher();
        List<ScriptedPeer> subscribers = List.of(subscriber("s"), subscriber("t"), subscriber("u"));
        p.sendRtp(keyframe());
        scene.advance(3000 * MS);
        p.rtcp.clear();
        for (ScriptedPeer subscriber : subscribers) {
            int ssrc = ScriptedPeer.parse(subscriber.rtp.get(0)).ssrc();
            subscriber.sendRtcp(out -> RtcpWriter.write(out, new PictureLossIndication(1, ssrc)));
            subscriber.sendRtcp(out -> RtcpWriter.write(
                    out, new FullIntraRequest(1, List.of(new FullIntraRequest.Entry(ssrc, 3)))));
            subscriber.sendRtcp(out -> RtcpWriter.write(
                    out, new FullIntraRequest(1, List.of(new FullIntraRequest.Entry(ssrc, 3)))));
        }
        scene.advance(10 * MS);
        assertEquals(List.of(CAMERA), p.rtcpPackets(PictureLossIndication.class).stream()
                .map(PictureLossIndication::mediaSsrc).toList());
        p.sendRtp(keyframe());
        scene.advance(2000 * MS);
        assertEquals(1, p.rtcpPackets(PictureLossIndication.class).size());
    }

    /** With three hundred watching, one of them gets three keyframes for everybody, and the next one only some time later. */
    @Test
    void oneViewerDoesNotMakeAWebinarOfKeyframes() {
        ScriptedPeer p = publisher();
        ScriptedPeer s = subscriber("s");
        for (int i = 0; i < 299; i++) {
            subscriber("s" + i);
        }
        p.sendRtp(keyframe());
        scene.advance(100 * MS);
        int ssrc = ScriptedPeer.parse(s.rtp.get(0)).ssrc();
        p.rtcp.clear();
        // Each pause lets the track's source be asked again.
        for (int pause : List.of(310, 610, 1210)) {
            s.sendRtcp(out -> RtcpWriter.write(out, new PictureLossIndication(1, ssrc)));
            scene.advance(10 * MS);
            p.sendRtp(keyframe());
            scene.advance(pause * MS);
        }
        assertEquals(3, p.rtcpPackets(PictureLossIndication.class).size());
        s.sendRtcp(out -> RtcpWriter.write(out, new PictureLossIndication(1, ssrc)));
        scene.advance(900 * MS);
        assertEquals(3, p.rtcpPackets(PictureLossIndication.class).size());
        s.sendRtcp(out -> RtcpWriter.write(out, new PictureLossIndication(1, ssrc)));
        scene.advance(10 * MS);
        assertEquals(4, p.rtcpPackets(PictureLossIndication.class).size());
    }
}
