package dev.sfu.core.api;

/**
 * Whether anybody receives one simulcast encoding of a published track.
 *
 * @param rid its restriction identifier; empty for the only encoding of a track without simulcast
 * @param wanted whether it is worth sending
 */
public record EncodingDemand(String rid, boolean wanted) {}
