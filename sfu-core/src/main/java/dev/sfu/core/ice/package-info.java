/**
 * ICE (RFC 8445) as a sans-IO state machine: STUN messages and time in, answers, valid paths and a state out.
 *
 * <p>Start at {@link dev.sfu.core.ice.IceAgent}, what a connection sees of ICE, and
 * {@link dev.sfu.core.ice.IceLiteAgent}, the lite side of it (section 2.5): it only answers Binding requests and is
 * always controlled (section 6.1.1). {@code PathSelection} decides which path carries media when browsers nominate,
 * renominate and change networks; the reasons are told there. {@link dev.sfu.core.ice.IceCandidates} turns the
 * addresses a server advertises into host candidates (section 5.1.2, RFC 6544, RFC 8421).
 *
 * <p>A lite agent has no checks of its own to renew consent with (RFC 7675). It takes the peer's authenticated requests
 * for it: they come at least every six seconds from everybody who follows RFC 7675, and only the peer can sign them.
 * A path is known by a {@link dev.sfu.core.ice.NetworkPath} object and never learned from anything but such a request.
 *
 * <p>Out of scope: sockets and framing (package {@code transport}), candidates of the peer (a lite agent sends to where
 * checks come from), gathering, STUN and TURN servers.
 *
 * <p>Layer 2: sees {@code stun}, {@code sdp}, {@code time}, {@code stats}. Thread: the shard's.
 */
@NullMarked
package dev.sfu.core.ice;

import org.jspecify.annotations.NullMarked;
