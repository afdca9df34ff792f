package dev.sfu.core.layers;

import dev.sfu.core.codec.PacketLayers;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Decides which packets of a published track one subscriber gets.
 *
 * <p>The track is one stream or several (simulcast encodings); each may have spatial and temporal layers. An encoding
 * replaces the one that plays only at a packet that a decoder can start with, so the picture never freezes for a switch.
 * Within the encoding that plays, layers come and go by the rules of its dependency descriptor, or of its codec.
 */
public final class LayerSelector {
    /** No encoding plays. */
    public static final int NO_ENCODING = -1;
    /** Streams that a track can have at one time. */
    public static final int MAX_ENCODINGS = 8;
    /** All layers there are. */
    public static final int ALL = Integer.MAX_VALUE;

    // Each comes with the first stream that needs it: sound never does.
    private @Nullable PictureLayers byPictures;
    private @Nullable DependencyLayers byDependencies;
    /** The highest sequence number of each encoding that has passed without being forwarded. */
    private final long[] passed = new long[MAX_ENCODINGS];
    /** What chooses in the encoding that plays; neither of a stream without layers. */
    private @Nullable PictureLayers pictures;
    private @Nullable DependencyLayers dependencies;
    private int playing = NO_ENCODING;
    /** Whether anything of it has been forwarded: its first frames may be of a spatial layer that others do without. */
    private boolean begun;
    private int wantedEncoding = NO_ENCODING;
    private int wantedSpatial = ALL;
    private int wantedTemporal = ALL;
    private boolean marker;
    private int targetsToTell;
    private long highest;
    private boolean leftOut;
    private long leftOutFrame;
    private long leftOutPicture;
    private boolean leftOutAbove;
    private boolean gapLeftOut;

    /** Nothing plays and nothing is wanted. */
    public LayerSelector() {
        Arrays.fill(passed, Long.MIN_VALUE);
    }

    /**
     * Sets what should play; takes effect as soon as the streams allow.
     *
     * @param encoding number of the stream, below {@link #MAX_ENCODINGS}, or {@link #NO_ENCODING} to let play what plays
     * @param spatial highest spatial layer of a stream that has several, or {@link #ALL}
     * @param temporal highest temporal layer, or {@link #ALL}
     */
    public void setTarget(int encoding, int spatial, int temporal) {
        wantedEncoding = encoding;
        wantedSpatial = spatial;
        wantedTemporal = temporal;
        if (pictures != null) {
            pictures.setTarget(spatial, temporal);
        }
        if (dependencies != null) {
            dependencies.setTarget(spatial, temporal);
        }
    }

    /** Plays nothing until the wanted encoding starts anew. */
    public void restart() {
        leave();
        playing = NO_ENCODING;
    }

    /** What is still under way of the encoding that plays is no start any more. */
    private void leave() {
        if (playing != NO_ENCODING) {
            passed[playing] = highest;
        }
    }

    /** A stream has ended, and another one may get its number: what is known of it is forgotten. */
    public void forget(int encoding) {
        passed[encoding] = Long.MIN_VALUE;
        if (playing == encoding) {
            playing = NO_ENCODING;
        }
    }

    /** The encoding that is wanted, or {@link #NO_ENCODING}. */
    public int wanted() {
        return wantedEncoding;
    }

    /** The encoding that plays, or {@link #NO_ENCODING}. */
    public int playing() {
        return playing;
    }

    /** The highest spatial layer that plays of a stream with several; may be above those there are. */
    public int spatial() {
        if (playing == NO_ENCODING) {
            return 0;
        }
        return dependencies != null ? dependencies.spatial() : pictures != null ? pictures.spatial() : 0;
    }

    /** The highest temporal layer that plays; may be above those there are. */
    public int temporal() {
        if (playing == NO_ENCODING) {
            return 0;
        }
        return dependencies != null ? dependencies.temporal() : pictures != null ? pictures.temporal() : 0;
    }

    /** Whether only a keyframe of the wanted encoding brings what is wanted. */
    public boolean awaitsKeyframe() {
        if (wantedEncoding != NO_ENCODING && wantedEncoding != playing) {
            return true;
        }
        if (playing == NO_ENCODING) {
            return false;
        }
        return dependencies != null ? dependencies.awaitsKeyframe() : pictures != null && pictures.awaitsKeyframe();
    }

    /** Decides on a packet of a stream without layers, where each is one to start with, as in sound. */
    public Verdict decideWhole(int encoding) {
        if (encoding == playing) {
            return Verdict.FORWARD;
        }
        if (encoding != wantedEncoding) {
            return Verdict.NOT_SELECTED;
        }
        playing = encoding;
        begun = true;
        pictures = null;
        dependencies = null;
        return Verdict.SWITCH;
    }

    /**
     * Decides on a packet with media. {@link Verdict#SWITCH} is the first packet of its encoding that is forwarded.
     *
     * @param encoding number of its stream
     * @param sequence unwrapped sequence number in its stream
     */
    public Verdict decide(int encoding, PacketLayers packet, long sequence, boolean rtpMarker) {
        marker = rtpMarker;
        targetsToTell = 0;
        if (encoding != playing) {
            Verdict verdict = verdictOnOther(encoding, packet, sequence);
            if (verdict != Verdict.SWITCH) {
                return verdict;
            }
            start(encoding, packet);
            highest = sequence - 1;
        }
        boolean newest = sequence > highest;
        highest = Math.max(highest, sequence);
        Verdict inStream = decideInStream(packet);
        if (!inStream.forwarded()) {
            gapLeftOut = false;
            if (newest) {
                noteLeftOut(packet, inStream);
            }
            return inStream;
        }
        leftOut &= !newest;
        boolean first = !begun;
        begun = true;
        return first ? Verdict.SWITCH : Verdict.FORWARD;
    }

    private Verdict decideInStream(PacketLayers packet) {
        DependencyLayers described = dependencies;
        PictureLayers plain = pictures;
        if (described != null) {
            Verdict verdict = described.decide(packet);
            marker |= described.marker();
            targetsToTell = described.targetsToTell(packet);
            return verdict;
        }
        if (plain != null) {
            Verdict verdict = plain.decide(packet);
            marker |= plain.marker();
            return verdict;
        }
        return Verdict.FORWARD;
    }

    private Verdict verdictOnOther(int encoding, PacketLayers packet, long sequence) {
        boolean wanted = encoding == wantedEncoding;
        if (wanted && packet.keyframeStart() && sequence > passed[encoding]) {
            return Verdict.SWITCH;
        }
        passed[encoding] = Math.max(passed[encoding], sequence);
        return wanted ? Verdict.AWAITING_KEYFRAME : Verdict.NOT_SELECTED;
    }

    private void start(int encoding, PacketLayers packet) {
        leave();
        playing = encoding;
        begun = false;
        passed[encoding] = Long.MIN_VALUE;
        leftOut = false;
        pictures = null;
        dependencies = null;
        if (packet.dependencies() != null) {
            DependencyLayers chosen = byDependencies == null ? new DependencyLayers() : byDependencies;
            chosen.start(packet, wantedSpatial, wantedTemporal);
            byDependencies = chosen;
            dependencies = chosen;
        } else {
            PictureLayers chosen = byPictures == null ? new PictureLayers() : byPictures;
            chosen.start(packet, wantedSpatial, wantedTemporal);
            byPictures = chosen;
            pictures = chosen;
        }
    }

    /** Between two packets of a frame, or of layers above the wanted ones in one picture, all packets are like them. */
    private void noteLeftOut(PacketLayers packet, Verdict verdict) {
        boolean above = verdict == Verdict.NOT_SELECTED && (packet.spatial() > spatial() || packet.temporal() > temporal());
        gapLeftOut = leftOut
                && (packet.frame() == leftOutFrame || (above && leftOutAbove && packet.picture() == leftOutPicture));
        leftOut = true;
        leftOutFrame = packet.frame();
        leftOutPicture = packet.picture();
        leftOutAbove = above;
    }

    /** After {@link #decide} forwarded a packet: its marker bit, set if it ends the picture for this subscriber. */
    public boolean marker() {
        return marker;
    }

    /**
     * After {@link #decide} forwarded a packet: the decode targets to write into its dependency descriptor, in the form of
     * {@link dev.sfu.core.codec.DependencyDescriptorWriter#targets}, or 0 to leave it as it is.
     */
    public int targetsToTell() {
        return targetsToTell;
    }

    /** After {@link #decide} left a packet out: whether what is missing just before it is left out as well. */
    public boolean gapLeftOut() {
        return gapLeftOut;
    }
}
