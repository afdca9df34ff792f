/**
 * Synthetic WebRTC clients over real sockets, for tests and load: they offer like browsers, check connectivity, handshake,
 * and exchange SRTP that carries marked, checkable media.
 *
 * <p>Start at {@link dev.sfu.core.peer.SyntheticPeer}; {@link dev.sfu.core.peer.PeerLoop} is the one thread that all peers
 * of a test run on, and the way to wait for conditions.
 */
@NullMarked
package dev.sfu.core.peer;

import org.jspecify.annotations.NullMarked;
