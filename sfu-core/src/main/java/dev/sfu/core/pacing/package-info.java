/**
 * When packets to one subscriber leave: video is smoothed, audio is not held, probes are sent at their rates.
 *
 * <p>Start at {@link dev.sfu.core.pacing.Pacer}. It is told rates and probes by whoever owns a
 * {@link dev.sfu.core.bwe.GoogCcNetworkController} and knows packets only by number, size and frame.
 *
 * <p>Layer 2: a state machine without clock, thread or I/O. Thread: the owner's.
 */
@NullMarked
package dev.sfu.core.pacing;

import org.jspecify.annotations.NullMarked;
