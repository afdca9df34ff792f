package dev.sfu.core.buffer;

import org.jspecify.annotations.Nullable;

/**
 * One packet in a pooled heap array.
 *
 * <p>The packet is the range {@code [offset, offset + length)} of {@link #array()}. {@link BufferPool#acquire()} hands
 * a buffer out with one reference; each {@link #retain()} adds one and each {@link #release()} drops one; the last
 * release returns the buffer to its pool. Received plaintext is shared by all subscribers through retained references
 * and must not be modified while shared.
 *
 * <p>Not thread-safe: a buffer has one owning thread at a time.
 */
public final class PacketBuffer {
    /**
     * Bytes in every pooled buffer: an Ethernet-sized datagram plus room for an SRTP tag, RTX header and grown header
     * extensions. Datagrams that do not fit are dropped where they are received.
     */
    public static final int CAPACITY_BYTES = 2048;

    private final byte[] array;
    private final @Nullable BufferPool pool;
    private int offset;
    private int length;
    private int references;

    PacketBuffer(@Nullable BufferPool pool, byte[] array) {
        this.pool = pool;
        this.array = array;
    }

    /** An unpooled buffer over {@code bytes} (not copied), for tests and rare control packets. */
    public static PacketBuffer wrap(byte[] bytes) {
        PacketBuffer buffer = new PacketBuffer(null, bytes);
        buffer.references = 1;
        buffer.length = bytes.length;
        return buffer;
    }

    /** The backing array; the packet is only part of it. */
    public byte[] array() {
        return array;
    }

    /** Index of the packet's first byte in {@link #array()}. */
    public int offset() {
        return offset;
    }

    /** Bytes in the packet. */
    public int length() {
        return length;
    }

    /** Index one past the packet's last byte. */
    public int end() {
        return offset + length;
    }

    /** Bytes the array could hold in all. */
    public int capacity() {
        return array.length;
    }

    /**
     * Sets the packet's range.
     *
     * @throws IndexOutOfBoundsException if the range is not inside the array
     */
    public PacketBuffer range(int newOffset, int newLength) {
        java.util.Objects.checkFromIndexSize(newOffset, newLength, array.length);
        offset = newOffset;
        length = newLength;
        return this;
    }

    /**
     * Copies {@code count} bytes in as the whole packet, at offset 0.
     *
     * @throws IndexOutOfBoundsException if they do not fit
     */
    public PacketBuffer set(byte[] source, int sourceOffset, int count) {
        System.arraycopy(source, sourceOffset, array, 0, count);
        return range(0, count);
    }

    /** A copy of the packet's bytes. */
    public byte[] toByteArray() {
        return java.util.Arrays.copyOfRange(array, offset, offset + length);
    }

    /** Adds a reference. */
    public PacketBuffer retain() {
        if (references <= 0) {
            throw new IllegalStateException("retain of a released buffer");
        }
        references++;
        return this;
    }

    /** An empty buffer from where this one came from, with one reference. */
    public PacketBuffer another() {
        return pool == null ? wrap(new byte[capacity()]) : pool.acquire();
    }

    /** Drops a reference; the last one returns the buffer to its pool. */
    public void release() {
        if (references <= 0) {
            throw new IllegalStateException("release of a released buffer");
        }
        if (--references == 0 && pool != null) {
            pool.recycle(this);
        }
    }

    /** References held now. */
    public int references() {
        return references;
    }

    PacketBuffer reuse() {
        offset = 0;
        length = 0;
        references = 1;
        return this;
    }
}
