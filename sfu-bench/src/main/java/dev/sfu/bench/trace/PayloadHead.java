package dev.sfu.bench.trace;

import dev.sfu.core.codec.Codec;
import dev.sfu.core.codec.Vp8Descriptor;
import dev.sfu.core.codec.Vp9Descriptor;
import java.util.Arrays;

/** Cuts a payload down to what forwarding looks at: the descriptor, and the start of the frame header. No picture, no sound. */
final class PayloadHead {
    /** Most that is kept of any payload. */
    static final int MAX_BYTES = 24;

    /** RFC 7741 section 4.3: the frame tag, with start code and dimensions in keyframes. */
    private static final int VP8_KEYFRAME_HEADER_BYTES = 10;
    private static final int VP8_FRAME_TAG_BYTES = 3;
    /** FU indicator, FU header and the first byte of the slice header; NAL unit header and the byte after it. */
    private static final int H264_BYTES = 3;
    private static final int H264_STAP_A = 24;
    /** Aggregation header, OBU header and size or extension. */
    private static final int AV1_BYTES = 4;

    private final Vp8Descriptor vp8 = new Vp8Descriptor();
    private final Vp9Descriptor vp9 = new Vp9Descriptor();

    byte[] of(Codec codec, byte[] array, int offset, int length, boolean keyframeStart) {
        int bytes = switch (codec) {
            case VP8 -> vp8Bytes(array, offset, length);
            case VP9 -> vp9.parse(array, offset, length) ? vp9.descriptorBytes() : MAX_BYTES;
            case H264 -> keyframeStart || (array[offset] & 0x1F) == H264_STAP_A ? MAX_BYTES : H264_BYTES;
            case AV1 -> keyframeStart ? MAX_BYTES : AV1_BYTES;
            case OPUS, RED, PCMU, PCMA, TELEPHONE_EVENT -> 1;
            case RTX -> 0;
        };
        int kept = Math.min(Math.min(bytes, MAX_BYTES), length);
        return Arrays.copyOfRange(array, offset, offset + kept);
    }

    private int vp8Bytes(byte[] array, int offset, int length) {
        if (!vp8.parse(array, offset, length)) {
            return MAX_BYTES;
        }
        if (!vp8.startOfPartition() || vp8.partitionIndex() != 0) {
            return vp8.descriptorBytes();
        }
        return vp8.descriptorBytes() + (vp8.startsKeyframe() ? VP8_KEYFRAME_HEADER_BYTES : VP8_FRAME_TAG_BYTES);
    }
}
