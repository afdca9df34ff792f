/**
 * Time as a value: deadlines, the monotonic to wall clock mapping and NTP timestamps.
 *
 * <p>No clock is read here or in any layer above except {@code shard}, and by the blocking handshake in {@code dtls}: methods take
 * {@code nowNanos}, a monotonic time with an arbitrary origin (as {@link System#nanoTime()} gives), and state machines say when
 * they next want to be called. {@link dev.sfu.core.time.Deadlines#NEVER} means not at all.
 *
 * <p>Layer 0: depends on nothing.
 */
@NullMarked
package dev.sfu.core.time;

import org.jspecify.annotations.NullMarked;
