package dev.sfu.core.api;

/** Audio or video. */
public enum MediaKind {
    AUDIO,
    VIDEO
}
