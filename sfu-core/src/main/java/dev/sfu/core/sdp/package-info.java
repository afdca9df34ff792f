/**
 * SDP as browsers write it: values, a strict reader with limits, a writer, and what an answerer decides line by line.
 *
 * <p>Start at {@link dev.sfu.core.sdp.SdpReader} and {@link dev.sfu.core.sdp.SdpSession}; {@link
 * dev.sfu.core.sdp.CodecMatcher} picks the codecs of an answer. RFC 8866 (SDP), RFC 9429 (JSEP), RFC 8839 and RFC 6544
 * (ICE), RFC 8122 and RFC 8842 (DTLS), RFC 9143 (BUNDLE), RFC 8285 (header extensions), RFC 8851 and RFC 8853 (rid,
 * simulcast), RFC 5576 (sources), RFC 6184 §8.2.2 (H.264). Out of scope: the state of an offer/answer exchange, which
 * is {@code peerconnection}'s.
 *
 * <p>Layer 1: text to values and back, no state. Thread: any.
 */
@NullMarked
package dev.sfu.core.sdp;

import org.jspecify.annotations.NullMarked;
