package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.sdp.RtpCodec;

/** What a receiver says of what it gets. The later ones say more. */
enum BandwidthFeedback {
    /** Nothing but receiver reports. */
    REPORTS,
    /** Its own estimate (draft-alvestrand-rmcat-remb-03). */
    REMB,
    /** Each packet's arrival, by stream (RFC 8888). */
    CONGESTION_CONTROL,
    /** Each packet's arrival, by transport-wide sequence number. */
    TRANSPORT_WIDE;

    boolean ofPackets() {
        return this == CONGESTION_CONTROL || this == TRANSPORT_WIDE;
    }

    /** What was negotiated for one m-section. */
    static BandwidthFeedback of(RtpTransceiver transceiver) {
        PayloadTypeMap types = transceiver.sender().payloadTypes();
        if (!transceiver.sends() || transceiver.kind() != MediaKind.VIDEO) {
            return REPORTS;
        }
        if (transceiver.sender().extensions().contains(HeaderExtension.TRANSPORT_SEQUENCE)
                && types.anyFeedback("transport-cc")) {
            return TRANSPORT_WIDE;
        }
        if (types.anyFeedback(RtpCodec.CONGESTION_CONTROL_FEEDBACK)) {
            return CONGESTION_CONTROL;
        }
        return types.anyFeedback("goog-remb") ? REMB : REPORTS;
    }
}
