/**
 * Codecs as a forwarding unit sees them: names, keyframe starts and payload descriptors, never samples.
 *
 * <p>Start at {@link dev.sfu.core.codec.Codec} and {@link dev.sfu.core.codec.Keyframes}. RFC 7741 (VP8), RFC 9628
 * (VP9), RFC 6184 (H.264), the AV1 RTP specification of the Alliance for Open Media. Out of scope: decoding, putting
 * frames together, the dependency descriptor beyond its mandatory fields.
 *
 * <p>Layer 1: depends on {@code buffer} and on the value types of {@code api}. No state across packets. Thread: the
 * owner's; flyweights are reused, not shared.
 */
@NullMarked
package dev.sfu.core.codec;

import org.jspecify.annotations.NullMarked;
