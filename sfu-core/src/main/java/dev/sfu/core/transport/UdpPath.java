package dev.sfu.core.transport;

import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.ice.Transport;
import dev.sfu.core.stats.DropReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetSocketAddress;

/** A UDP 5-tuple. */
// Closing and sending are not waited for: Netty reports failures to the pipeline.
@SuppressWarnings("FutureReturnValueIgnored")
final class UdpPath extends SocketPath {
    /** The kernel's UDP_MAX_SEGMENTS. */
    private static final int MAX_SEGMENTS = 64;
    /** A segmented write is one IP payload for the kernel: below 65,507 bytes. */
    private static final int MAX_RUN_BYTES = 65_000;
    /** Every path carries so much (RFC 8200 section 5: 1280 bytes with headers): to refuse less is not about length. */
    static final int SAFE_SEGMENT_BYTES = 1232;

    private final UdpSocket socket;
    private final ChannelFutureListener segmentedWriteListener;
    /** Longer packets leave one by one; 0 where nothing can be segmented. */
    private int maxSegmentBytes;
    /** The longest segment written since the last refusal. */
    private int longestWritten;

    UdpPath(UdpSocket socket, InetSocketAddress remote) {
        super(socket.flushQueue(), socket.local(), remote);
        this.socket = socket;
        this.maxSegmentBytes = socket.segmentationSupported() ? MAX_RUN_BYTES : 0;
        this.segmentedWriteListener = future -> {
            if (!future.isSuccess()) {
                maxSegmentBytes = maxSegmentBytesAfterRefusal(maxSegmentBytes, longestWritten);
                longestWritten = 0;
                flushQueue().countSegmentationFailure();
            }
        };
    }

    @Override
    public Transport transport() {
        return Transport.UDP;
    }

    @Override
    void onClaimed() {
        socket.remember(this);
    }

    @Override
    void onUnclaimed() {
        socket.forget(this);
    }

    @Override
    void write(PacketBuffer[] packets, int count) {
        Channel channel = socket.channel();
        int first = 0;
        while (first < count) {
            int end = packets[first].length() <= maxSegmentBytes ? endOfRun(packets, first, count) : first + 1;
            if (channel.isWritable()) {
                writeRun(channel, packets, first, end);
            } else {
                for (int i = first; i < end; i++) {
                    flushQueue().drops().count(DropReason.SEND_FAILED);
                }
            }
            for (int i = first; i < end; i++) {
                packets[i].release();
            }
            first = end;
        }
    }

    /**
     * A route may refuse UDP_SEGMENT altogether, without checksum offload, or segments longer than its MTU: these come from a
     * publisher who makes long packets, and must not cost those who get them the short runs of everybody else.
     */
    static int maxSegmentBytesAfterRefusal(int maxSegmentBytes, int longestWritten) {
        return longestWritten > SAFE_SEGMENT_BYTES ? Math.min(maxSegmentBytes, longestWritten - 1) : 0;
    }

    /** A run is packets of equal size, of which the last may be shorter. */
    static int endOfRun(PacketBuffer[] packets, int first, int count) {
        int segmentBytes = packets[first].length();
        int totalBytes = segmentBytes;
        int end = first + 1;
        while (end < count && end - first < MAX_SEGMENTS) {
            int bytes = packets[end].length();
            if (bytes > segmentBytes || totalBytes + bytes > MAX_RUN_BYTES) {
                break;
            }
            totalBytes += bytes;
            end++;
            if (bytes < segmentBytes) {
                break;
            }
        }
        return end;
    }

    private void writeRun(Channel channel, PacketBuffer[] packets, int first, int end) {
        int totalBytes = 0;
        for (int i = first; i < end; i++) {
            totalBytes += packets[i].length();
        }
        ByteBuf data = channel.alloc().directBuffer(totalBytes, totalBytes);
        for (int i = first; i < end; i++) {
            data.writeBytes(packets[i].array(), packets[i].offset(), packets[i].length());
        }
        flushQueue().countWrite(end - first, totalBytes);
        if (end - first > 1) {
            longestWritten = Math.max(longestWritten, packets[first].length());
            channel.write(new SegmentedDatagramPacket(data, packets[first].length(), remote()))
                    .addListener(segmentedWriteListener);
        } else {
            channel.write(new DatagramPacket(data, remote()), channel.voidPromise());
        }
        socket.onWritten(totalBytes);
    }

    @Override
    void flush() {
        socket.flush();
    }
}
