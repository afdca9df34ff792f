package dev.sfu.core.codec;

import org.jspecify.annotations.Nullable;

/**
 * Where a packet stands in its stream: frame, layers, and what depends on it. From the dependency descriptor if there is one,
 * which tells it of end-to-end encrypted payloads too, else from the codec's payload descriptor.
 *
 * <p>One of the views that a {@link LayerReader} fills by turns.
 */
public final class PacketLayers {
    long frame;
    long picture;
    int spatial;
    int temporal;
    boolean startOfFrame;
    boolean endOfFrame;
    boolean keyframeStart;
    boolean interPicture;
    boolean interLayer;
    boolean unusedAbove;
    boolean upSwitch;
    boolean discardable;
    boolean known;
    int width;
    int height;
    long pictureId;
    @Nullable Vp8Descriptor vp8;
    @Nullable Vp9Descriptor vp9;
    @Nullable DependencyDescriptor dependencies;
    boolean numbered;
    // Made for the first packet that has one, then filled again and again.
    private @Nullable Vp8Descriptor viewVp8;
    private @Nullable Vp9Descriptor viewVp9;
    private @Nullable DependencyDescriptor viewDependencies;

    PacketLayers() {}

    void clear(long timestamp) {
        frame = timestamp;
        picture = timestamp;
        spatial = 0;
        temporal = 0;
        startOfFrame = false;
        endOfFrame = false;
        keyframeStart = false;
        interPicture = true;
        interLayer = false;
        unusedAbove = false;
        upSwitch = false;
        discardable = false;
        known = false;
        width = 0;
        height = 0;
        pictureId = -1;
        vp8 = null;
        vp9 = null;
        dependencies = null;
        numbered = false;
    }

    Vp8Descriptor viewVp8() {
        Vp8Descriptor view = viewVp8;
        if (view == null) {
            view = new Vp8Descriptor();
            viewVp8 = view;
        }
        return view;
    }

    Vp9Descriptor viewVp9() {
        Vp9Descriptor view = viewVp9;
        if (view == null) {
            view = new Vp9Descriptor();
            viewVp9 = view;
        }
        return view;
    }

    DependencyDescriptor viewDependencies() {
        DependencyDescriptor view = viewDependencies;
        if (view == null) {
            view = new DependencyDescriptor();
            viewDependencies = view;
        }
        return view;
    }

    /** Number of the frame, greater for later ones: by the dependency descriptor if there is one, else by time and layer. */
    public long frame() {
        return frame;
    }

    /** The unwrapped timestamp: frames of different spatial layers that belong together have it in common. */
    public long picture() {
        return picture;
    }

    /** Spatial layer, 0 to 7; 0 when there are none. */
    public int spatial() {
        return spatial;
    }

    /** Temporal layer, 0 to 7; 0 when there are none. */
    public int temporal() {
        return temporal;
    }

    /** Whether the layers are known; if not, the packet is taken for one of the base layers. */
    public boolean known() {
        return known;
    }

    /** Whether this is the first packet of its frame, as far as known. */
    public boolean startOfFrame() {
        return startOfFrame;
    }

    /** Whether this is the last packet of its frame; only known with layers. */
    public boolean endOfFrame() {
        return endOfFrame;
    }

    /** Whether a decoder that has nothing can start with this packet. */
    public boolean keyframeStart() {
        return keyframeStart;
    }

    /** Whether the frame may refer to earlier pictures. */
    public boolean interPicture() {
        return interPicture;
    }

    /** Whether the frame may refer to the spatial layer below in its own picture. */
    public boolean interLayer() {
        return interLayer;
    }

    /** Whether no higher spatial layer refers to the frame (VP9's Z bit). */
    public boolean unusedAbove() {
        return unusedAbove;
    }

    /** Whether a receiver may switch up to more temporal layers here: VP8's Y bit, VP9's U bit. */
    public boolean upSwitch() {
        return upSwitch;
    }

    /** Whether no other frame refers to this one. */
    public boolean discardable() {
        return discardable;
    }

    /** Width of the stream's pictures in pixels as far as this packet says, else 0. */
    public int width() {
        return width;
    }

    /** Height of the stream's pictures in pixels as far as this packet says, else 0. */
    public int height() {
        return height;
    }

    /** The unwrapped picture id of VP8 or VP9, or -1. */
    public long pictureId() {
        return pictureId;
    }

    /** The VP8 payload descriptor, or null. */
    public @Nullable Vp8Descriptor vp8() {
        return vp8;
    }

    /** The VP9 payload descriptor, or null. */
    public @Nullable Vp9Descriptor vp9() {
        return vp9;
    }

    /** The dependency descriptor if there is one and it could be read, else null. */
    public @Nullable DependencyDescriptor dependencies() {
        return dependencies;
    }

    /** Whether there is a dependency descriptor, readable or not, whose frame number {@link #frame()} is. */
    public boolean numbered() {
        return numbered;
    }
}
