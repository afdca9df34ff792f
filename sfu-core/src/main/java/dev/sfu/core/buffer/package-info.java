/**
 * Packet memory: pooled, reference-counted heap buffers and big-endian access to bytes.
 *
 * <p>Start at {@link dev.sfu.core.buffer.PacketBuffer}. A buffer and its {@link dev.sfu.core.buffer.BufferPool}
 * belong to one thread at a time, so counts are plain integers. Heap arrays rather than direct memory, because the
 * JCA ciphers work fastest on {@code byte[]}; the one copy to native memory happens where packets leave.
 *
 * <p>Layer 0: depends on nothing. Thread: the owner's.
 */
@NullMarked
package dev.sfu.core.buffer;

import org.jspecify.annotations.NullMarked;
