package dev.sfu.core.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.peerconnection.CarriedReceiver;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.ScriptedStream;
import dev.sfu.core.routing.PipeEnd;
import dev.sfu.core.routing.RoomMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The way from one shard to another. */
class CrossingTest {
    private static final CarriedReceiver.Origin DEAF = (stream, roundTripNanos) -> {};

    private final List<Runnable> wakes = new ArrayList<>();
    private final Crossing crossing = new Crossing(() -> wakes.add(() -> {}));
    private final BufferPool sendersPool = new BufferPool(16);
    private final BufferPool receiversPool = new BufferPool(16);
    private final ScriptedStream stream = new ScriptedStream(
            ScriptedStream.receiver("v", MediaKind.VIDEO), 7, null, ScriptedStream.vp8());
    private final List<String> arrived = new ArrayList<>();
    private final CarriedReceiver receiver = new CarriedReceiver("v", MediaKind.VIDEO, DEAF);
    private final PipeEnd end = receiver::onCarried;
    private long sequence;

    CrossingTest() {
        receiver.receiver().setSink((packet, now) -> arrived.add("packet " + packet.sequence()));
    }

    private IncomingPacket next() {
        sequence++;
        return stream.packet(sequence, sequence * 3000, 0, sendersPool, new byte[] {0x10, (byte) sequence});
    }

    /** Hands the next packet over; gives whether there was room. */
    private boolean carry() {
        IncomingPacket packet = next();
        boolean carried = crossing.carry(end, packet, 0);
        packet.buffer().release();
        return carried;
    }

    private void drain() {
        crossing.drain(receiversPool, () -> 0, failure -> arrived.add("failure " + failure.getMessage()));
    }

    @Test
    void aTurnsPacketsWakeOnce() {
        for (int turn = 1; turn <= 3; turn++) {
            for (int i = 0; i < 10; i++) {
                assertTrue(carry());
            }
            assertEquals(turn - 1, wakes.size());
            assertTrue(crossing.endTurn());
            assertEquals(turn, wakes.size());
            drain();
            assertEquals(10 * turn, arrived.size());
            assertFalse(crossing.endTurn());
            assertEquals(turn, wakes.size());
        }
        assertEquals(0, sendersPool.outstanding());
        assertEquals(0, receiversPool.outstanding());
        assertEquals("packet 30", arrived.getLast());
    }

    @Test
    void whoIsAwakeAlreadyIsNotWokenAgain() {
        carry();
        crossing.endTurn();
        carry();
        crossing.endTurn();
        assertEquals(1, wakes.size());
        drain();
        assertEquals(2, arrived.size());
        carry();
        crossing.endTurn();
        assertEquals(2, wakes.size());
        drain();
        assertFalse(crossing.endTurn());
    }

    @Test
    void sendersBuffersComeBackWhenTheyAreCopiedAndNotBefore() {
        for (int i = 0; i < 5; i++) {
            carry();
        }
        crossing.endTurn();
        assertEquals(5, sendersPool.outstanding());
        drain();
        assertEquals(5, sendersPool.outstanding());
        assertFalse(crossing.endTurn());
        assertEquals(0, sendersPool.outstanding());
    }

    @Test
    void aFullRingRefusesAndTakesAgain() {
        for (int i = 0; i < Crossing.CAPACITY; i++) {
            assertTrue(carry());
        }
        assertFalse(carry());
        assertEquals(Crossing.CAPACITY, sendersPool.outstanding());
        drain();
        assertTrue(carry());
        assertEquals(1, sendersPool.outstanding());
        drain();
        crossing.endTurn();
        assertEquals(Crossing.CAPACITY + 1, arrived.size());
        assertEquals("packet " + (Crossing.CAPACITY + 2), arrived.getLast());
        assertEquals(0, sendersPool.outstanding());
    }

    @Test
    void oneThatThrowsHarmsNoOther() {
        crossing.carry((packet, pool, now) -> {
            throw new IllegalStateException("defect");
        }, next(), 0);
        carry();
        drain();
        assertEquals(List.of("failure defect", "packet 2"), arrived);
    }

    /** Messages and packets, put in in random order, come out in that order. */
    @Test
    void messagesAndPacketsKeepTheirOrder() {
        Random random = new Random(7);
        List<String> expected = new ArrayList<>();
        Crossing.Mailbox mailbox =
                (message, now) -> arrived.add("message " + ((RoomMessage.Viewers) message).count());
        for (int i = 0; i < 2000; i++) {
            switch (random.nextInt(5)) {
                case 0 -> {
                    crossing.send(mailbox, new RoomMessage.Viewers(i));
                    expected.add("message " + i);
                }
                case 1 -> crossing.endTurn();
                case 2 -> drain();
                default -> {
                    assertTrue(carry());
                    expected.add("packet " + sequence);
                }
            }
        }
        drain();
        crossing.endTurn();
        assertArrayEquals(expected.toArray(), arrived.toArray());
        assertEquals(0, sendersPool.outstanding());
    }

    /** Two threads, each with its pool: every packet that was taken arrives once, in order, with its bytes. */
    @Test
    @Timeout(60)
    void twoThreads() throws InterruptedException {
        long total = 200_000;
        long[] next = {1};
        boolean[] wrong = {false};
        receiver.receiver().setSink((packet, now) -> {
            wrong[0] |= packet.sequence() != next[0]
                    || packet.rtp().array()[packet.rtp().payloadOffset() + 1] != (byte) next[0];
            next[0]++;
        });
        Thread reader = new Thread(() -> {
            while (next[0] <= total) {
                drain();
                Thread.onSpinWait();
            }
        });
        reader.start();
        while (sequence < total) {
            IncomingPacket packet = next();
            while (!crossing.carry(end, packet, 0)) {
                Thread.onSpinWait();
            }
            packet.buffer().release();
        }
        reader.join();
        assertFalse(crossing.endTurn());
        assertFalse(wrong[0]);
        assertEquals(List.of(), arrived);
        assertEquals(total, next[0] - 1);
        assertEquals(0, sendersPool.outstanding());
        assertEquals(0, receiversPool.outstanding());
    }
}
