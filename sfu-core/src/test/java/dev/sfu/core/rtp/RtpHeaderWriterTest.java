package dev.sfu.core.rtp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.Bytes;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RtpHeaderWriterTest {
    private final RtpHeaderWriter writer = new RtpHeaderWriter();
    private final byte[] array = new byte[600];

    private byte[] finished() {
        int length = writer.finish();
        assertTrue(length > 0);
        return Arrays.copyOf(array, length);
    }

    @Test
    void writesTheFixedFields() {
        Arrays.fill(array, (byte) 0xFF);
        writer.begin(array, 0, 12).payloadType(96).marker(true).sequenceNumber(0x1FFFEL).timestamp(0x1_89ABCDEFL)
                .ssrc(0xFEDCBA98);
        assertArrayEquals(Bytes.hex("80 E0 FFFE 89ABCDEF FEDCBA98"), finished());
        writer.begin(array, 0, 12).marker(true).marker(false).payloadType(0xFF).padding(true);
        assertArrayEquals(Bytes.hex("A0 7F 0000 00000000 00000000"), finished());
    }

    @Test
    void usesTheOneByteFormWhenItCan() {
        writer.begin(array, 0, array.length).extension(1, Bytes.hex("AA"), 0, 1).extension(14, new byte[20], 2, 16);
        assertArrayEquals(Bytes.hex("90 00 0000 00000000 00000000 BEDE 0005 10AA EF"
                + "00000000 00000000 00000000 00000000 00"), finished());
    }

    @Test
    void switchesToTheTwoByteFormForALateElement() {
        byte[] data = Bytes.hex("A1A2A3A4A5");
        writer.begin(array, 0, array.length).extension(1, data, 0, 1).extension(2, data, 1, 3).reserve(3, 2);
        writer.extension(15, data, 4, 1);
        assertArrayEquals(Bytes.hex("90 00 0000 00000000 00000000 1000 0004"
                + "01 01 A1  02 03 A2A3A4  03 02 0000  0F 01 A5 00"), finished());
        assertEquals(18, writer.extensionOffset(1));
        assertEquals(21, writer.extensionOffset(2));
        assertEquals(26, writer.extensionOffset(3));
        assertEquals(30, writer.extensionOffset(15));
        assertEquals(-1, writer.extensionOffset(4));
    }

    @Test
    void switchesForEmptyAndLongElementsToo() {
        writer.begin(array, 0, array.length).extension(1, array, 0, 0);
        assertArrayEquals(Bytes.hex("90 00 0000 00000000 00000000 1000 0001 01 00 0000"), finished());
        writer.begin(array, 0, array.length).reserve(1, 17);
        assertEquals(12 + 4 + 20, writer.finish());
        assertEquals(0x1000, Bytes.u16(array, 12));
    }

    @Test
    void reservedSpaceIsZeroAndCanBeFilledIn() {
        Arrays.fill(array, (byte) 0xFF);
        writer.begin(array, 5, array.length - 5).reserve(3, 3).reserve(4, 2);
        assertEquals(24, writer.finish());
        int sendTime = writer.extensionOffset(3);
        assertEquals(0, Bytes.u24(array, sendTime));
        Bytes.put24(array, sendTime, 0x123456);
        Bytes.put16(array, writer.extensionOffset(4), 0xABCD);
        assertArrayEquals(Bytes.hex("90 00 0000 00000000 00000000 BEDE 0002 32 123456 41 ABCD 00"),
                Arrays.copyOfRange(array, 5, 29));
    }

    @Test
    void reportsWhatDoesNotFit() {
        assertEquals(-1, writer.begin(array, 0, 11).marker(true).ssrc(1).reserve(1, 1).finish());
        assertEquals(-1, writer.begin(array, 0, 19).reserve(1, 1).finish(), "no room to align");
        assertEquals(20, writer.begin(array, 0, 20).reserve(1, 1).finish());
        assertEquals(-1, writer.begin(array, 0, 20).reserve(1, 1).reserve(2, 2).finish());
        assertEquals(-1, writer.extensionOffset(1));
        assertEquals(-1, writer.begin(array, 0, 20).reserve(1, 3).reserve(15, 0).finish(), "no room to switch form");
        assertEquals(-1, writer.begin(array, 0, 14).reserve(1, 1).finish(), "no room for the block header");
        assertEquals(-1, writer.begin(array, 0, 100).reserve(0, 1).finish());
        assertEquals(-1, writer.begin(array, 0, 100).reserve(256, 1).finish());
        assertEquals(-1, writer.begin(array, 0, 600).reserve(1, 256).finish());
        assertEquals(-1, writer.begin(array, 0, 100).reserve(1, -1).finish());
        writer.begin(array, 0, array.length);
        for (int i = 0; i <= RtpPacket.MAX_EXTENSIONS; i++) {
            writer.reserve(1, 1);
        }
        assertEquals(-1, writer.finish());
    }

    @Test
    void paddingEndsWithItsLength() {
        Arrays.fill(array, (byte) 0xFF);
        RtpHeaderWriter.writePadding(array, 1, 3);
        assertArrayEquals(Bytes.hex("FF 000003 FF"), Arrays.copyOf(array, 5));
        RtpHeaderWriter.writePadding(array, 0, 1);
        assertEquals(1, array[0]);
    }

    @Test
    void whatIsWrittenIsReadBackAndNothingElseIsTouched() {
        SplittableRandom random = new SplittableRandom(0x5EED_0002L);
        RtpPacket packet = new RtpPacket();
        byte[] data = new byte[300];
        random.nextBytes(data);
        for (int round = 0; round < 20_000; round++) {
            Arrays.fill(array, (byte) 0x5A);
            int capacity = random.nextInt(200);
            writer.begin(array, 8, capacity).payloadType(100).sequenceNumber(round).timestamp(round * 3000L).ssrc(77);
            int count = random.nextInt(8);
            int[] ids = new int[count];
            int[] lengths = new int[count];
            for (int i = 0; i < count; i++) {
                ids[i] = i + 1 + (random.nextInt(12) == 0 ? 20 : 0);
                lengths[i] = random.nextInt(8) == 0 ? random.nextInt(40) : 1 + random.nextInt(8);
                writer.extension(ids[i], data, ids[i], lengths[i]);
            }
            int length = writer.finish();
            assertTrue(length <= capacity);
            for (int i = 8 + Math.max(capacity, 0); i < array.length; i++) {
                assertEquals(0x5A, array[i]);
            }
            if (length >= 0) {
                assertTrue(packet.parse(array, 8, length));
                assertEquals(round & 0xFFFF, packet.sequenceNumber());
                assertEquals(count, packet.extensionCount());
                for (int i = 0; i < count; i++) {
                    int at = packet.extensionOffset(ids[i]);
                    assertEquals(writer.extensionOffset(ids[i]), at);
                    assertEquals(lengths[i], packet.extensionBytes(ids[i]));
                    assertTrue(Arrays.equals(data, ids[i], ids[i] + lengths[i], array, at, at + lengths[i]));
                }
            }
        }
    }
}
