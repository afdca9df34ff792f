package dev.sfu.core.rtcp;

/**
 * One packet of an RTCP compound (RFC 3550 section 6.1).
 *
 * <p>SSRCs are {@code int} because they are opaque; numbers that count or measure are unsigned 32 bits in a
 * {@code long}.
 */
public sealed interface RtcpPacket
        permits SenderReport,
                ReceiverReport,
                SourceDescription,
                Goodbye,
                Nack,
                TransportFeedback,
                CongestionControlFeedback,
                PictureLossIndication,
                FullIntraRequest,
                Remb,
                ExtendedReport,
                Unrecognized {

    /** Packet type of a sender report (RFC 3550 section 6.4.1). */
    int SENDER_REPORT = 200;

    /** Packet type of a receiver report (RFC 3550 section 6.4.2). */
    int RECEIVER_REPORT = 201;

    /** Packet type of source description (RFC 3550 section 6.5). */
    int SOURCE_DESCRIPTION = 202;

    /** Packet type of goodbye (RFC 3550 section 6.6). */
    int GOODBYE = 203;

    /** Packet type of application-defined packets (RFC 3550 section 6.7). */
    int APPLICATION_DEFINED = 204;

    /** Packet type of transport layer feedback (RFC 4585 section 6.2). */
    int TRANSPORT_LAYER_FEEDBACK = 205;

    /** Packet type of payload-specific feedback (RFC 4585 section 6.3). */
    int PAYLOAD_SPECIFIC_FEEDBACK = 206;

    /** Packet type of extended reports (RFC 3611 section 2). */
    int EXTENDED_REPORT = 207;

    /** Feedback format of a generic NACK, transport layer (RFC 4585 section 6.2.1). */
    int FORMAT_NACK = 1;

    /** Feedback format of congestion control feedback, transport layer (RFC 8888 section 3.1). */
    int FORMAT_CONGESTION_CONTROL_FEEDBACK = 11;

    /** Feedback format of transport-wide congestion control feedback, transport layer. */
    int FORMAT_TRANSPORT_FEEDBACK = 15;

    /** Feedback format of a picture loss indication, payload-specific (RFC 4585 section 6.3.1). */
    int FORMAT_PICTURE_LOSS_INDICATION = 1;

    /** Feedback format of a full intra request, payload-specific (RFC 5104 section 4.3.1). */
    int FORMAT_FULL_INTRA_REQUEST = 4;

    /** Feedback format of application layer feedback, payload-specific, which carries REMB. */
    int FORMAT_APPLICATION_LAYER = 15;

    /**
     * Whether a datagram that is RTP or RTCP by its first byte is RTCP by its second (RFC 5761 section 4): packet types
     * 192 to 223, which as RTP would be a marker with the payload types 64 to 95 that nobody may use.
     */
    static boolean isRtcp(int secondByte) {
        return (secondByte & 0xE0) == 0xC0;
    }
}
