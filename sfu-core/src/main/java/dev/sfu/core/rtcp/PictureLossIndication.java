package dev.sfu.core.rtcp;

/**
 * The sender of this cannot decode any more and wants a keyframe (RFC 4585 section 6.3.1).
 *
 * @param senderSsrc who asks
 * @param mediaSsrc the stream that should produce it
 */
public record PictureLossIndication(int senderSsrc, int mediaSsrc) implements RtcpPacket {}
