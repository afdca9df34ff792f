package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.peerconnection.Offers;
import dev.sfu.core.peerconnection.ScriptedPeer;
import dev.sfu.core.rtcp.Goodbye;
import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.stats.DropReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Packets of video that wait for each other before they are forwarded. */
class GatheringTest {
    private static final int CAMERA = 0x1000;
    private static final int ABS_SEND_TIME = 2;
    private static final int MID = 4;

    private final ForwardQueue queue = new ForwardQueue(this::clock);
    private final RoutingScene scene = new RoutingScene(queue);
    private final ScriptedPeer publisher = scene.join("p", Offers.audio("a", "sendonly"), Offers.video("v", "sendonly"));
    private final ScriptedPeer first = subscriber("s1");
    private final ScriptedPeer second = subscriber("s2");
    private final List<RuntimeException> failures = new ArrayList<>();
    private int sequence = 1000;
    /** What passes between two readings of the clock. */
    private long stepNanos;
    private long passedNanos;

    private long clock() {
        passedNanos += stepNanos;
        return publisher.now + passedNanos;
    }

    @AfterEach
    void everyBufferComesBack() {
        scene.close();
        assertEquals(0, scene.pool.outstanding());
        assertEquals(List.of(), failures);
    }

    private ScriptedPeer subscriber(String id) {
        ScriptedPeer peer = scene.join(id, Offers.audio("a0", "recvonly"), Offers.video("v0", "recvonly"));
        peer.rtp.clear();
        return peer;
    }

    private byte[] send(boolean key) {
        sequence++;
        byte[] packet = ScriptedPeer.rtpPacket(CAMERA, 96, sequence, 3000L * sequence,
                ScriptedPeer.vp8(true, key, sequence, sequence & 0xFF, 100), MID, "v");
        publisher.sendRtp(packet);
        return packet;
    }

    private void forward() {
        queue.forward(failures::add);
    }

    private static int sendTime(byte[] packet) {
        return Bytes.u24(packet, ScriptedPeer.parse(packet).extensionOffset(ABS_SEND_TIME));
    }

    /** What takes long to send to many is not sent to the last of them when it began. */
    @Test
    void theLastSubscribersPacketsHaveALaterTime() {
        List<ScriptedPeer> subscribers = new ArrayList<>(List.of(first, second));
        for (int i = 3; i <= 20; i++) {
            subscribers.add(subscriber("s" + i));
        }
        stepNanos = 100 * ScriptedPeer.MS;
        send(true);
        send(false);
        forward();
        List<Integer> delays = subscribers.stream()
                .map(subscriber -> sendTime(subscriber.rtp.getLast()) - sendTime(first.rtp.getFirst()))
                .map(units -> (int) Math.round(units * 1000.0 / (1 << 18)))
                .toList();
        assertEquals(0, delays.getFirst());
        assertEquals(0, delays.get(7), "the clock is read for each eighth");
        assertEquals(100, delays.get(8));
        assertEquals(200, delays.get(19));
    }

    private PublishedTrack camera() {
        return Objects.requireNonNull(scene.room.participant("p")).published().stream()
                .filter(track -> track.mid().equals("v")).findAny().orElseThrow();
    }

    @Test
    void everySubscriberGetsWhatWaitedInItsOrder() {
        List<byte[]> sent = List.of(send(true), send(false), send(false));
        assertFalse(queue.isEmpty());
        assertEquals(0, first.rtp.size());
        forward();
        assertTrue(queue.isEmpty());
        for (ScriptedPeer subscriber : List.of(first, second)) {
            assertEquals(sent.size(), subscriber.rtp.size());
            int number = ScriptedPeer.parse(subscriber.rtp.getFirst()).sequenceNumber();
            for (int i = 0; i < sent.size(); i++) {
                assertEquals(number + i, ScriptedPeer.parse(subscriber.rtp.get(i)).sequenceNumber());
                assertArrayEquals(ScriptedPeer.payload(sent.get(i)), ScriptedPeer.payload(subscriber.rtp.get(i)));
            }
        }
        forward();
        assertEquals(sent.size(), first.rtp.size());
    }

    /** Each is read again from its own bytes: what came later has not changed what is known of the ones before. */
    @Test
    void asManyWaitAsViewsOfTheirLayersAreValid() {
        send(true);
        for (int i = 2; i < GatheredPackets.CAPACITY; i++) {
            send(false);
        }
        assertEquals(0, first.rtp.size());
        send(false);
        assertEquals(GatheredPackets.CAPACITY, first.rtp.size());
        send(false);
        assertEquals(GatheredPackets.CAPACITY, first.rtp.size());
        forward();
        assertEquals(GatheredPackets.CAPACITY + 1, first.rtp.size());
        assertEquals(GatheredPackets.CAPACITY + 1, second.rtp.size());
    }

    @Test
    void whatCameBeforeAStreamEndedIsForwarded() {
        send(true);
        send(false);
        publisher.sendRtcp(out -> RtcpWriter.write(out, new Goodbye(List.of(CAMERA), "")));
        assertEquals(2, first.rtp.size());
        forward();
        assertEquals(2, first.rtp.size());
    }

    @Test
    void whatCameBeforeAMuteIsForwardedAndNothingAfterIt() {
        send(true);
        send(false);
        camera().setMuted(true, publisher.now);
        assertEquals(2, first.rtp.size());
        send(false);
        forward();
        assertEquals(2, first.rtp.size());
    }

    @Test
    void whatWaitsWhenThePublisherLeavesIsLetGo() {
        send(true);
        scene.room.remove(Objects.requireNonNull(scene.room.participant("p")), ErrorCode.SHUTTING_DOWN, "gone", publisher.now);
        forward();
        assertEquals(0, first.rtp.size());
    }

    @Test
    void whoLeavesMeanwhileGetsNothingAndTheOthersEverything() {
        send(true);
        scene.room.remove(Objects.requireNonNull(scene.room.participant("s1")), ErrorCode.SHUTTING_DOWN, "gone", publisher.now);
        forward();
        assertEquals(0, first.rtp.size());
        assertEquals(1, second.rtp.size());
    }

    /** What nobody has subscribed to does not wait. */
    @Test
    void nothingWaitsForNobody() {
        for (String id : List.of("s1", "s2")) {
            scene.room.remove(Objects.requireNonNull(scene.room.participant(id)), ErrorCode.SHUTTING_DOWN, "gone", publisher.now);
        }
        send(true);
        assertTrue(queue.isEmpty());
        assertEquals(0, camera().drops().of(DropReason.MUTED));
    }
}
