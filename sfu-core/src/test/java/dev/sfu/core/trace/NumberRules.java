package dev.sfu.core.trace;

import dev.sfu.core.codec.Codec;

/**
 * Picture ids and TL0PICIDX of VP8 (RFC 7741 section 4.2) and VP9 (RFC 9628 section 4.2): the one goes up by one with every
 * picture, the other with every picture of the base layer, whose number the others have. In VP9's flexible mode picture ids may
 * leave numbers out, and differences between them are references.
 */
final class NumberRules {
    private final int viewer;
    private boolean gapSeen;
    private boolean pictureKnown;
    private int pictureId;
    private boolean tl0Known;
    private int tl0;

    NumberRules(int viewer) {
        this.viewer = viewer;
    }

    void onFrame(OutgoingPacket packet, boolean gap, boolean newPicture, ReceiverModel model) {
        Codec codec = packet.frame().stream().codec();
        PayloadFields fields = PayloadFields.of(codec, packet.payload());
        gapSeen |= gap;
        if (fields.pictureIdAt < 0) {
            return;
        }
        int id = fields.pictureId(packet.payload());
        packet.frame().outgoingPictures[viewer] = id;
        int ahead = (id - pictureId) & fields.pictureIdMask();
        if (pictureKnown && !newPicture) {
            model.check(ahead == 0, "picture id changes in a picture", packet);
        } else if (pictureKnown && (gapSeen || fields.flexible)) {
            model.check(ahead > 0 && ahead <= fields.pictureIdMask() >> 1, "picture id goes back from " + pictureId, packet);
        } else if (pictureKnown) {
            model.check(ahead == 1, "picture id does not follow " + pictureId, packet);
        }
        pictureId = id;
        pictureKnown = true;
        if (fields.flexible) {
            checkReferences(packet, fields, id, model);
        }
        if (fields.tl0At >= 0 && newPicture) {
            onTl0(packet, fields, gapSeen, model);
        }
        gapSeen = false;
    }

    private void onTl0(OutgoingPacket packet, PayloadFields fields, boolean gap, ReceiverModel model) {
        int index = fields.tl0(packet.payload());
        if (tl0Known) {
            int ahead = (index - tl0) & 0xFF;
            int expected = fields.temporal == 0 ? 1 : 0;
            model.check(gap ? ahead < 128 : ahead == expected, "TL0PICIDX does not follow " + tl0, packet);
        }
        tl0 = index;
        tl0Known = true;
    }

    private void checkReferences(OutgoingPacket packet, PayloadFields fields, int id, ReceiverModel model) {
        SourceFrame[] needs = packet.frame().needs();
        boolean byPictures = packet.frame().traced().dependencies == null;
        for (int i = 0; byPictures && i < fields.differences.length; i++) {
            int difference = (id - needs[i].outgoingPictures[viewer]) & fields.pictureIdMask();
            boolean sent = needs[i].fate(viewer) != SourceFrame.Fate.NONE;
            model.check(!sent || difference == fields.differences[i], "picture id does not lead to the reference", packet);
        }
    }
}
