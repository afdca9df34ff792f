package dev.sfu.core.api;

/**
 * Whether a video slot that has a track plays.
 *
 * @param mid the slot's m-section
 * @param playback what is going on
 */
public record SlotPlayback(String mid, Playback playback) {
    /** Why a slot plays or does not. */
    public enum Playback {
        /** It plays, or will as soon as a keyframe comes. */
        PLAYING,
        /** The viewer wants nothing. */
        PAUSED_BY_VIEWER,
        /** The network does not carry even the lowest layer beside what is more important. It resumes by itself. */
        PAUSED_BY_BANDWIDTH
    }
}
