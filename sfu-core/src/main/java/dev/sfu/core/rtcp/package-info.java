/**
 * RTCP on the wire: bytes to values and back.
 *
 * <p>Start at {@link dev.sfu.core.rtcp.RtcpReader} for what comes in and {@link dev.sfu.core.rtcp.RtcpWriter} for what
 * goes out. Covered: RFC 3550 section 6 (SR, RR, SDES, BYE), RFC 3611 sections 4.4 and 4.5 (RRTR, DLRR), RFC 4585
 * section 6 (generic NACK, PLI), RFC 5104 section 4.3.1 (FIR), RFC 5506 (reduced-size compounds), RFC 5761 section 4
 * (telling RTCP from RTP), RFC 8888 section 3.1 (congestion control feedback, reading), draft-alvestrand-rmcat-remb-03
 * and draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1. Everything else is read as
 * {@link dev.sfu.core.rtcp.Unrecognized}. Encryption is the business of {@code srtp}, timing that of {@code repair} and
 * {@code bwe}.
 *
 * <p>Layer 1: no state across packets. Thread: the caller's.
 */
@NullMarked
package dev.sfu.core.rtcp;

import org.jspecify.annotations.NullMarked;
