package dev.sfu.core.rtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.rtp.HeaderExtension.Forwarding;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HeaderExtensionTest {
    @Test
    void everyUriFindsItsExtension() {
        for (HeaderExtension extension : HeaderExtension.values()) {
            assertSame(extension, HeaderExtension.ofUri(extension.uri()));
        }
        assertNull(HeaderExtension.ofUri("urn:ietf:params:rtp-hdrext:toffset"));
        assertNull(HeaderExtension.ofUri(""));
    }

    @Test
    void kindsAndForwardingAreThoseOfTheMediaPath() {
        assertTrue(HeaderExtension.MID.appliesTo(MediaKind.AUDIO));
        assertTrue(HeaderExtension.MID.appliesTo(MediaKind.VIDEO));
        assertFalse(HeaderExtension.AUDIO_LEVEL.appliesTo(MediaKind.VIDEO));
        assertFalse(HeaderExtension.RID.appliesTo(MediaKind.AUDIO));
        assertEquals(Forwarding.REWRITTEN, HeaderExtension.TRANSPORT_SEQUENCE.forwarding());
        assertEquals(Forwarding.CONSUMED, HeaderExtension.REPAIRED_RID.forwarding());
        assertEquals(Forwarding.COPIED, HeaderExtension.VIDEO_ORIENTATION.forwarding());
    }

    @Test
    void mapAnswersBothWays() {
        HeaderExtensionMap map = new HeaderExtensionMap();
        assertTrue(map.add(HeaderExtension.MID, 4));
        assertTrue(map.add(HeaderExtension.DEPENDENCY_DESCRIPTOR, 255));
        assertEquals(4, map.id(HeaderExtension.MID));
        assertSame(HeaderExtension.MID, map.extension(4));
        assertSame(HeaderExtension.DEPENDENCY_DESCRIPTOR, map.extension(255));
        assertTrue(map.contains(HeaderExtension.MID));
        assertFalse(map.contains(HeaderExtension.RID));
        assertEquals(HeaderExtensionMap.ABSENT, map.id(HeaderExtension.RID));
        assertNull(map.extension(5));
        assertNull(map.extension(0));
        assertNull(map.extension(-1));
        assertNull(map.extension(256));
    }

    @Test
    void mapRefusesConflictsAndReservedIdentifiers() {
        HeaderExtensionMap map = new HeaderExtensionMap();
        assertTrue(map.add(HeaderExtension.MID, 4));
        assertTrue(map.add(HeaderExtension.MID, 4), "each m-section of a bundle repeats it");
        assertFalse(map.add(HeaderExtension.MID, 5));
        assertFalse(map.add(HeaderExtension.RID, 4));
        assertFalse(map.add(HeaderExtension.RID, 0));
        assertFalse(map.add(HeaderExtension.RID, 15));
        assertFalse(map.add(HeaderExtension.RID, 256));
        assertEquals(4, map.id(HeaderExtension.MID));
        assertFalse(map.contains(HeaderExtension.RID));
        assertNull(map.extension(5));
    }

    @Test
    void mapFindsNegotiatedElementsInAPacket() {
        byte[] bytes = Bytes.hex("90 00 0001 00000002 00000003 BEDE 0001 31 3031 00");
        RtpPacket packet = new RtpPacket();
        assertTrue(packet.parse(bytes, 0, bytes.length));
        HeaderExtensionMap map = new HeaderExtensionMap();
        assertEquals(-1, map.offsetIn(packet, HeaderExtension.MID));
        assertEquals(-1, map.bytesIn(packet, HeaderExtension.MID));
        assertTrue(map.add(HeaderExtension.MID, 3));
        assertEquals(17, map.offsetIn(packet, HeaderExtension.MID));
        assertEquals(2, map.bytesIn(packet, HeaderExtension.MID));
    }

    @Test
    void absSendTimeIsSixPointEighteenSeconds() {
        assertEquals(0, ExtensionValues.absSendTime(0));
        assertEquals(1 << 18, ExtensionValues.absSendTime(1_000_000_000L));
        assertEquals(1 << 17, ExtensionValues.absSendTime(500_000_000L));
        assertEquals(0, ExtensionValues.absSendTime(64_000_000_000L));
        assertEquals(0, ExtensionValues.absSendTime(63_999_999_999L), "rounds up into the next period");
        assertEquals(63 << 18, ExtensionValues.absSendTime(-1_000_000_000L));
        byte[] bytes = new byte[3];
        ExtensionValues.writeAbsSendTime(bytes, 0, 1_500_000_000L);
        assertEquals(3 << 17, ExtensionValues.readAbsSendTime(bytes, 0));
    }

    @Test
    void absSendTimeDifferencesCrossTheWrap() {
        assertEquals(1_000_000_000L, ExtensionValues.absSendTimeDeltaNanos(0, 1 << 18));
        assertEquals(-1_000_000_000L, ExtensionValues.absSendTimeDeltaNanos(1 << 18, 0));
        assertEquals(2_000_000_000L, ExtensionValues.absSendTimeDeltaNanos(63 << 18, 1 << 18));
        assertEquals(-32_000_000_000L, ExtensionValues.absSendTimeDeltaNanos(0, 32 << 18));
        SplittableRandom random = new SplittableRandom(0x5EED_0004L);
        for (int i = 0; i < 10_000; i++) {
            long from = random.nextLong(-1L << 60, 1L << 60);
            long delta = random.nextLong(-31_000_000_000L, 31_000_000_000L);
            long measured = ExtensionValues.absSendTimeDeltaNanos(
                    ExtensionValues.absSendTime(from), ExtensionValues.absSendTime(from + delta));
            assertTrue(Math.abs(delta - measured) <= 3815, "one unit is 3815 ns: " + delta + " " + measured);
        }
    }

    @Test
    void audioLevelKeepsItsFlagApart() {
        byte[] bytes = new byte[1];
        ExtensionValues.writeAudioLevel(bytes, 0, 42, true);
        assertEquals(0x80 | 42, bytes[0] & 0xFF);
        assertEquals(42, ExtensionValues.readAudioLevel(bytes, 0));
        assertTrue(ExtensionValues.readVoiceActivity(bytes, 0));
        ExtensionValues.writeAudioLevel(bytes, 0, ExtensionValues.SILENCE_LEVEL, false);
        assertEquals(127, ExtensionValues.readAudioLevel(bytes, 0));
        assertFalse(ExtensionValues.readVoiceActivity(bytes, 0));
    }

    @Test
    void playoutDelayOrientationAndCaptureTime() {
        byte[] bytes = new byte[3];
        ExtensionValues.writePlayoutDelay(bytes, 0, 105, 1_000_000);
        assertEquals(100, ExtensionValues.readMinPlayoutDelayMillis(bytes, 0));
        assertEquals(40_950, ExtensionValues.readMaxPlayoutDelayMillis(bytes, 0));
        assertEquals(270, ExtensionValues.readRotationDegrees(Bytes.hex("0B"), 0));
        byte[] capture = Bytes.hex("0000000180000000 FFFFFFFF00000000");
        assertEquals(0x1_8000_0000L, ExtensionValues.readAbsCaptureNtp(capture, 0));
        assertEquals(-(1L << 32), ExtensionValues.readCaptureClockOffset(capture, 0));
    }
}
