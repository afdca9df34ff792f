/**
 * SDP as browsers write it: values, a strict reader with limits, a writer, and ICE candidate lines.
 *
 * <p>Layer 1: bytes and text to values and back, no state. Depends on {@code buffer} only.
 */
@NullMarked
package dev.sfu.core.sdp;

import org.jspecify.annotations.NullMarked;
