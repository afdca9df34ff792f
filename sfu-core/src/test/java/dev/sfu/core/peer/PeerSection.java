package dev.sfu.core.peer;

import dev.sfu.core.api.MediaKind;
import org.jspecify.annotations.Nullable;

/** One m-section of a synthetic peer: either a track that it sends or a slot that it receives in. */
public final class PeerSection {
    private final String mid;
    private final PeerCodec codec;
    private final @Nullable SentTrack track;
    private boolean active = true;

    PeerSection(String mid, PeerCodec codec, @Nullable SentTrack track) {
        this.mid = mid;
        this.codec = codec;
        this.track = track;
    }

    /** Its identification. */
    public String mid() {
        return mid;
    }

    /** The codec it offers. */
    public PeerCodec codec() {
        return codec;
    }

    /** Audio or video. */
    public MediaKind kind() {
        return codec.kind();
    }

    /** What it sends, or null for a slot. */
    public @Nullable SentTrack track() {
        return track;
    }

    /** Whether the next offer has it send or receive. */
    public boolean active() {
        return active;
    }

    /** Turns it off, or on again, with the next offer. */
    public void setActive(boolean newActive) {
        active = newActive;
    }
}
