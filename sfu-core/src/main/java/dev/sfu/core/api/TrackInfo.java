package dev.sfu.core.api;

/**
 * A published track.
 *
 * @param id unique in the room
 * @param participantId its publisher
 * @param kind audio or video
 * @param source where it comes from
 * @param muted whether the publisher muted it
 */
public record TrackInfo(String id, String participantId, MediaKind kind, TrackSource source, boolean muted) {}
