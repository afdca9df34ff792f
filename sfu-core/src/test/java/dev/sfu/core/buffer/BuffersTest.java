package dev.sfu.core.buffer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BuffersTest {
    @Test
    void theLastReleaseGivesTheBufferBack() {
        BufferPool pool = new BufferPool(1);
        PacketBuffer buffer = pool.acquire().set(new byte[] {1, 2, 3}, 1, 2);
        buffer.retain();
        buffer.release();
        assertEquals(1, pool.outstanding());
        assertArrayEquals(new byte[] {2, 3}, buffer.toByteArray());
        buffer.release();
        assertEquals(0, pool.outstanding());
        assertEquals(1, pool.idle());
        assertThrows(IllegalStateException.class, buffer::release);
        assertThrows(IllegalStateException.class, buffer::retain);
        PacketBuffer again = pool.acquire();
        assertSame(buffer, again);
        assertEquals(0, again.length());
        assertEquals(1, again.references());
        again.release();
    }

    @Test
    void keepsNoMoreThanItMay() {
        BufferPool pool = new BufferPool(1);
        PacketBuffer first = pool.acquire();
        PacketBuffer second = pool.acquire();
        assertNotSame(first, second);
        first.release();
        second.release();
        assertEquals(1, pool.idle());
        assertEquals(2, pool.created());
        assertEquals(0, pool.outstanding());
    }

    @Test
    void rangesStayInside() {
        PacketBuffer buffer = PacketBuffer.wrap(new byte[10]);
        assertEquals(10, buffer.end());
        assertEquals(7, buffer.range(3, 4).end());
        assertThrows(IndexOutOfBoundsException.class, () -> buffer.range(8, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> buffer.range(-1, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> buffer.set(new byte[11], 0, 11));
        assertEquals(3, buffer.offset());
        buffer.release();
    }

    @Test
    void whatIsWrittenIsRead() {
        ByteWriter writer = new ByteWriter(new byte[64], 3, 40);
        writer.u8(0xFE).u16(0xFEDC).u24(0xFEDCBA).u32(0xFEDCBA98L).i32(-2).i64(Long.MIN_VALUE + 5)
                .bytes(new byte[] {9, 8}).zeros(2);
        assertTrue(writer.ok());
        byte[] written = writer.toByteArray();
        assertEquals(writer.length(), written.length);
        ByteReader reader = new ByteReader(written);
        assertEquals(0xFE, reader.u8());
        assertEquals(0xFEDC, reader.u16());
        assertEquals(0xFEDCBA, reader.u24());
        assertEquals(0xFEDCBA98L, reader.u32());
        assertEquals(-2, reader.i32());
        assertEquals(Long.MIN_VALUE + 5, reader.i64());
        assertArrayEquals(new byte[] {9, 8}, reader.bytes(2));
        assertEquals(0, reader.u16());
        assertTrue(reader.ok());
        assertEquals(0, reader.remaining());
    }

    @Test
    void readingBeyondTheEndGivesZeroesForGood() {
        byte[] array = {1, 2, 3, 4, 5};
        ByteReader reader = new ByteReader(array, 1, 3);
        assertEquals(0, reader.i32());
        assertFalse(reader.ok());
        assertEquals(0, reader.u8());
        assertEquals(0, reader.remaining());
        assertEquals(0, reader.bytes(1).length);
        assertTrue(reader.reset(array, 0, 5).ok());
        reader.skip(-1);
        assertFalse(reader.ok());
        assertThrows(IndexOutOfBoundsException.class, () -> new ByteReader(array, 3, 3));
    }

    @Test
    void writingBeyondTheEndWritesNothing() {
        byte[] array = new byte[8];
        ByteWriter writer = new ByteWriter(array, 0, 5);
        writer.u32(0x01020304).u16(0xFFFF);
        assertFalse(writer.ok());
        assertEquals(4, writer.length());
        assertEquals(0, array[4]);
        writer.bytes(new byte[] {7, 7, 7, 7}).i64(-1);
        for (int i = 4; i < 8; i++) {
            assertEquals(0, array[i]);
        }
        assertFalse(writer.u8(1).ok());
    }

    /** Whatever is read in whatever order, nothing outside the range is touched and nothing is thrown. */
    @Test
    void anySequenceOfReadsIsSafe() {
        Random random = new Random(9);
        byte[] array = new byte[32];
        for (int i = 0; i < 20_000; i++) {
            int offset = random.nextInt(33);
            ByteReader reader = new ByteReader(array, offset, random.nextInt(33 - offset));
            while (reader.ok()) {
                switch (random.nextInt(6)) {
                    case 0 -> reader.u8();
                    case 1 -> reader.u24();
                    case 2 -> reader.i64();
                    case 3 -> reader.bytes(random.nextInt(8) - 1);
                    case 4 -> reader.skip(random.nextInt(9) - 1);
                    default -> reader.u32();
                }
                if (reader.remaining() == 0) {
                    break;
                }
            }
        }
    }
}
