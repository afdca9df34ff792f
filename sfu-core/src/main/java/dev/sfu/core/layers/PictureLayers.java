package dev.sfu.core.layers;

import dev.sfu.core.codec.PacketLayers;

/**
 * Chooses packets of one stream by what its payload descriptors say: temporal layers of VP8, spatial and temporal layers of VP9.
 *
 * <p>The layers that are forwarded change only between pictures. Which they were is remembered for the latest pictures, so that a
 * packet that comes late is treated like the rest of its picture, or, when nothing of it was seen, like the picture before it.
 *
 * <p>The layers are lowered at the next picture, spatially only if the lower layer has been forwarded without a break, which it
 * has not where upper layers do without it (VP9's Z bit). They are raised temporally where the stream says that it can be
 * done (VP8's Y bit, RFC 7741 section 4.2; VP9's U bit, RFC 9628 section 4.2), spatially at a key picture.
 */
final class PictureLayers {
    private static final int PICTURES = 64;
    private static final int ALL = 0xFF;

    /** The latest pictures, ascending in the order of the ring. */
    private final long[] pictures = new long[PICTURES];
    private final byte[] spatials = new byte[PICTURES];
    private final byte[] temporals = new byte[PICTURES];
    /** The highest spatial layer that there is, as far as known by then. */
    private final byte[] tops = new byte[PICTURES];
    /** What is forwarded after the picture: more than in it if it allows to switch up. */
    private final byte[] temporalsAfter = new byte[PICTURES];
    private int count;
    private int newest;

    private int wantedSpatial;
    private int wantedTemporal;
    /** Spatial layers forwarded without a break since a frame that needs no earlier one. */
    private int intact;
    private int topSpatial;
    private int seenInPicture;
    private boolean droppedInPicture;
    /** Whether later pictures of any temporal layer do without those of higher layers before the newest one. */
    private boolean mayRise;
    private boolean keyPicture;
    private boolean broken;
    private boolean marker;

    /** Begins with a packet that a decoder can start with. */
    void start(PacketLayers packet, int spatial, int temporal) {
        count = 0;
        newest = PICTURES - 1;
        mayRise = false;
        intact = 0;
        topSpatial = 0;
        broken = false;
        setTarget(spatial, temporal);
        open(packet);
    }

    void setTarget(int spatial, int temporal) {
        wantedSpatial = Math.min(spatial, Byte.MAX_VALUE);
        wantedTemporal = Math.min(temporal, Byte.MAX_VALUE);
    }

    /** The highest spatial layer that is forwarded, or 127 while it is not known how many there are. */
    int spatial() {
        return spatials[newest];
    }

    int temporal() {
        return temporalsAfter[newest];
    }

    /** Whether only a key picture brings what is wanted. */
    boolean awaitsKeyframe() {
        return broken || Math.min(wantedSpatial, topSpatial) != Math.min(spatials[newest], topSpatial);
    }

    /** After {@link #decide}: whether the packet ends the picture for this subscriber. */
    boolean marker() {
        return marker;
    }

    Verdict decide(PacketLayers packet) {
        marker = false;
        long picture = packet.picture();
        if (picture > pictures[newest]) {
            open(packet);
        } else if (picture == pictures[newest] && !keyPicture && startsKeyPicture(packet)) {
            onLateKey(packet);
        }
        int index = indexOf(picture);
        if (index < 0) {
            return Verdict.TOO_LATE;
        }
        boolean seen = pictures[index] == picture;
        int temporal = seen ? temporals[index] : temporalsAfter[index];
        Verdict verdict = seen && index == newest
                ? decideNow(packet, spatials[index], temporal)
                : decideLate(packet, spatials[index], temporal, tops[index]);
        if (verdict == Verdict.FORWARD) {
            marker = packet.endOfFrame() && packet.spatial() == spatials[index];
            mayRise |= seen && index == newest && packet.upSwitch() && packet.vp9() != null;
        } else if (index == newest && seen) {
            droppedInPicture = true;
        }
        return verdict;
    }

    private static Verdict decideLate(PacketLayers packet, int spatial, int temporal, int top) {
        return notNeeded(packet, spatial, temporal, top) ? Verdict.NOT_SELECTED : Verdict.FORWARD;
    }

    private static boolean notNeeded(PacketLayers packet, int spatial, int temporal, int topSpatial) {
        // Upper layers do without a frame that has the Z bit.
        boolean unused = packet.spatial() < spatial && spatial <= topSpatial && packet.unusedAbove() && packet.interPicture();
        return packet.temporal() > temporal || packet.spatial() > spatial || unused;
    }

    private Verdict decideNow(PacketLayers packet, int spatial, int temporal) {
        if (packet.temporal() > temporal) {
            return Verdict.NOT_SELECTED;
        }
        int layer = packet.spatial();
        int bit = 1 << layer;
        setTop(Math.max(topSpatial, layer));
        boolean lowerSeen = (seenInPicture & bit >> 1) != 0;
        seenInPicture |= bit;
        if (notNeeded(packet, spatial, temporal, topSpatial)) {
            // The layer has a gap now, until it starts anew.
            intact &= ~bit;
            return Verdict.NOT_SELECTED;
        }
        // In a key picture the lower layer's packets may just be late.
        boolean lowerMissing = packet.interLayer()
                && layer > 0
                && (intact & bit >> 1) == 0
                && (packet.interPicture() || lowerSeen);
        boolean earlierMissing = packet.interPicture() && (intact & bit) == 0;
        if (packet.known() && (lowerMissing || earlierMissing)) {
            intact &= ~bit;
            broken = true;
            return Verdict.UNDECODABLE;
        }
        intact |= bit;
        return Verdict.FORWARD;
    }

    /** A picture that begins: here the layers may change. */
    private void open(PacketLayers packet) {
        boolean first = count == 0;
        int spatial = first ? wantedSpatial : spatials[newest];
        if (mayRise && !first) {
            // Pictures that are missing in between belong to what comes after the switching point, too.
            temporalsAfter[newest] = (byte) wantedTemporal;
        }
        int temporal = first ? wantedTemporal : Math.min(temporalsAfter[newest], wantedTemporal);
        if (wantedSpatial < spatial && (intact & 1 << Math.min(wantedSpatial, 7)) != 0) {
            spatial = wantedSpatial;
        }
        if (packet.vp8() != null && packet.upSwitch() && packet.temporal() == temporal + 1 && temporal < wantedTemporal) {
            temporal++;
        }
        newest = (newest + 1) % PICTURES;
        count = Math.min(count + 1, PICTURES);
        pictures[newest] = packet.picture();
        spatials[newest] = (byte) spatial;
        temporals[newest] = (byte) temporal;
        temporalsAfter[newest] = (byte) temporal;
        setTop(topSpatial);
        droppedInPicture = false;
        mayRise = false;
        seenInPicture = 0;
        keyPicture = false;
        if (startsKeyPicture(packet)) {
            onKey(packet);
        }
    }

    private static boolean startsKeyPicture(PacketLayers packet) {
        return packet.keyframeStart() || (packet.vp9() != null && packet.spatial() == 0 && !packet.interPicture());
    }

    /** Everything is possible at a key picture. */
    private void onKey(PacketLayers packet) {
        keyPicture = true;
        broken = false;
        intact = 0;
        int layers = packet.vp9() == null ? 0 : packet.vp9().structureLayers();
        if (layers > 0) {
            setTop(layers - 1);
        }
        spatials[newest] = (byte) (layers > 0 ? Math.min(wantedSpatial, layers - 1) : wantedSpatial);
        temporals[newest] = (byte) wantedTemporal;
        temporalsAfter[newest] = (byte) wantedTemporal;
        if (packet.vp9() == null) {
            intact = ALL;
        }
    }

    private void setTop(int spatial) {
        topSpatial = spatial;
        tops[newest] = (byte) spatial;
    }

    /** The picture turns out to be one when some of it has passed already. */
    private void onLateKey(PacketLayers packet) {
        if (!droppedInPicture) {
            int before = intact;
            onKey(packet);
            intact |= before;
        }
    }

    /** The entry of a picture, or of the one before it when it was not seen, or -1. */
    private int indexOf(long picture) {
        int index = newest;
        for (int i = 0; i < count; i++) {
            if (pictures[index] <= picture) {
                return index;
            }
            index = (index + PICTURES - 1) % PICTURES;
        }
        return -1;
    }
}
