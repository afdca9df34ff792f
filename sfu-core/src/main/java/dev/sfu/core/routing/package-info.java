/**
 * Rooms and who sees what: participants, published tracks, subscriptions and slots.
 *
 * <p>Start at {@link dev.sfu.core.routing.Room}. A {@link dev.sfu.core.routing.Participant} has one peer connection. Each
 * of its sending m-sections becomes a {@link dev.sfu.core.routing.PublishedTrack}; each of its receiving m-sections is a
 * {@link dev.sfu.core.routing.Slot}, and {@link dev.sfu.core.routing.SlotTable} decides which track plays in which slot.
 * What plays is a {@link dev.sfu.core.routing.Subscription}. A slot keeps its SSRC and stays continuous when its source
 * changes ({@link dev.sfu.core.routing.RtpRewriter}), so that joining and leaving cost the others no renegotiation.
 *
 * <p>Layer 4. No clock, thread or randomness of its own. Thread: the room's shard. Out of scope yet: bandwidth
 * allocation, layer selection by the viewer's needs, dominant speakers.
 */
@NullMarked
package dev.sfu.core.routing;

import org.jspecify.annotations.NullMarked;
