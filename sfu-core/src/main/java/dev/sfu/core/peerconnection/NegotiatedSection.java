package dev.sfu.core.peerconnection;

import dev.sfu.core.rtp.HeaderExtensionMap;
import dev.sfu.core.sdp.Direction;
import dev.sfu.core.sdp.MediaSection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an offer and its answer agree on for one m-section.
 *
 * @param answer the answer's section
 * @param transceiver what it is about; null when the section is rejected and was never in use
 * @param direction from the server's point of view
 * @param payloadTypes the codecs; null when the section is rejected
 * @param extensions header extension ids
 * @param rids the simulcast layers the peer sends; empty without simulcast
 * @param slotNumber which sending section of its kind it is, or -1 when it never sent
 */
record NegotiatedSection(
        MediaSection answer,
        @Nullable RtpTransceiver transceiver,
        Direction direction,
        @Nullable PayloadTypeMap payloadTypes,
        HeaderExtensionMap extensions,
        Set<String> rids,
        int slotNumber) {
    static NegotiatedSection rejected(MediaSection answer, @Nullable RtpTransceiver transceiver) {
        int slotNumber = transceiver == null ? -1 : transceiver.slotNumber();
        return new NegotiatedSection(
                answer, transceiver, Direction.INACTIVE, null, new HeaderExtensionMap(), Set.of(), slotNumber);
    }

    /** Makes it the transceiver's state. */
    void commit() {
        if (transceiver == null) {
            return;
        }
        transceiver.setCurrentDirection(direction);
        transceiver.setSlotNumber(slotNumber);
        if (payloadTypes != null) {
            transceiver.receiver().negotiated(payloadTypes, extensions, rids);
            transceiver.sender().negotiated(payloadTypes, extensions, answer.extmapAllowMixed());
        }
    }
}
