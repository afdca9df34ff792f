/**
 * SDP as browsers write it: values, a strict reader with limits, a writer, and what an answerer decides line by line.
 *
 * <p>Start at {@link dev.sfu.core.sdp.SdpReader} and {@link dev.sfu.core.sdp.SdpSession}; {@link
 * dev.sfu.core.sdp.CodecMatcher} picks the codecs of an answer. RFC 8866 (SDP), RFC 9429 (JSEP), RFC 8839 and RFC 6544
 * (ICE), RFC 8122 and RFC 8842 (DTLS), RFC 9143 (BUNDLE), RFC 8285 (header extensions), RFC 8851 and RFC 8853 (rid,
 * simulcast), RFC 5576 (sources), RFC 6184 §8.2.2 (H.264). Out of scope: the state of an offer/answer exchange, which
 * is {@code peerconnection}'s.
 *
 * <h2>What browsers force on an answer</h2>
 *
 * <p>Tried on Chromium 156 and Firefox ESR 153, bundled, ice-lite, with sections they send on and sections they
 * receive on:
 *
 * <ul>
 *   <li>Both refuse: fewer sections than the offer; {@code setup:actpass}; missing ice-ufrag, fingerprint, rtcp-mux,
 *       {@code c=} or {@code t=}; a header extension under another id; a payload type in 64..95; sendrecv or recvonly
 *       for an offered recvonly section. {@code rtcp-mux} is wanted in every section. The transport attributes of the
 *       bundle are enough in its first section.
 *   <li>Chromium alone refuses: no BUNDLE group; one SSRC in two sections; two {@code msid} lines with different track
 *       ids; no {@code s=}; a rejected first section while the others stay in its group (answer it inactive instead).
 *   <li>Firefox alone refuses: no {@code mid} lines; an origin id of 2^64-1; {@code simulcast} without its {@code rid}
 *       lines; a data section without {@code sctp-port}.
 *   <li>A section the browser receives on needs one {@code msid} line and nothing else: the stream id becomes the
 *       stream of the track event, {@code -} makes a track without stream, and the track id is ignored. Without the
 *       line, all such tracks land in one stream. {@code ssrc} lines are optional to both; with them, {@code cname} is
 *       enough, and {@code FID} says which source is the retransmission.
 *   <li>Simulcast is answered with the offered rids as {@code recv}. A rid left out ends that encoding, and without
 *       the simulcast line only the first is left. Chromium marks inactive encodings with {@code ~}; an answer that
 *       drops the mark activates them. Firefox offers and answers without marks.
 *   <li>Firefox offers bundled sections with port 0 and {@code bundle-only}; the answer may use any port. Chromium
 *       offers {@code a=rtcp-xr:rcvr-rtt=all} where it once offered {@code rtcp-fb rrtr}; answering with it is
 *       accepted by both. Chromium offers the dependency descriptor only in receiving and simulcast sections.
 * </ul>
 *
 * <p>Layer 1: text to values and back, no state. Thread: any.
 */
@NullMarked
package dev.sfu.core.sdp;

import org.jspecify.annotations.NullMarked;
