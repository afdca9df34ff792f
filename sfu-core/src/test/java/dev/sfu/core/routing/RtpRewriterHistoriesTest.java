package dev.sfu.core.routing;

import static dev.sfu.core.routing.RewriterPackets.packet;
import static dev.sfu.core.routing.RewriterPackets.padding;
import static dev.sfu.core.routing.RewriterPackets.stream;
import static dev.sfu.core.routing.RewriterPackets.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.ScriptedPeer;
import dev.sfu.core.peerconnection.ScriptedStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens to what feeds a slot, what leaves it is one stream. */
class RtpRewriterHistoriesTest {
    /** Sources of random numbers that are switched between while packets get lost, late and padded. */
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15})
    void everyHistoryLooksContinuous(long seed) {
        new History(seed).run(30_000);
    }

    /** One source's view of time and numbers. */
    private static final class Source {
        final ScriptedStream stream;
        final boolean wide;
        long sequence;
        long timestamp;
        int pictureId;

        Source(int ssrc, Random random) {
            stream = stream(ssrc);
            wide = random.nextInt(4) > 0;
            sequence = random.nextInt(1 << 16);
            timestamp = random.nextInt() & 0xFFFF_FFFFL;
            pictureId = random.nextInt(wide ? 1 << 15 : 1 << 7);
            stream.heard(timestamp, 0);
        }
    }

    private static final class History {
        private final Random random;
        private final String when;
        private final RtpRewriter rewriter;
        private final List<Source> sources = new ArrayList<>();
        private final List<IncomingPacket> late = new ArrayList<>();
        /** Who used an outgoing number. */
        private final Map<Long, IncomingPacket> used = new HashMap<>();
        private Source current;
        private boolean playing;
        private long highest;
        private long highestTimestamp;
        private int lastPictureId = -1;

        History(long seed) {
            random = new Random(seed);
            when = "seed " + seed + " number ";
            rewriter = new RtpRewriter(random.nextInt(), random.nextInt());
            for (int i = 0; i < 4; i++) {
                sources.add(new Source(i, random));
            }
            current = sources.get(0);
        }

        void run(int frames) {
            for (int i = 0; i < frames; i++) {
                if (random.nextInt(30) == 0) {
                    current = sources.get(random.nextInt(sources.size()));
                    playing = false;
                    late.clear();
                }
                frame(current);
            }
            assertTrue(used.size() > frames, "the history must not be empty");
        }

        private void frame(Source source) {
            source.timestamp += 3000;
            source.pictureId = (source.pictureId + 1) & (source.wide ? 0x7FFF : 0x7F);
            int packets = 1 + random.nextInt(4);
            for (int i = 0; i < packets; i++) {
                byte[] payload = ScriptedPeer.vp8(i == 0, !playing, source.pictureId, source.pictureId & 0xFF, 20);
                if (!source.wide) {
                    payload = new byte[] {(byte) (i == 0 ? 0x90 : 0x80), (byte) 0x80, (byte) source.pictureId, 0};
                }
                offer(source.stream.packet(source.sequence++, source.timestamp, 0, payload));
            }
            while (random.nextInt(6) == 0) {
                offer(source.stream.packet(source.sequence++, source.timestamp, 0, new byte[0]));
            }
            if (random.nextInt(3) == 0) {
                Collections.shuffle(late, random);
                late.forEach(this::arrive);
                late.clear();
            }
        }

        private void offer(IncomingPacket packet) {
            int fate = playing ? random.nextInt(20) : 19;
            if (fate == 0) {
                return;
            }
            if (fate <= 2) {
                late.add(packet);
            } else {
                arrive(packet);
            }
        }

        private void arrive(IncomingPacket packet) {
            ScriptedStream.arrive(packet);
            long before = highest;
            boolean switched = !playing;
            if (switched) {
                if (!packet.keyframeStart() || packet.rtp().payloadBytes() == 0) {
                    return;
                }
                rewriter.switchTo(packet);
                playing = true;
            }
            if (packet.rtp().payloadBytes() == 0 && rewriter.leaveOut(packet, false)) {
                assertFalse(rewriter.place(packet, 0), when + "a left-out packet has no number");
                return;
            }
            if (!rewriter.place(packet, 0)) {
                return;
            }
            long out = rewriter.sequence();
            long timestamp = rewriter.timestamp();
            assertEquals(null, used.put(out, packet), when + out + " is used once");
            highest = Math.max(highest, out);
            if (switched && used.size() > 1) {
                assertTrue(out > before, when + out + " follows " + before);
                assertTrue(timestamp > highestTimestamp, when + out + ": no time is repeated");
                int mask = written(rewriter, packet).pictureIdBits() == 15 ? 0x7FFF : 0x7F;
                assertEquals((lastPictureId + 1) & mask, written(rewriter, packet).pictureId(), when + out);
            }
            highestTimestamp = Math.max(highestTimestamp, timestamp);
            if (packet.layers() != null && (switched || out == highest)) {
                lastPictureId = written(rewriter, packet).pictureId();
            }
        }
    }

    /** Without loss the outgoing numbers have no hole, whatever is padding and whoever feeds them. */
    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23})
    void withoutLossThereIsNoHole(long seed) {
        RtpRewriter rewriter = new RtpRewriter(99, 12_345);
        Random random = new Random(seed);
        List<Source> sources = List.of(new Source(1, random), new Source(2, random), new Source(3, random));
        long expected = 100;
        for (int run = 0; run < 500; run++) {
            Source source = sources.get(random.nextInt(3));
            source.timestamp += 3000;
            rewriter.switchTo(packet(source.stream, source.sequence, source.timestamp, 1));
            int packets = 1 + random.nextInt(60);
            List<IncomingPacket> block = new ArrayList<>();
            for (int i = 0; i < packets; i++) {
                boolean media = i == 0 || random.nextInt(5) > 0;
                block.add(media
                        ? packet(source.stream, source.sequence++, source.timestamp, 1)
                        : padding(source.stream, source.sequence++));
            }
            List<Long> numbers = new ArrayList<>();
            for (IncomingPacket packet : block) {
                if (packet.rtp().payloadBytes() > 0 || !rewriter.leaveOut(packet, false)) {
                    assertTrue(rewriter.place(packet, 0));
                    numbers.add(rewriter.sequence());
                }
            }
            for (long number : numbers) {
                assertEquals(expected++, number, "seed " + seed);
            }
        }
    }
}
