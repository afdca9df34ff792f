/**
 * Repair and reception bookkeeping of RTP streams: NACK, retransmission history, keyframe requests, receiver report
 * contents, round trip time.
 *
 * <p>Start at {@link dev.sfu.core.repair.NackGenerator} for a stream that comes in and
 * {@link dev.sfu.core.repair.RetransmissionHistory} for one that goes out. Covered: RFC 3550 section 6.4 and appendices
 * A.1, A.3 and A.8, RFC 4585 section 6.2.1, the history side of RFC 4588, RFC 5104 section 4.3.1, RFC 3611 section 4.5.
 * The RTX payload format is in {@code rtp}, bytes of RTCP are in {@code rtcp}.
 *
 * <p>Layer 2: state machines without clock, thread or I/O. Times are monotonic nanoseconds, sequence numbers are
 * unwrapped to 64 bits. Thread: the owner's.
 */
@NullMarked
package dev.sfu.core.repair;

import org.jspecify.annotations.NullMarked;
