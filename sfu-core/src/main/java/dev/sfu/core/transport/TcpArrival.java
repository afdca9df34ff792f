package dev.sfu.core.transport;

import dev.sfu.core.stun.StunMessage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds what comes on a connection accepted in single-port mode until its first frame is complete, which says which
 * shard the connection belongs to.
 */
// Closing is not waited for: Netty reports failures to the pipeline.
@SuppressWarnings("FutureReturnValueIgnored")
final class TcpArrival extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(TcpArrival.class);

    private static final int PREFIX_BYTES = 2;
    private static final int UNDECIDED = -2;

    private final TcpListener listener;
    private @Nullable ByteBuf held;

    TcpArrival(TcpListener listener) {
        this.listener = listener;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf data)) {
            ReferenceCountUtil.release(message);
            return;
        }
        ByteBuf all = held;
        if (all == null) {
            all = data;
        } else {
            all.writeBytes(data);
            data.release();
        }
        int shard = addressee(all);
        if (shard != UNDECIDED) {
            held = null;
            context.pipeline().remove(this);
            listener.onArrived(context.channel(), shard, all);
        } else if (held == null) {
            held = context.alloc().buffer(PREFIX_BYTES + StunMessage.MAX_BYTES).writeBytes(all);
            all.release();
        }
    }

    /** The shard that the first frame names, -1 for none, {@link #UNDECIDED} while the frame is not complete. */
    private static int addressee(ByteBuf all) {
        if (all.readableBytes() < PREFIX_BYTES) {
            return UNDECIDED;
        }
        int length = all.getUnsignedShort(all.readerIndex());
        if (length > StunMessage.MAX_BYTES) {
            return -1;
        }
        if (all.readableBytes() < PREFIX_BYTES + length) {
            return UNDECIDED;
        }
        byte[] frame = new byte[length];
        all.getBytes(all.readerIndex() + PREFIX_BYTES, frame);
        return SharedPort.addressee(frame, 0, length);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.debug("arriving ICE-TCP connection closed: {}", cause.toString());
        context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ByteBuf all = held;
        if (all != null) {
            held = null;
            all.release();
        }
        listener.onArrivalEnd(context.channel());
        context.fireChannelInactive();
    }
}
