/**
 * RTP packets: header and header extension reading and writing, number unwrapping and RTX restoration.
 *
 * <p>Start at {@link dev.sfu.core.rtp.RtpPacket} for what arrives and {@link dev.sfu.core.rtp.RtpHeaderWriter} for what
 * leaves. RFC 3550 section 5.1 (header), RFC 8285 (header extensions), RFC 4588 section 4 (RTX payload). Out of scope:
 * RTCP, SRTP, payload formats, and any decision about a packet.
 *
 * <p>Layer 1: depends on {@code buffer} and on the value types of {@code api}. The only state across packets is in the
 * two unwrappers. Thread: the owner's; flyweights are reused, not shared.
 */
@NullMarked
package dev.sfu.core.rtp;

import org.jspecify.annotations.NullMarked;
