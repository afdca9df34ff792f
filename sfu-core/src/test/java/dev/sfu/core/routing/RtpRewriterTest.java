package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.codec.Vp8Descriptor;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.ScriptedPeer;
import dev.sfu.core.peerconnection.ScriptedStream;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RtpRewriterTest {
    private static final long MS = Deadlines.MILLISECOND;

    private final RtpRewriter rewriter = new RtpRewriter(99, 12_345);
    private final ScriptedStream a = stream(1);
    private final ScriptedStream b = stream(2);

    private static ScriptedStream stream(int ssrc) {
        return new ScriptedStream(
                ScriptedStream.receiver("m" + ssrc, MediaKind.VIDEO), ssrc, null, ScriptedStream.vp8());
    }

    private static IncomingPacket packet(ScriptedStream stream, long sequence, long timestamp, int pictureId) {
        return stream.packet(sequence, timestamp, 0, ScriptedPeer.vp8(true, true, pictureId, pictureId & 0xFF, 20));
    }

    private static IncomingPacket narrow(ScriptedStream stream, long sequence, int pictureId) {
        return stream.packet(sequence, sequence * 3000, 0, new byte[] {(byte) 0x90, (byte) 0x80, (byte) pictureId, 0});
    }

    private static IncomingPacket padding(ScriptedStream stream, long sequence) {
        return stream.packet(sequence, 0, 0, new byte[0]);
    }

    private long forward(IncomingPacket packet) {
        assertTrue(rewriter.accepts(packet));
        rewriter.onForwarded(packet);
        return rewriter.sequence(packet);
    }

    private long switchTo(IncomingPacket packet) {
        rewriter.switchTo(packet);
        return forward(packet);
    }

    private static Vp8Descriptor vp8(IncomingPacket packet) {
        return Objects.requireNonNull(packet.vp8());
    }

    @Test
    void startsWhereItWasToldTo() {
        IncomingPacket first = packet(a, 60_000, 4_000_000_000L, 7);
        assertEquals(100, switchTo(first));
        assertEquals(12_345, rewriter.timestamp(first));
        assertEquals(7, rewriter.pictureId(vp8(first)));
        assertTrue(rewriter.leavesVp8Unchanged());
        assertEquals(103, forward(packet(a, 60_003, 4_000_003_000L, 8)));
    }

    @Test
    void aRandomStartStaysBelowHalfACycle() {
        for (int start : new int[] {Integer.MIN_VALUE, -1, 0, 1 << 14, Integer.MAX_VALUE}) {
            RtpRewriter some = new RtpRewriter(start, start);
            IncomingPacket first = packet(a, 5, 5, 5);
            some.switchTo(first);
            assertTrue(some.sequence(first) > 0 && some.sequence(first) <= 1 << 14);
            assertEquals(start & 0xFFFF_FFFFL, some.timestamp(first));
        }
    }

    @Test
    void refusesWhatIsFromBeforeTheSwitchAndFromOtherStreams() {
        switchTo(packet(a, 50, 3000, 1));
        assertFalse(rewriter.accepts(packet(a, 49, 0, 1)));
        assertFalse(rewriter.accepts(packet(b, 51, 0, 1)));
        switchTo(packet(b, 10, 3000, 1));
        assertFalse(rewriter.accepts(packet(a, 51, 0, 1)));
        switchTo(packet(a, 60, 9000, 1));
        assertFalse(rewriter.accepts(packet(a, 51, 6000, 1)));
    }

    @Test
    void aLateOldPacketDoesNotTakeANumberOfTheNewSource() {
        switchTo(packet(a, 50, 3000, 1));
        assertEquals(105, forward(packet(a, 55, 3000, 1)));
        assertEquals(106, switchTo(packet(b, 7000, 3000, 1)));
    }

    @Test
    void paddingLeavesNoGap() {
        switchTo(packet(a, 50, 3000, 1));
        assertTrue(rewriter.skip(padding(a, 51)));
        assertTrue(rewriter.skip(padding(a, 52)));
        assertEquals(101, forward(packet(a, 53, 3000, 1)));
        assertFalse(rewriter.accepts(padding(a, 52)));
    }

    /** What is repaired after padding has passed still finds its place. */
    @Test
    void latePacketsFromBeforePaddingAreForwarded() {
        switchTo(packet(a, 50, 3000, 1));
        assertTrue(rewriter.skip(padding(a, 52)));
        assertEquals(102, forward(packet(a, 53, 6000, 2)));
        assertTrue(rewriter.skip(padding(a, 56)));
        assertEquals(105, forward(packet(a, 57, 6000, 2)));
        assertEquals(101, forward(packet(a, 51, 3000, 1)));
        assertEquals(104, forward(packet(a, 55, 6000, 2)));
        assertEquals(103, forward(packet(a, 54, 6000, 2)));
        assertEquals(106, switchTo(packet(b, 1, 3000, 1)));
        assertFalse(rewriter.accepts(packet(a, 51, 3000, 1)));
    }

    @Test
    void aSwitchRightAfterPaddingReusesNoReservedNumber() {
        switchTo(packet(a, 50, 3000, 1));
        // 51 is missing, and its number stays reserved.
        assertTrue(rewriter.skip(padding(a, 52)));
        assertEquals(102, switchTo(packet(b, 7, 3000, 1)));
    }

    @Test
    void latePaddingIsForwardedToFillItsGap() {
        switchTo(packet(a, 50, 3000, 1));
        assertEquals(102, forward(packet(a, 52, 3000, 1)));
        assertFalse(rewriter.skip(padding(a, 51)));
        assertEquals(101, forward(padding(a, 51)));
    }

    @Test
    void onlyTheLatestLeftOutPlacesAreRemembered() {
        switchTo(packet(a, 0, 3000, 1));
        for (int i = 1; i <= 40; i++) {
            assertTrue(rewriter.skip(padding(a, 2L * i)));
        }
        assertFalse(rewriter.accepts(packet(a, 1, 3000, 1)));
        assertEquals(100 + 40, forward(packet(a, 79, 3000, 1)));
        assertEquals(100 + 41, forward(packet(a, 81, 3000, 1)));
    }

    @Test
    void timestampsFollowTheTimeOfCapture() {
        a.heard(0, 0);
        b.heard(500_000, 0);
        switchTo(packet(a, 1, 0, 1));
        IncomingPacket later = packet(b, 1, 500_000 + 90 * 250, 1);
        switchTo(later);
        assertEquals(12_345 + 22_500L, rewriter.timestamp(later));
        assertEquals(12_345 + 90_000L, rewriter.timestampAt(1000 * MS));
    }

    @Test
    void timestampsNeverGoBack() {
        a.heard(0, 0);
        b.heard(0, 0);
        switchTo(packet(a, 1, 90_000, 1));
        IncomingPacket earlier = packet(b, 1, 45_000, 1);
        switchTo(earlier);
        assertEquals(12_345 + 900L, rewriter.timestamp(earlier));
    }

    /** Sender reports of two streams of one peer fix their common line, whatever the network did to the packets. */
    @Test
    void reportsOfTwoSlotsDrawOneLine() {
        ScriptedStream audio = new ScriptedStream(
                ScriptedStream.receiver("a", MediaKind.AUDIO), 3, null, ScriptedStream.opus());
        RtpRewriter voice = new RtpRewriter(5, 0);
        RtpRewriter picture = new RtpRewriter(5, 0);
        audio.heard(48_000, 300 * MS);
        a.heard(90_000, 100 * MS);
        IncomingPacket firstVoice = audio.packet(1, 48_000, 0, new byte[] {1});
        IncomingPacket firstPicture = packet(a, 1, 90_000, 1);
        voice.switchTo(firstVoice);
        picture.switchTo(firstPicture);
        // Both were captured at 50 ms, as the peer then says.
        audio.reported(48_000, 50 * MS);
        a.reported(90_000, 50 * MS);
        long voiceCapture = nanosOf(voice, firstVoice, 48_000);
        long pictureCapture = nanosOf(picture, firstPicture, 90_000);
        assertEquals(50 * MS, voiceCapture);
        assertEquals(50 * MS, pictureCapture);
    }

    /** What a browser computes from the latest sender report. */
    private static long nanosOf(RtpRewriter slot, IncomingPacket packet, int clockRate) {
        long reportNanos = 777 * MS;
        long ticksBefore = slot.timestampAt(reportNanos) - slot.timestamp(packet);
        return reportNanos - ticksBefore * Deadlines.SECOND / (clockRate == 48_000 ? 48_000 : 90_000);
    }

    @Test
    void pictureIdsGoOnOverSwitchesAndWraps() {
        switchTo(packet(a, 1, 0, 0x7FFF));
        forward(packet(a, 2, 3000, 0));
        IncomingPacket first = packet(b, 1, 0, 777);
        switchTo(first);
        assertEquals(1, rewriter.pictureId(vp8(first)));
        IncomingPacket next = packet(b, 2, 3000, 778);
        forward(next);
        assertEquals(2, rewriter.pictureId(vp8(next)));
        assertFalse(rewriter.leavesVp8Unchanged());
    }

    @Test
    void narrowPictureIdsGoOnOverTheirWrap() {
        switchTo(narrow(a, 1, 126));
        forward(narrow(a, 2, 127));
        forward(narrow(a, 3, 0));
        forward(narrow(a, 4, 1));
        IncomingPacket first = narrow(b, 1, 50);
        switchTo(first);
        assertEquals(2, rewriter.pictureId(vp8(first)));
    }

    @Test
    void pictureIdsGoOnWhenTheirWidthChanges() {
        switchTo(packet(a, 1, 0, 1000));
        IncomingPacket small = narrow(b, 1, 5);
        switchTo(small);
        assertEquals(1001 & 0x7F, rewriter.pictureId(vp8(small)));
        IncomingPacket wide = packet(a, 2, 90_000, 3);
        switchTo(wide);
        assertEquals(1002 & 0x7F, rewriter.pictureId(vp8(wide)));
    }

    @Test
    void tl0PicIdxGoesOnEvenWhenItCameLate() {
        switchTo(narrow(a, 1, 1));
        IncomingPacket withTl0 = packet(a, 2, 3000, 250);
        forward(withTl0);
        assertEquals(250, rewriter.tl0PicIdx(vp8(withTl0)));
        IncomingPacket first = packet(b, 1, 0, 9);
        switchTo(first);
        assertEquals(251, rewriter.tl0PicIdx(vp8(first)));
        assertEquals(-1, rewriter.tl0PicIdx(vp8(narrow(b, 2, 1))));
    }

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
            if (!rewriter.accepts(packet)) {
                return;
            }
            if (packet.rtp().payloadBytes() == 0 && rewriter.skip(packet)) {
                assertFalse(rewriter.accepts(packet), when + "a left-out packet has no number");
                return;
            }
            rewriter.onForwarded(packet);
            long out = rewriter.sequence(packet);
            long timestamp = rewriter.timestamp(packet);
            assertEquals(null, used.put(out, packet), when + out + " is used once");
            highest = Math.max(highest, out);
            if (switched && used.size() > 1) {
                assertTrue(out > before, when + out + " follows " + before);
                assertTrue(timestamp > highestTimestamp, when + out + ": no time is repeated");
                int mask = Objects.requireNonNull(packet.vp8()).pictureIdBits() == 15 ? 0x7FFF : 0x7F;
                assertEquals((lastPictureId + 1) & mask, pictureId(packet), when + out);
            }
            highestTimestamp = Math.max(highestTimestamp, timestamp);
            if (packet.vp8() != null && (switched || out == highest)) {
                lastPictureId = pictureId(packet);
            }
        }

        private int pictureId(IncomingPacket packet) {
            return rewriter.pictureId(Objects.requireNonNull(packet.vp8()));
        }
    }

    /** Without loss the outgoing numbers have no hole, whatever is padding and whoever feeds them. */
    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23})
    void withoutLossThereIsNoHole(long seed) {
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
                if (packet.rtp().payloadBytes() > 0 || !rewriter.skip(packet)) {
                    numbers.add(forward(packet));
                }
            }
            for (long number : numbers) {
                assertEquals(expected++, number, "seed " + seed);
            }
        }
    }
}
