/**
 * Codecs as a forwarding unit sees them: names, keyframe starts, payload and dependency descriptors, never samples.
 *
 * <p>Start at {@link dev.sfu.core.codec.Codec} and {@link dev.sfu.core.codec.LayerReader}, which says of each packet of a stream
 * where it stands among its layers. RFC 7741 (VP8), RFC 9628 (VP9), RFC 6184 (H.264), the AV1 RTP specification of the
 * Alliance for Open Media with its dependency descriptor, libwebrtc's video-layers-allocation00. Out of scope: decoding, putting
 * frames together.
 *
 * <p>Layer 1: depends on {@code buffer} and on the value types of {@code api}. State across packets only in
 * {@code LayerReader} and {@code DependencyReader}, one for each stream. Thread: the owner's; flyweights are reused, not
 * shared.
 */
@NullMarked
package dev.sfu.core.codec;

import org.jspecify.annotations.NullMarked;
