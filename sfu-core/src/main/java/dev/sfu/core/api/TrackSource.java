package dev.sfu.core.api;

/** Where a published track comes from. */
public enum TrackSource {
    MICROPHONE,
    CAMERA,
    SCREEN,
    SCREEN_AUDIO
}
