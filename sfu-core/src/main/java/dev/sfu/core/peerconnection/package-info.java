/**
 * The server's end of a WebRTC connection: datagrams, time and offers in; datagrams, answers, packets and events out.
 *
 * <p>Start at {@link dev.sfu.core.peerconnection.PeerConnection}, which owns ICE, DTLS and the transceivers and guards
 * what may reach them. A received packet goes through {@link dev.sfu.core.peerconnection.ReceivePath}: SRTP, the demuxer
 * of RFC 9143, repair, and on to the sink of its {@link dev.sfu.core.peerconnection.RtpReceiver}. What leaves goes through
 * {@link dev.sfu.core.peerconnection.RtpSender}; sound in the form that {@link
 * dev.sfu.core.peerconnection.RedundantAudio} finds fit for the receiver (RFC 2198). {@link
 * dev.sfu.core.peerconnection.SessionNegotiator} turns an offer into an answer (RFC 9429). W3C names without the {@code RTC} prefix.
 *
 * <p>Layer 3, sans-IO: no sockets, clocks, threads or randomness of its own. Thread: the shard's. Out of scope yet: offering,
 * data channels, full ICE.
 */
@NullMarked
package dev.sfu.core.peerconnection;

import org.jspecify.annotations.NullMarked;
