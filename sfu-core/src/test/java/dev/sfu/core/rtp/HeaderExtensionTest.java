package dev.sfu.core.rtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.rtp.HeaderExtension.Forwarding;
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
        assertEquals(3 << 17, Bytes.u24(bytes, 0));
    }

    @Test
    void audioLevelKeepsItsFlagApart() {
        byte[] bytes = new byte[1];
        ExtensionValues.writeAudioLevel(bytes, 0, 42, true);
        assertEquals(0x80 | 42, bytes[0] & 0xFF);
        assertEquals(42, ExtensionValues.readAudioLevel(bytes, 0));
        ExtensionValues.writeAudioLevel(bytes, 0, 127, false);
        assertEquals(127, ExtensionValues.readAudioLevel(bytes, 0));
    }
}
