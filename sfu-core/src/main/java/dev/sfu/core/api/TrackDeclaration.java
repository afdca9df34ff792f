package dev.sfu.core.api;

/**
 * What a sending m-section of an offer carries.
 *
 * @param mid the m-section
 * @param source where the media comes from
 * @param muted whether it starts muted
 */
public record TrackDeclaration(String mid, TrackSource source, boolean muted) {}
