package dev.sfu.core.routing;

import static dev.sfu.core.routing.RewriterPackets.packet;
import static dev.sfu.core.routing.RewriterPackets.padding;
import static dev.sfu.core.routing.RewriterPackets.stream;
import static dev.sfu.core.routing.RewriterPackets.vp8;
import static dev.sfu.core.routing.RewriterPackets.written;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.codec.Rewrite;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.ScriptedPeer;
import dev.sfu.core.peerconnection.ScriptedStream;
import dev.sfu.core.time.Deadlines;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RtpRewriterTest {
    private static final long MS = Deadlines.MILLISECOND;

    private final RtpRewriter rewriter = new RtpRewriter(99, 12_345);
    private final ScriptedStream a = stream(1);
    private final ScriptedStream b = stream(2);

    /** A packet whose picture id has 7 bits. */
    private static IncomingPacket narrow(ScriptedStream stream, long sequence, int pictureId) {
        return stream.packet(sequence, sequence * 3000, 0, new byte[] {(byte) 0x90, (byte) 0x80, (byte) pictureId, 0});
    }

    private static IncomingPacket bare(ScriptedStream stream, long sequence) {
        return stream.packet(sequence, sequence * 3000, 0, new byte[] {0x10, 0});
    }

    private long forward(IncomingPacket packet) {
        assertTrue(rewriter.place(packet, 0));
        return rewriter.sequence();
    }

    private long switchTo(IncomingPacket packet) {
        rewriter.switchTo(packet);
        return forward(packet);
    }

    private boolean refused(IncomingPacket packet) {
        return !rewriter.place(packet, 0);
    }

    private boolean leaveOut(IncomingPacket packet) {
        return rewriter.leaveOut(packet, false);
    }

    private int pictureId(IncomingPacket packet) {
        return written(rewriter, packet).pictureId();
    }

    private int tl0PicIdx(IncomingPacket packet) {
        return written(rewriter, packet).tl0PicIdx();
    }

    @Test
    void startsWhereItWasToldTo() {
        IncomingPacket first = packet(a, 60_000, 4_000_000_000L, 7);
        assertEquals(100, switchTo(first));
        assertEquals(12_345, rewriter.timestamp());
        assertEquals(Rewrite.NONE, rewriter.rewrite());
        assertEquals(103, forward(packet(a, 60_003, 4_000_003_000L, 8)));
    }

    @Test
    void aRandomStartStaysBelowHalfACycle() {
        for (int start : new int[] {Integer.MIN_VALUE, -1, 0, 1 << 14, Integer.MAX_VALUE}) {
            RtpRewriter some = new RtpRewriter(start, start);
            IncomingPacket first = packet(a, 5, 5, 5);
            some.switchTo(first);
            assertTrue(some.place(first, 0));
            assertTrue(some.sequence() > 0 && some.sequence() <= 1 << 14);
            assertEquals(start & 0xFFFF_FFFFL, some.timestamp());
        }
    }

    @Test
    void refusesWhatIsFromBeforeTheSwitchAndFromOtherStreams() {
        switchTo(packet(a, 50, 3000, 1));
        assertTrue(refused(packet(a, 49, 0, 1)));
        assertTrue(refused(packet(b, 51, 0, 1)));
        switchTo(packet(b, 10, 3000, 1));
        assertTrue(refused(packet(a, 51, 0, 1)));
        switchTo(packet(a, 60, 9000, 1));
        assertTrue(refused(packet(a, 51, 6000, 1)));
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
        assertTrue(leaveOut(padding(a, 51)));
        assertTrue(leaveOut(padding(a, 52)));
        assertEquals(101, forward(packet(a, 53, 3000, 1)));
        assertTrue(refused(padding(a, 52)));
    }

    /** What is repaired after padding has passed still finds its place. */
    @Test
    void latePacketsFromBeforePaddingAreForwarded() {
        switchTo(packet(a, 50, 3000, 1));
        assertTrue(leaveOut(padding(a, 52)));
        assertEquals(102, forward(packet(a, 53, 6000, 2)));
        assertTrue(leaveOut(padding(a, 56)));
        assertEquals(105, forward(packet(a, 57, 6000, 2)));
        assertEquals(101, forward(packet(a, 51, 3000, 1)));
        assertEquals(104, forward(packet(a, 55, 6000, 2)));
        assertEquals(103, forward(packet(a, 54, 6000, 2)));
        assertEquals(106, switchTo(packet(b, 1, 3000, 1)));
        assertTrue(refused(packet(a, 51, 3000, 1)));
    }

    @Test
    void aSwitchRightAfterPaddingReusesNoReservedNumber() {
        switchTo(packet(a, 50, 3000, 1));
        // 51 is missing, and its number stays reserved.
        assertTrue(leaveOut(padding(a, 52)));
        assertEquals(102, switchTo(packet(b, 7, 3000, 1)));
    }

    @Test
    void latePaddingIsForwardedToFillItsGap() {
        switchTo(packet(a, 50, 3000, 1));
        assertEquals(102, forward(packet(a, 52, 3000, 1)));
        assertFalse(leaveOut(padding(a, 51)));
        assertEquals(101, forward(padding(a, 51)));
    }

    /** Of the stream that begins to play, nothing may have been forwarded yet. */
    @Test
    void whatIsLeftOutOfAnotherStreamTakesNoNumber() {
        switchTo(packet(a, 50, 3000, 1));
        assertFalse(leaveOut(packet(b, 60_000, 3000, 1)));
        assertEquals(101, switchTo(packet(b, 60_001, 3000, 1)));
    }

    /** SRTP receivers guess the rollover counter from numbers that are within half a cycle. */
    @Test
    void aSourceWhoseNumbersJumpDoesNotMakeTheOutgoingOnesJump() {
        switchTo(packet(a, 50, 3000, 1));
        long in = 50;
        long out = 100;
        for (int i = 0; i < 5000; i++) {
            in += 20_000;
            long next = i % 2 == 0 ? forward(packet(a, in, 3000, 1)) : out + (leaveOut(packet(a, in, 3000, 1)) ? 1 : 0);
            assertTrue(next > out);
            assertTrue(next - out <= 1001, "out by " + (next - out));
            out = next;
        }
        assertTrue(out < 100 + 1001 + 2 * 5000, "out: " + out);
        for (int i = 0; i < 1000; i++) {
            out = forward(packet(a, ++in, 3000, 1));
        }
        assertEquals(out + 500, forward(packet(a, in + 500, 3000, 1)), "what is missing keeps its numbers again");
    }

    @Test
    void onlyTheLatestLeftOutPlacesAreRemembered() {
        switchTo(packet(a, 0, 3000, 1));
        for (int i = 1; i <= 600; i++) {
            assertTrue(leaveOut(padding(a, 2L * i)));
        }
        assertTrue(refused(packet(a, 1, 3000, 1)));
        assertEquals(100 + 600, forward(packet(a, 1199, 3000, 1)));
        assertEquals(100 + 601, forward(packet(a, 1201, 3000, 1)));
    }

    @Test
    void timestampsFollowTheTimeOfCapture() {
        a.heard(0, 0);
        b.heard(500_000, 0);
        switchTo(packet(a, 1, 0, 1));
        IncomingPacket later = packet(b, 1, 500_000 + 90 * 250, 1);
        switchTo(later);
        assertEquals(12_345 + 22_500L, rewriter.timestamp());
        assertEquals(12_345 + 90_000L, timestampAt(rewriter, 1000 * MS));
    }

    @Test
    void timestampsNeverGoBack() {
        a.heard(0, 0);
        b.heard(0, 0);
        switchTo(packet(a, 1, 90_000, 1));
        IncomingPacket earlier = packet(b, 1, 45_000, 1);
        switchTo(earlier);
        assertEquals(12_345 + 900L, rewriter.timestamp());
        // The next switch goes back to the line.
        IncomingPacket second = packet(a, 2, 180_000, 2);
        switchTo(second);
        assertEquals(12_345 + 90_000L, rewriter.timestamp());
    }

    private static IncomingPacket at(ScriptedStream stream, long sequence, long timestamp, long arrivalNanos) {
        return stream.packet(sequence, timestamp, arrivalNanos, ScriptedPeer.vp8(true, true, (int) sequence, 0, 20));
    }

    /** Somebody reports that his clock is hours away from his packets, before or behind: who plays after him is none the worse. */
    @ParameterizedTest
    @ValueSource(longs = {1L << 30, -(1L << 30)})
    void aWrongClockBendsNoLine(long wrongTicks) {
        a.heard(0, 0);
        b.heard(0, 0);
        switchTo(at(a, 1, 90_000, 1000 * MS));
        a.reported(90_000 + wrongTicks, 1000 * MS);
        switchTo(at(b, 1, 180_000, 2000 * MS));
        assertEquals(12_345 + 90_000, rewriter.timestamp());
        switchTo(at(a, 2, 180_000, 2000 * MS));
        assertTrue(rewriter.timestamp() < 12_345 + 90_000 * 12, "as far ahead as a clock may be at most");
        long before = rewriter.timestamp();
        switchTo(at(b, 2, 180_000 + 90_000 * 20, 22_000 * MS));
        assertTrue(rewriter.timestamp() - before < 90_000 * 21 && rewriter.timestamp() - before > 90_000 * 5);
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
        assertTrue(voice.place(firstVoice, 0));
        picture.switchTo(firstPicture);
        assertTrue(picture.place(firstPicture, 0));
        // Both were captured at 50 ms, as the peer then says.
        audio.reported(48_000, 50 * MS);
        a.reported(90_000, 50 * MS);
        long voiceCapture = nanosOf(voice, 48_000);
        long pictureCapture = nanosOf(picture, 90_000);
        assertEquals(50 * MS, voiceCapture);
        assertEquals(50 * MS, pictureCapture);
    }

    /** What a browser computes from the latest sender report for the packet placed last. */
    private static long nanosOf(RtpRewriter slot, int clockRate) {
        long reportNanos = 777 * MS;
        long ticksBefore = timestampAt(slot, reportNanos) - slot.timestamp();
        return reportNanos - ticksBefore * Deadlines.SECOND / clockRate;
    }

    private static long timestampAt(RtpRewriter slot, long nanos) {
        return Objects.requireNonNull(slot.clock()).timestampAt(nanos) + slot.timestampOffset();
    }

    @Test
    void pictureIdsGoOnOverSwitchesAndWraps() {
        switchTo(packet(a, 1, 0, 0x7FFF));
        forward(packet(a, 2, 3000, 0));
        IncomingPacket first = packet(b, 1, 0, 777);
        switchTo(first);
        assertEquals(1, pictureId(first));
        IncomingPacket next = packet(b, 2, 3000, 778);
        forward(next);
        assertEquals(2, pictureId(next));
        assertTrue(Rewrite.ofPayload(rewriter.rewrite()));
    }

    @Test
    void narrowPictureIdsGoOnOverTheirWrap() {
        switchTo(narrow(a, 1, 126));
        forward(narrow(a, 2, 127));
        forward(narrow(a, 3, 0));
        forward(narrow(a, 4, 1));
        IncomingPacket first = narrow(b, 1, 50);
        switchTo(first);
        assertEquals(2, pictureId(first));
        assertEquals(7, written(rewriter, first).pictureIdBits());
    }

    /** The widths are not mixed: once there have been 15 bits, there are always. */
    @Test
    void narrowPictureIdsAreWidenedAfterWideOnes() {
        switchTo(packet(a, 1, 0, 1000));
        IncomingPacket small = narrow(b, 1, 126);
        switchTo(small);
        assertEquals(15, written(rewriter, small).pictureIdBits());
        assertEquals(1001, pictureId(small));
        IncomingPacket wrapped = narrow(b, 2, 0);
        forward(wrapped);
        assertEquals(1003, pictureId(wrapped));
        IncomingPacket wide = packet(a, 2, 90_000, 3);
        switchTo(wide);
        assertEquals(1004, pictureId(wide));
    }

    /** One encoder that uses as few bits as it can. */
    @Test
    void aStreamThatChangesItsWidthGoesOn() {
        switchTo(narrow(a, 1, 127));
        assertEquals(Rewrite.NONE, rewriter.rewrite());
        IncomingPacket wide = packet(a, 2, 6000, 128);
        forward(wide);
        assertEquals(128, pictureId(wide));
        IncomingPacket narrow = narrow(a, 3, 5);
        forward(narrow);
        assertEquals(15, written(rewriter, narrow).pictureIdBits());
        assertEquals(133, pictureId(narrow));
    }

    @Test
    void pictureIdsGoOnAfterASourceWithout() {
        switchTo(packet(a, 1, 0, 1000));
        IncomingPacket none = bare(b, 1);
        switchTo(none);
        assertEquals(-1, vp8(none).pictureId());
        assertEquals(Rewrite.NONE, rewriter.rewrite());
        IncomingPacket wide = packet(a, 2, 90_000, 7);
        switchTo(wide);
        assertEquals(1001, pictureId(wide));
    }

    @Test
    void tl0PicIdxGoesOnEvenWhenItCameLate() {
        switchTo(narrow(a, 1, 1));
        IncomingPacket withTl0 = packet(a, 2, 6000, 250);
        forward(withTl0);
        assertEquals(250, tl0PicIdx(withTl0));
        IncomingPacket first = packet(b, 1, 0, 9);
        switchTo(first);
        assertEquals(251, tl0PicIdx(first));
        IncomingPacket without = narrow(b, 2, 10);
        forward(without);
        assertEquals(-1, tl0PicIdx(without));
    }

    /** A picture takes no number when it is left out, whatever the number of its packets. */
    @Test
    void leftOutPicturesOfVp8TakeNoPictureId() {
        switchTo(packet(a, 1, 0, 0x7FFE));
        assertTrue(leaveOut(packet(a, 2, 3000, 0x7FFF)));
        assertTrue(leaveOut(packet(a, 3, 3000, 0x7FFF)));
        IncomingPacket next = packet(a, 4, 6000, 0);
        assertEquals(101, forward(next));
        assertEquals(0x7FFF, pictureId(next));
        assertTrue(refused(packet(a, 5, 3000, 0x7FFF)), "belongs to a picture that was left out");
        IncomingPacket second = packet(a, 6, 6000, 0);
        assertEquals(103, forward(second));
        assertEquals(0x7FFF, pictureId(second));
    }

    /** What was lost at the switch leaves its numbers free, and what comes late from before it is refused. */
    @Test
    void lossAtTheSwitch() {
        switchTo(packet(a, 1, 0, 10));
        assertEquals(103, forward(packet(a, 4, 3000, 11)));
        assertEquals(104, switchTo(packet(b, 500, 90_000, 99)));
        assertTrue(refused(packet(a, 3, 3000, 11)));
        assertTrue(refused(packet(b, 499, 87_000, 98)));
        IncomingPacket next = packet(b, 502, 93_000, 101);
        assertEquals(106, forward(next));
        assertEquals(14, pictureId(next));
        IncomingPacket late = packet(b, 501, 93_000, 100);
        assertEquals(105, forward(late));
        assertEquals(13, pictureId(late));
    }

    @Test
    void whatIsMissingBetweenLeftOutPacketsTakesNoNumber() {
        switchTo(packet(a, 1, 0, 10));
        assertTrue(rewriter.leaveOut(packet(a, 2, 3000, 11), false));
        assertTrue(rewriter.leaveOut(packet(a, 5, 3000, 11), true));
        assertEquals(101, forward(packet(a, 6, 6000, 12)));
        assertTrue(refused(packet(a, 4, 3000, 11)));
    }
}
