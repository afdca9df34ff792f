package dev.sfu.core.api;

import org.jspecify.annotations.Nullable;

/**
 * What plays in one receiving m-section.
 *
 * @param mid the m-section
 * @param trackId the track that plays there, or null when the slot is free
 * @param participantId the track's publisher, or null when the slot is free
 */
public record SlotAssignment(String mid, @Nullable String trackId, @Nullable String participantId) {}
