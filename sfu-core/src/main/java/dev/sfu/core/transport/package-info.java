/**
 * Sockets: UDP and passive ICE-TCP on Netty, with batch receive and segmented send.
 *
 * <p>Start at {@link dev.sfu.core.transport.UdpSocket}. Every socket is bound to one address, so the local half of a
 * 5-tuple is known exactly and an answer always leaves from the address the question came to. A {@link
 * dev.sfu.core.transport.SocketPath} is one 5-tuple; outgoing packets gather on it until {@link
 * dev.sfu.core.transport.FlushQueue} writes them, as a rule at the end of a turn: runs of equal size leave as one system call (UDP
 * GSO).
 *
 * <p>In {@link dev.sfu.core.transport.SinglePort single-port mode} the shards' sockets share their ports. A datagram that
 * the kernel gives to another shard than its connection's crosses over in that shard's {@link
 * dev.sfu.core.transport.StrayQueue}, a TCP connection moves to the other event loop once, after its first frame. What is
 * sent always leaves from the owner's own socket.
 *
 * <p>Layer 5, one of the two packages that see Netty. Thread: the shard's event loop.
 */
@NullMarked
package dev.sfu.core.transport;

import org.jspecify.annotations.NullMarked;
