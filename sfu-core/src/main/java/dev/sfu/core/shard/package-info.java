/**
 * Threads: one event loop per shard, which owns its sockets, timers, rooms and connections.
 *
 * <p>Start at {@link dev.sfu.core.shard.Engine}, the engine as the rest of the server uses it, then read {@link
 * dev.sfu.core.shard.Shard}: input comes in, state machines run, what they produced is flushed and the timer is set anew,
 * all in one turn on one thread. Requests from other threads are messages to the shard; answers are immutable records.
 *
 * <p>{@link dev.sfu.core.shard.RoomPlacement} decides which shards hold a room; {@link dev.sfu.core.shard.ShardRooms} is what a
 * shard has of its rooms, and {@link dev.sfu.core.shard.Crossing} the way from one shard to another.
 *
 * <p>{@link dev.sfu.core.shard.Departure} decides in which turn what is to be sent leaves, {@link dev.sfu.core.shard.GatherWindow} how
 * long it may wait for more of its kind, {@link dev.sfu.core.shard.WakeUp} when the timer goes off.
 *
 * <p>Layer 5: the only place that reads clocks, makes random numbers and starts threads, but for the blocking handshake in {@code
 * dtls}.
 */
@NullMarked
package dev.sfu.core.shard;

import org.jspecify.annotations.NullMarked;
