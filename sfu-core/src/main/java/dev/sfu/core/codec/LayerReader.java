package dev.sfu.core.codec;

import org.jspecify.annotations.Nullable;

/**
 * Finds out where the packets of one incoming stream stand in it. Keeps what is needed across packets: the dependency structure
 * and where picture ids wrapped.
 */
public final class LayerReader {
    /** Packets of a stream whose views are valid at the same time. */
    public static final int VIEWS = 16;

    private static final int SPATIAL_LAYERS = 8;
    private static final long FIRST_CYCLE = 1 << 15;
    private static final int VP8_DIMENSIONS_AT = 6;
    private static final int VP8_KEYFRAME_HEADER_BYTES = 10;
    private static final int VP8_DIMENSION_MASK = 0x3FFF;

    private final PacketLayers[] views = new PacketLayers[VIEWS];
    private int next;
    private @Nullable DependencyReader dependencies;
    private boolean pictureIdStarted;
    private long highestPictureId;
    private boolean parameterSetsSeen;

    /** Nothing known of the stream. */
    public LayerReader() {}

    /**
     * Looks at a packet.
     *
     * @param timestamp unwrapped
     * @param length bytes of payload, not 0
     * @param descriptorOffset where the data of a dependency descriptor starts, or -1 without one
     * @param descriptorBytes its length
     * @return a view that is valid until {@link #VIEWS} more packets have been read; null if the payload descriptor is malformed
     */
    public @Nullable PacketLayers read(
            Codec codec,
            long timestamp,
            byte[] array,
            int offset,
            int length,
            int descriptorOffset,
            int descriptorBytes) {
        PacketLayers layers = nextView();
        layers.clear(timestamp);
        boolean ok = switch (codec) {
            case VP8 -> readVp8(layers, array, offset, length);
            case VP9 -> readVp9(layers, array, offset, length);
            case H264 -> readH264(layers, array, offset, length);
            case AV1, OPUS, RED, PCMU, PCMA, TELEPHONE_EVENT, RTX -> {
                layers.keyframeStart = Keyframes.startsKeyframe(codec, array, offset, length);
                layers.startOfFrame = layers.keyframeStart;
                yield true;
            }
        };
        if (!ok) {
            return null;
        }
        if (descriptorOffset >= 0 && descriptorBytes >= DependencyDescriptor.MANDATORY_BYTES) {
            readDependencies(layers, array, descriptorOffset, descriptorBytes);
        }
        return layers;
    }

    private PacketLayers nextView() {
        PacketLayers view = views[next];
        if (view == null) {
            view = new PacketLayers();
            views[next] = view;
        }
        next = (next + 1) % VIEWS;
        return view;
    }

    private boolean readVp8(PacketLayers layers, byte[] array, int offset, int length) {
        Vp8Descriptor vp8 = layers.viewVp8();
        if (!vp8.parse(array, offset, length)) {
            return false;
        }
        layers.vp8 = vp8;
        layers.known = vp8.temporalLayer() >= 0;
        layers.temporal = Math.max(0, vp8.temporalLayer());
        layers.startOfFrame = vp8.startsFrame();
        layers.keyframeStart = vp8.startsKeyframe();
        layers.interPicture = !vp8.startsKeyframe();
        layers.upSwitch = vp8.layerSync();
        layers.discardable = vp8.nonReference();
        layers.pictureId = unwrapPictureId(vp8.pictureId(), vp8.pictureIdBits());
        int header = vp8.descriptorBytes();
        if (vp8.startsKeyframe() && length >= header + VP8_KEYFRAME_HEADER_BYTES) {
            layers.width = dimension(array, offset + header + VP8_DIMENSIONS_AT);
            layers.height = dimension(array, offset + header + VP8_DIMENSIONS_AT + 2);
        }
        return true;
    }

    /** Little endian, below a scale (RFC 6386 section 9.1). */
    private static int dimension(byte[] array, int at) {
        return ((array[at + 1] & 0xFF) << 8 | (array[at] & 0xFF)) & VP8_DIMENSION_MASK;
    }

    private boolean readVp9(PacketLayers layers, byte[] array, int offset, int length) {
        Vp9Descriptor vp9 = layers.viewVp9();
        if (!vp9.parse(array, offset, length)) {
            return false;
        }
        layers.vp9 = vp9;
        layers.known = vp9.spatialLayer() >= 0;
        layers.spatial = Math.max(0, vp9.spatialLayer());
        layers.temporal = Math.max(0, vp9.temporalLayer());
        layers.frame = layers.picture * SPATIAL_LAYERS + layers.spatial;
        layers.startOfFrame = vp9.startOfFrame();
        layers.endOfFrame = vp9.endOfFrame();
        layers.keyframeStart = vp9.startsKeyframe();
        layers.interPicture = vp9.interPicturePredicted();
        layers.interLayer = vp9.interLayerPredicted();
        layers.unusedAbove = vp9.notReferenceForUpperLayers();
        layers.upSwitch = vp9.switchingUpPoint();
        layers.pictureId = unwrapPictureId(vp9.pictureId(), vp9.pictureIdBits());
        int top = vp9.structureLayers() - 1;
        if (top >= 0) {
            layers.width = vp9.width(top);
            layers.height = vp9.height(top);
        }
        return true;
    }

    /** Only a packet with the sequence parameter set is a start, unless they are never sent along. */
    private boolean readH264(PacketLayers layers, byte[] array, int offset, int length) {
        if (Keyframes.startsKeyframe(Codec.H264, array, offset, length)) {
            parameterSetsSeen |= Keyframes.hasSequenceParameters(array, offset, length);
            layers.keyframeStart = !parameterSetsSeen || Keyframes.hasSequenceParameters(array, offset, length);
            layers.startOfFrame = layers.keyframeStart;
            layers.interPicture = false;
        }
        return true;
    }

    private long unwrapPictureId(int pictureId, int bits) {
        if (pictureId < 0) {
            return -1;
        }
        // A whole cycle above, so that late pictures from before the first one do not come out negative.
        long unwrapped = FIRST_CYCLE + pictureId;
        if (pictureIdStarted) {
            int shift = 32 - bits;
            int ahead = (int) (pictureId - highestPictureId) << shift >> shift;
            unwrapped = highestPictureId + ahead;
        }
        if (!pictureIdStarted || unwrapped > highestPictureId) {
            pictureIdStarted = true;
            highestPictureId = unwrapped;
        }
        return unwrapped;
    }

    private void readDependencies(PacketLayers layers, byte[] array, int offset, int bytes) {
        DependencyReader present = dependencies;
        if (present == null) {
            present = new DependencyReader();
            dependencies = present;
        }
        DependencyDescriptor descriptor = layers.viewDependencies();
        boolean ok = present.read(descriptor, array, offset, bytes);
        layers.numbered = true;
        layers.frame = descriptor.frame();
        layers.startOfFrame = descriptor.startOfFrame();
        layers.endOfFrame = descriptor.endOfFrame();
        layers.keyframeStart = ok && descriptor.hasStructure() && descriptor.startOfFrame();
        layers.known = ok;
        if (!ok) {
            return;
        }
        DependencyStructure structure = descriptor.structure();
        layers.dependencies = descriptor;
        layers.spatial = descriptor.spatialLayer();
        layers.temporal = descriptor.temporalLayer();
        layers.interPicture = !descriptor.hasStructure();
        if (descriptor.hasStructure()) {
            layers.width = structure.width(structure.maxSpatial());
            layers.height = structure.height(structure.maxSpatial());
        }
        boolean needed = false;
        for (int target = 0; target < structure.targetCount() && !needed; target++) {
            needed = descriptor.indication(target) >= DependencyDescriptor.SWITCH;
        }
        layers.discardable = !needed;
    }
}
