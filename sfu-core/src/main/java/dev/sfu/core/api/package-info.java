/**
 * What signaling and admin see of the engine: rooms, participants, tracks and stats as immutable values.
 *
 * <p>Start at {@link dev.sfu.core.api.MediaEngine}. Requests return stages that complete on an engine thread; events
 * reach a {@link dev.sfu.core.api.ParticipantListener} on an engine thread, so a receiver hands them to its own loop at
 * once. Nothing here refers to engine internals. Signaling and admin see this package and {@code stats} only; the launcher starts
 * the engine, {@code dev.sfu.core.shard.Engine}.
 *
 * <p>Thread: any may call; values are immutable.
 */
@NullMarked
package dev.sfu.core.api;

import org.jspecify.annotations.NullMarked;
