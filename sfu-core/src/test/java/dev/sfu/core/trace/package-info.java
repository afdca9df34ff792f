/**
 * What real browsers sent, recorded packet by packet by sfu-bench's {@code TraceRecorder}, played again as a source that never ends,
 * and a receiver that knows what it may be sent.
 *
 * <p>Start at {@link dev.sfu.core.trace.LayerTrace}; {@link dev.sfu.core.trace.TraceSource} plays one, {@link
 * dev.sfu.core.trace.UnreliableLink} loses, delays and repairs packets, {@link dev.sfu.core.trace.ReceiverModel} checks what a
 * viewer gets. Its rules are written from RFC 7741, RFC 9628, RFC 6184 and the AV1 RTP specification, and it reads descriptors by
 * itself: nothing here uses the code it checks.
 */
@NullMarked
package dev.sfu.core.trace;

import org.jspecify.annotations.NullMarked;
