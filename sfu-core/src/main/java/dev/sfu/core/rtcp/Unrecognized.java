package dev.sfu.core.rtcp;

/**
 * A well-formed packet whose type or feedback format this package does not interpret, application-defined packets
 * (RFC 3550 section 6.7) among them. RFC 3550 section 6.1 wants it skipped.
 *
 * @param packetType 192 to 223
 * @param format the five bits after the padding bit: count, subtype or feedback format
 * @param lengthBytes of the whole packet
 */
public record Unrecognized(int packetType, int format, int lengthBytes) implements RtcpPacket {}
