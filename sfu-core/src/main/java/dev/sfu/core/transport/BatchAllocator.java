package dev.sfu.core.transport;

import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Reads once for a wake-up: a batch that was not full has emptied the socket, and another call would only be told so. What
 * arrives after it is a wake-up of its own.
 */
@SuppressWarnings("deprecation") // Netty's own types.
final class BatchAllocator extends FixedRecvByteBufAllocator {
    private final int batch;

    BatchAllocator(int bufferBytes, int batch) {
        super(bufferBytes);
        this.batch = batch;
    }

    @Override
    public Handle newHandle() {
        return new BatchHandle(super.newHandle(), batch);
    }

    private static final class BatchHandle extends DelegatingHandle implements RecvByteBufAllocator.ExtendedHandle {
        private final int batch;
        private int lastRead;

        BatchHandle(RecvByteBufAllocator.Handle handle, int batch) {
            super(handle);
            this.batch = batch;
        }

        @Override
        public void incMessagesRead(int messages) {
            lastRead = messages;
            super.incMessagesRead(messages);
        }

        @Override
        public boolean continueReading() {
            return lastRead >= batch && super.continueReading();
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return lastRead >= batch && ((RecvByteBufAllocator.ExtendedHandle) delegate()).continueReading(maybeMoreData);
        }
    }
}
