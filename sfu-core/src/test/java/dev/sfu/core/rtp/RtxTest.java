package dev.sfu.core.rtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.Bytes;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RtxTest {
    private static final String RTX = "B0 E1 0009 00000002 0000000B BEDE 0001 10AA0000 1234 C1C2C3 0002";
    private static final byte[] ORIGINAL =
            Bytes.hex("90 E0 1234 00000002 0000000A BEDE 0001 10AA0000 C1C2C3");
    private final RtpPacket packet = new RtpPacket();

    private static byte[] withSpace(String hex) {
        return Arrays.copyOf(Bytes.hex(hex), 64);
    }

    @Test
    void restoresIntoAnotherArray() {
        byte[] rtx = Bytes.hex(RTX);
        assertTrue(packet.parse(rtx, 0, rtx.length));
        assertEquals(0x1234, Rtx.originalSequenceNumber(packet));
        byte[] target = new byte[3 + ORIGINAL.length];
        assertEquals(ORIGINAL.length, Rtx.restore(packet, 0x0A, 96, target, 3));
        assertArrayEquals(ORIGINAL, Arrays.copyOfRange(target, 3, target.length));
        assertArrayEquals(Bytes.hex(RTX), rtx, "the source is left alone");
    }

    @Test
    void restoresInPlaceByMovingThePayload() {
        byte[] rtx = withSpace(RTX);
        assertTrue(packet.parse(rtx, 0, 27));
        assertEquals(ORIGINAL.length, Rtx.restore(packet, 0x0A, 96, rtx, 0));
        assertArrayEquals(ORIGINAL, Arrays.copyOf(rtx, ORIGINAL.length));
    }

    @Test
    void restoresInPlaceByMovingTheHeader() {
        byte[] rtx = withSpace(RTX);
        assertTrue(packet.parse(rtx, 0, 27));
        assertEquals(ORIGINAL.length, Rtx.restore(packet, 0x0A, 96, rtx, 2));
        assertArrayEquals(ORIGINAL, Arrays.copyOfRange(rtx, 2, 2 + ORIGINAL.length));
    }

    @Test
    void probesHoldNoOriginalPacket() {
        byte[] target = new byte[100];
        byte[] padding = Bytes.hex("A0 61 0009 00000002 0000000B 00000004");
        assertTrue(packet.parse(padding, 0, padding.length));
        assertEquals(-1, Rtx.originalSequenceNumber(packet));
        assertEquals(-1, Rtx.restore(packet, 1, 96, target, 0));
        byte[] oneByte = Bytes.hex("80 61 0009 00000002 0000000B 12");
        assertTrue(packet.parse(oneByte, 0, oneByte.length));
        assertEquals(-1, Rtx.restore(packet, 1, 96, target, 0));
    }

    @Test
    void refusesATargetThatIsTooSmall() {
        byte[] rtx = Bytes.hex(RTX);
        assertTrue(packet.parse(rtx, 0, rtx.length));
        assertEquals(-1, Rtx.restore(packet, 1, 96, new byte[ORIGINAL.length - 1], 0));
        assertEquals(-1, Rtx.restore(packet, 1, 96, new byte[ORIGINAL.length], 1));
        assertEquals(-1, Rtx.restore(packet, 1, 96, new byte[4], 100));
        assertEquals(-1, Rtx.restore(packet, 1, 96, new byte[100], -1));
    }
}
