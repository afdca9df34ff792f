/**
 * DTLS 1.2 for WebRTC: certificate, handshake, SRTP keys, and the records that follow the handshake.
 *
 * <p>Start at {@link dev.sfu.core.dtls.DtlsTransport}. RFC 6347 (DTLS 1.2), RFC 5764 (DTLS-SRTP: {@code use_srtp} and
 * the exporter), RFC 8122 (fingerprints), RFC 8827 section 6.5 (what WebRTC demands of both), RFC 7627 (extended master
 * secret). The protocol code is Bouncy Castle's, confined to this package; its cryptography goes through the JCA. Out
 * of scope: DTLS 1.3, resumption, renegotiation, connection ids, certificate chains and cookies (a peer has proved its
 * address by ICE before it may speak DTLS, so HelloVerifyRequest would only cost a round trip).
 *
 * <p>Layer 2. A {@link dev.sfu.core.dtls.DtlsTransport} belongs to its owner's thread. Bouncy Castle's handshake blocks,
 * so it runs on a virtual thread of {@link dev.sfu.core.dtls.DtlsHandshakes} and meets the owner through a bounded queue
 * one way and the owner's executor the other way; no thread remains once it ends.
 */
@NullMarked
package dev.sfu.core.dtls;

import org.jspecify.annotations.NullMarked;
