/**
 * Congestion control: so far the receiving side, which tells a sender when its packets arrived.
 *
 * <p>Start at {@link dev.sfu.core.bwe.TransportFeedbackGenerator}
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01). Estimating what a subscriber can take from the feedback it
 * sends ({@link dev.sfu.core.rtcp.TransportFeedback}) is not here yet.
 *
 * <p>Layer 2: state machines without clock, thread or I/O. Thread: the owner's.
 */
@NullMarked
package dev.sfu.core.bwe;

import org.jspecify.annotations.NullMarked;
