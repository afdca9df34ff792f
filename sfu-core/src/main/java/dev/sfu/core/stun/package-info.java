/**
 * STUN messages (RFC 8489) as ICE uses them (RFC 8445 section 7.1): bytes to values and back.
 *
 * <p>Start at {@link dev.sfu.core.stun.StunMessage}, which reads a message in place, and
 * {@link dev.sfu.core.stun.StunWriter}, which writes one. {@link dev.sfu.core.stun.StunIntegrity} holds the keyed
 * HMAC-SHA1 of MESSAGE-INTEGRITY (section 14.5). Input is hostile: nothing here throws on it, every length is bounded,
 * and what follows MESSAGE-INTEGRITY is ignored except FINGERPRINT.
 *
 * <p>Out of scope: state across messages (transactions, retransmission, credentials: package {@code ice}),
 * MESSAGE-INTEGRITY-SHA256, which no ICE agent sends, and the long-term credential exchange beyond its key.
 *
 * <p>Layer 1: sees {@code buffer}. Thread: the owner's.
 */
@NullMarked
package dev.sfu.core.stun;

import org.jspecify.annotations.NullMarked;
