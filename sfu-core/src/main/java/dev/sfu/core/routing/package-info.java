/**
 * Rooms and who sees what: participants, published tracks, subscriptions and slots.
 *
 * <p>Start at {@link dev.sfu.core.routing.Room}. A {@link dev.sfu.core.routing.Participant} has one peer connection. Each
 * of its sending m-sections becomes a {@link dev.sfu.core.routing.PublishedTrack}; each of its receiving m-sections is a
 * {@link dev.sfu.core.routing.Slot}. {@link dev.sfu.core.routing.Stage} says whose video is wanted, {@link
 * dev.sfu.core.routing.Speakers} who speaks (RFC 6464, Volfin and Cohen), and {@link dev.sfu.core.routing.SlotTable} decides from
 * both which track plays in which slot. What plays is a {@link dev.sfu.core.routing.Subscription}, which leaves layers out as it is
 * told; packets of video gather for it in a {@link dev.sfu.core.routing.ForwardQueue}. {@link dev.sfu.core.routing.SlotAllocation}
 * tells it, by what {@link dev.sfu.core.routing.BitrateAllocator} decides for all slots of a viewer; {@link
 * dev.sfu.core.routing.TrackDemand} tells the publisher what nobody wants. A slot keeps its SSRC and stays continuous when layers or
 * its source change ({@link dev.sfu.core.routing.RtpRewriter}), so that joining and leaving cost the others no renegotiation.
 *
 * <p>A room that is too large for one shard has a {@link dev.sfu.core.routing.Room} object, a part, on each of several. Parts
 * tell each other what happens in them ({@link dev.sfu.core.routing.RoomMessage}) through {@link
 * dev.sfu.core.routing.RoomPeer}, which is all that this package knows of other threads. Media goes over through a {@link
 * dev.sfu.core.routing.ShardPipe} for each track and shard; {@link dev.sfu.core.routing.RemoteTrack} is its far end.
 *
 * <p>Layer 4. No clock, thread or randomness of its own. Thread: the shard of the room, or of its part.
 */
@NullMarked
package dev.sfu.core.routing;

import org.jspecify.annotations.NullMarked;
