/**
 * Counters that every layer writes and the W3C webrtc-stats records they are read out as.
 *
 * <p>Start at {@link dev.sfu.core.stats.DropReason}: every packet that is not forwarded is counted under one reason.
 * Visible to every layer; depends on nothing.
 */
@NullMarked
package dev.sfu.core.stats;

import org.jspecify.annotations.NullMarked;
