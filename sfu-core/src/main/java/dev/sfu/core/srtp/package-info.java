/**
 * SRTP and SRTCP: keys from DTLS, encryption towards a peer, authentication and decryption from it.
 *
 * <p>Start at {@link dev.sfu.core.srtp.SrtpKeys}. RFC 3711 (AES-CM with HMAC-SHA1, key derivation, replay protection,
 * packet index), RFC 7714 (AES-GCM) and RFC 5764 section 4.2 (keys from the DTLS exporter). Out of scope: MKI, key
 * derivation rates other than zero, rekeying, encrypted header extensions (RFC 6904, RFC 9335).
 *
 * <p>Layer 2; depends on {@code buffer} and {@code stats}. Thread: the owner's; nothing here is shared between threads
 * except immutable values.
 */
@NullMarked
package dev.sfu.core.srtp;

import org.jspecify.annotations.NullMarked;
