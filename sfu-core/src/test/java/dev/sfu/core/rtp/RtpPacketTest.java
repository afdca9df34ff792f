package dev.sfu.core.rtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.Bytes;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RtpPacketTest {
    private final RtpPacket packet = new RtpPacket();

    private boolean parse(String hex) {
        byte[] bytes = Bytes.hex(hex);
        return packet.parse(bytes, 0, bytes.length);
    }

    @Test
    void readsEveryFixedField() {
        assertTrue(parse("80 E0 FFFE 89ABCDEF FEDCBA98 010203"));
        assertTrue(packet.marker());
        assertEquals(96, packet.payloadType());
        assertEquals(0xFFFE, packet.sequenceNumber());
        assertEquals(0x89ABCDEFL, packet.timestamp());
        assertEquals(0xFEDCBA98, packet.ssrc());
        assertEquals(0, packet.csrcCount());
        assertEquals(12, packet.headerBytes());
        assertEquals(12, packet.payloadOffset());
        assertEquals(3, packet.payloadBytes());
        assertEquals(0, packet.paddingBytes());
        assertFalse(packet.hasExtension());
        assertEquals(0, packet.extensionProfile());
        assertEquals(-1, packet.extensionOffset(1));
        assertEquals(-1, packet.extensionBytes(1));
    }

    @Test
    void countsFromAnOffsetInsideALargerArray() {
        byte[] bytes = Bytes.hex("FFFFFF 80 60 0001 00000002 00000003 AA FFFF");
        assertTrue(packet.parse(bytes, 3, 13));
        assertFalse(packet.marker());
        assertEquals(3, packet.offset());
        assertEquals(15, packet.payloadOffset());
        assertEquals(1, packet.payloadBytes());
        assertEquals(13, packet.length());
    }

    @Test
    void skipsContributingSources() {
        assertTrue(parse("82 00 0001 00000002 00000003 00000004 00000005 AABB"));
        assertEquals(2, packet.csrcCount());
        assertEquals(20, packet.headerBytes());
        assertEquals(2, packet.payloadBytes());
    }

    @Test
    void takesPaddingOffThePayload() {
        assertTrue(parse("A0 00 0001 00000002 00000003 AABB 000003"));
        assertEquals(3, packet.paddingBytes());
        assertEquals(2, packet.payloadBytes());
    }

    @Test
    void acceptsAPacketOfPaddingAlone() {
        assertTrue(parse("A0 00 0001 00000002 00000003 00000004"));
        assertEquals(4, packet.paddingBytes());
        assertEquals(0, packet.payloadBytes());
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertFalse(parse(""), "empty");
        assertFalse(parse("80 00 0001 00000002 000000"), "shorter than a header");
        assertFalse(parse("40 00 0001 00000002 00000003"), "version 1");
        assertFalse(parse("C0 00 0001 00000002 00000003"), "version 3");
        assertFalse(parse("81 00 0001 00000002 00000003 0000"), "half a contributing source");
        assertFalse(parse("90 00 0001 00000002 00000003 BEDE"), "half an extension header");
        assertFalse(parse("90 00 0001 00000002 00000003 BEDE 0001 1000"), "half an extension");
        assertFalse(parse("A0 00 0001 00000002 00000003 AA00"), "padding of zero");
        assertFalse(parse("A0 00 0001 00000002 00000003"), "padding without a byte for its length");
        assertFalse(parse("A0 00 0001 00000002 00000003 AA03"), "padding longer than the payload");
        assertFalse(packet.parse(new byte[20], 10, 12), "range beyond the array");
        assertFalse(packet.parse(Bytes.hex("00 80 00 0001 00000002 000000"), 1, 12), "range beyond by one byte");
        assertFalse(packet.parse(new byte[20], -1, 12), "range before the array");
        assertFalse(packet.parse(new byte[20], 0, -1), "negative length");
        assertFalse(packet.parse(new byte[20], Integer.MAX_VALUE, 12), "offset that would overflow");
    }

    @Test
    void isEmptyAfterAFailedParse() {
        assertTrue(parse("B0 E0 0001 00000002 00000003 BEDE 0001 10AA0000 AA 01"));
        assertEquals(1, packet.extensionCount());
        assertFalse(parse("00"));
        assertEquals(0, packet.extensionCount());
        assertEquals(-1, packet.extensionOffset(1));
        assertEquals(0, packet.payloadBytes());
        assertEquals(0, packet.headerBytes());
        assertEquals(0, packet.paddingBytes());
        assertFalse(packet.marker());
        assertFalse(packet.hasExtension());
    }

    @Test
    void findsOneByteElementsAroundPadding() {
        // The layout of the example in RFC 8285 section 4.2: one byte, two bytes, padding, four bytes.
        assertTrue(parse("90 00 0001 00000002 00000003 BEDE 0003 10 A1 21 B1B2 0000 33 C1C2C3C4 FF"));
        assertTrue(packet.hasExtension());
        assertEquals(0xBEDE, packet.extensionProfile());
        assertEquals(28, packet.headerBytes());
        assertEquals(3, packet.extensionCount());
        assertEquals(17, packet.extensionOffset(1));
        assertEquals(1, packet.extensionBytes(1));
        assertEquals(19, packet.extensionOffset(2));
        assertEquals(2, packet.extensionBytes(2));
        assertEquals(24, packet.extensionOffset(3));
        assertEquals(4, packet.extensionBytes(3));
        assertEquals(-1, packet.extensionOffset(0));
        assertEquals(3, packet.extensionIdAt(2));
        assertEquals(24, packet.extensionOffsetAt(2));
        assertEquals(4, packet.extensionBytesAt(2));
    }

    @Test
    void findsTwoByteElementsOfAnyLength() {
        // The layout of the example in RFC 8285 section 4.3, with application bits set and an identifier above 14.
        assertTrue(parse("90 00 0001 00000002 00000003 100F 0003 01 00 02 01 B1 00 C8 04 D1D2D3D4"));
        assertEquals(0x100F, packet.extensionProfile());
        assertEquals(3, packet.extensionCount());
        assertEquals(18, packet.extensionOffset(1));
        assertEquals(0, packet.extensionBytes(1));
        assertEquals(20, packet.extensionOffset(2));
        assertEquals(1, packet.extensionBytes(2));
        assertEquals(24, packet.extensionOffset(200));
        assertEquals(4, packet.extensionBytes(200));
    }

    @Test
    void stopsAtReservedIdentifiersOfTheOneByteForm() {
        assertTrue(parse("90 00 0001 00000002 00000003 BEDE 0002 10A1 F0AA 20B1 0000"));
        assertEquals(1, packet.extensionCount());
        assertTrue(parse("90 00 0001 00000002 00000003 BEDE 0002 10A1 01AA 20B1 0000"));
        assertEquals(1, packet.extensionCount(), "padding may not have a length");
        assertEquals(-1, packet.extensionOffset(2));
    }

    @Test
    void keepsThePacketWhenAnElementLeavesTheBlock() {
        assertTrue(parse("90 00 0001 00000002 00000003 BEDE 0001 10A1 22B1 FFFFFFFF"));
        assertEquals(1, packet.extensionCount());
        assertTrue(parse("90 00 0001 00000002 00000003 1000 0001 0101 A1 02 FFFFFFFF"));
        assertEquals(1, packet.extensionCount(), "an identifier without a length");
        assertTrue(parse("90 00 0001 00000002 00000003 1000 0001 0101 A1 02"));
        assertEquals(1, packet.extensionCount(), "an identifier that ends the packet");
        assertTrue(parse("90 00 0001 00000002 00000003 1000 0001 0103 A1A2 FFFFFFFF"));
        assertEquals(0, packet.extensionCount());
        assertEquals(4, packet.payloadBytes());
    }

    @Test
    void ignoresBlocksOfOtherProfilesAndEmptyOnes() {
        assertTrue(parse("90 00 0001 00000002 00000003 ABCD 0001 10A10000"));
        assertEquals(0xABCD, packet.extensionProfile());
        assertEquals(0, packet.extensionCount());
        assertTrue(parse("90 00 0001 00000002 00000003 BEDE 0000"));
        assertEquals(16, packet.headerBytes());
        assertEquals(0, packet.extensionCount());
    }

    @Test
    void theFirstOfTwoElementsWithOneIdentifierCounts() {
        assertTrue(parse("90 00 0001 00000002 00000003 BEDE 0001 10A1 10A2"));
        assertEquals(17, packet.extensionOffset(1));
        assertEquals(2, packet.extensionCount());
    }

    @Test
    void remembersABoundedNumberOfElements() {
        byte[] bytes = new byte[12 + 4 + 400];
        Bytes.put8(bytes, 0, 0x90);
        Bytes.put32(bytes, 12, 0xBEDE_0064);
        for (int i = 16; i < bytes.length; i += 2) {
            Bytes.put8(bytes, i, 0x10);
        }
        assertTrue(packet.parse(bytes, 0, bytes.length));
        assertEquals(RtpPacket.MAX_EXTENSIONS, packet.extensionCount());
    }

    @Test
    void headerLengthDoesNotDependOnEncryptedPadding() {
        byte[] bytes = Bytes.hex("B1 00 0001 00000002 00000003 00000004 BEDE 0001 10A10000 FFFFFF00");
        assertEquals(24, RtpPacket.headerBytes(bytes, 0, bytes.length));
        assertFalse(packet.parse(bytes, 0, bytes.length));
        assertEquals(-1, RtpPacket.headerBytes(bytes, 0, 23));
    }

    @Test
    void neverThrowsNorLooksOutsideTheRange() {
        SplittableRandom random = new SplittableRandom(0x5EED_0001L);
        RtpPacket other = new RtpPacket();
        for (int round = 0; round < 40_000; round++) {
            byte[] bytes = mutatedPacket(random);
            // Exactly sized: reading before or after throws.
            boolean parsed = packet.parse(bytes, 0, bytes.length);
            byte[] surrounded = new byte[bytes.length + 64];
            Arrays.fill(surrounded, (byte) random.nextInt());
            System.arraycopy(bytes, 0, surrounded, 32, bytes.length);
            assertEquals(parsed, other.parse(surrounded, 32, bytes.length));
            assertEquals(packet.headerBytes(), other.headerBytes());
            assertEquals(packet.payloadBytes(), other.payloadBytes());
            assertEquals(packet.extensionCount(), other.extensionCount());
            assertTrue(packet.payloadBytes() >= 0);
            assertTrue(packet.headerBytes() + packet.payloadBytes() + packet.paddingBytes() <= bytes.length);
            for (int i = 0; i < packet.extensionCount(); i++) {
                assertEquals(packet.extensionOffsetAt(i) + 32, other.extensionOffsetAt(i));
                assertTrue(packet.extensionOffsetAt(i) + packet.extensionBytesAt(i) <= packet.headerBytes());
            }
        }
    }

    private static byte[] mutatedPacket(SplittableRandom random) {
        byte[] bytes = new byte[random.nextInt(80)];
        random.nextBytes(bytes);
        if (bytes.length > 0 && random.nextInt(4) != 0) {
            bytes[0] = (byte) (0x80 | (random.nextInt(8) << 3 & 0x30) | random.nextInt(3));
        }
        int block = bytes.length > 0 ? 12 + 4 * (bytes[0] & 0x0F) : 0;
        if (block + 4 <= bytes.length && random.nextInt(4) != 0) {
            Bytes.put16(bytes, block, random.nextBoolean() ? 0xBEDE : 0x1000);
            boolean toTheEnd = random.nextBoolean();
            Bytes.put16(bytes, block + 2, toTheEnd ? (bytes.length - block - 4) / 4 : random.nextInt(12));
            for (int i = block + 4; i < bytes.length; i++) {
                // Small numbers make elements that follow each other instead of one that leaves the block.
                bytes[i] &= (byte) (random.nextBoolean() ? 0x13 : 0xFF);
            }
        }
        return bytes;
    }
}
