package dev.sfu.core.peerconnection;

import dev.sfu.core.codec.Codec;
import dev.sfu.core.codec.DependencyDescriptorWriter;
import dev.sfu.core.codec.Rewrite;
import dev.sfu.core.codec.Vp8Descriptor;
import dev.sfu.core.codec.Vp9Descriptor;
import dev.sfu.core.rtp.RtpPacket;
import org.jspecify.annotations.Nullable;

/**
 * Writes the descriptors of a received packet with other numbers: the payload's, and the one in the header extension.
 *
 * <p>The outcome depends on the arguments alone, so a retransmission gets what its first sending got. One for all streams of a
 * connection; scratch space comes with the first packet that needs it.
 */
final class DescriptorRewriter {
    /** Longest element of the two-byte form (RFC 8285 section 4.3). */
    private static final int MAX_ELEMENT_BYTES = 255;

    private @Nullable Vp8Descriptor vp8;
    private @Nullable Vp9Descriptor vp9;
    private @Nullable DependencyDescriptorWriter dependencies;
    private byte[] element = {};
    private int replacedBytes;

    /**
     * Writes the start of a payload anew.
     *
     * @return bytes written, in place of {@link #replacedBytes()} of the payload; 0 if nothing is to be rewritten, -1 if it does
     *         not fit
     */
    int writePayload(Codec codec, RtpPacket source, long rewrite, byte[] target, int offset) {
        replacedBytes = 0;
        if (!Rewrite.ofPayload(rewrite)) {
            return 0;
        }
        return switch (codec) {
            case VP8 -> writeVp8(source, rewrite, target, offset);
            case VP9 -> writeVp9(source, rewrite, target, offset);
            case H264, AV1, OPUS, RED, PCMU, PCMA, TELEPHONE_EVENT, RTX -> 0;
        };
    }

    private int writeVp8(RtpPacket source, long rewrite, byte[] target, int offset) {
        Vp8Descriptor descriptor = vp8;
        if (descriptor == null) {
            descriptor = new Vp8Descriptor();
            vp8 = descriptor;
        }
        if (!descriptor.parse(source.array(), source.payloadOffset(), source.payloadBytes())) {
            return 0;
        }
        replacedBytes = descriptor.descriptorBytes();
        return descriptor.write(
                target,
                offset,
                Rewrite.pictureId(rewrite),
                Rewrite.tl0PicIdx(rewrite),
                Rewrite.keyIdx(rewrite),
                Rewrite.widens(rewrite));
    }

    private int writeVp9(RtpPacket source, long rewrite, byte[] target, int offset) {
        Vp9Descriptor descriptor = vp9;
        if (descriptor == null) {
            descriptor = new Vp9Descriptor();
            vp9 = descriptor;
        }
        if (!descriptor.parse(source.array(), source.payloadOffset(), source.payloadBytes())) {
            return 0;
        }
        replacedBytes = descriptor.descriptorBytes();
        return descriptor.write(
                target, offset, Rewrite.pictureId(rewrite), Rewrite.tl0PicIdx(rewrite), Rewrite.widens(rewrite));
    }

    /** After {@link #writePayload}: bytes at the start of the payload that what was written stands for. */
    int replacedBytes() {
        return replacedBytes;
    }

    /**
     * Writes a dependency descriptor anew into {@link #element()}.
     *
     * @return its length, or -1 if it is none
     */
    int writeDependencies(byte[] source, int offset, int length, long rewrite) {
        DependencyDescriptorWriter writer = dependencies;
        if (writer == null) {
            writer = new DependencyDescriptorWriter();
            dependencies = writer;
            element = new byte[MAX_ELEMENT_BYTES];
        }
        int frameNumber = Rewrite.frameNumber(rewrite);
        int targets = Rewrite.targets(rewrite);
        int bytes = writer.write(source, offset, length, element, 0, frameNumber, targets);
        // Without the mask the receiver only misses what it was to be told.
        return bytes < 0 && targets != 0 ? writer.write(source, offset, length, element, 0, frameNumber, 0) : bytes;
    }

    /** What {@link #writeDependencies} wrote, from its start. */
    byte[] element() {
        return element;
    }
}
