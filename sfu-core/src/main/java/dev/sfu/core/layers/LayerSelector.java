package dev.sfu.core.layers;

import dev.sfu.core.codec.PacketLayers;
import java.util.Arrays;

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

    private final PictureLayers byPictures = new PictureLayers();
    private final DependencyLayers byDependencies = new DependencyLayers();
    /** The highest sequence number of each encoding that has passed without being forwarded. */
    private final long[] passed = new long[MAX_ENCODINGS];
    private boolean described;
    private int playing = NO_ENCODING;
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
        forgetPassed();
    }

    private void forgetPassed() {
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
        byPictures.setTarget(spatial, temporal);
        byDependencies.setTarget(spatial, temporal);
    }

    /** Plays nothing until the wanted encoding starts anew. */
    public void restart() {
        playing = NO_ENCODING;
        forgetPassed();
    }

    /** The encoding that plays, or {@link #NO_ENCODING}. */
    public int playing() {
        return playing;
    }

    /** The highest spatial layer that plays of a stream with several; may be above those there are. */
    public int spatial() {
        return playing == NO_ENCODING ? 0 : described ? byDependencies.spatial() : byPictures.spatial();
    }

    /** The highest temporal layer that plays; may be above those there are. */
    public int temporal() {
        return playing == NO_ENCODING ? 0 : described ? byDependencies.temporal() : byPictures.temporal();
    }

    /** Whether only a keyframe of the wanted encoding brings what is wanted. */
    public boolean awaitsKeyframe() {
        if (wantedEncoding != NO_ENCODING && wantedEncoding != playing) {
            return true;
        }
        return playing != NO_ENCODING && (described ? byDependencies.awaitsKeyframe() : byPictures.awaitsKeyframe());
    }

    /**
     * Decides on a packet with media. After {@link Verdict#SWITCH} its encoding plays.
     *
     * @param encoding number of its stream
     * @param sequence unwrapped sequence number in its stream
     */
    public Verdict decide(int encoding, PacketLayers packet, long sequence, boolean rtpMarker) {
        marker = rtpMarker;
        targetsToTell = 0;
        Verdict verdict = Verdict.FORWARD;
        if (encoding != playing) {
            verdict = verdictOnOther(encoding, packet, sequence);
            if (verdict != Verdict.SWITCH) {
                return verdict;
            }
            start(encoding, packet);
            highest = sequence - 1;
        }
        boolean newest = sequence > highest;
        highest = Math.max(highest, sequence);
        Verdict inStream = described ? byDependencies.decide(packet) : byPictures.decide(packet);
        if (!inStream.forwarded()) {
            gapLeftOut = false;
            if (newest) {
                noteLeftOut(packet, inStream);
            }
            return inStream;
        }
        leftOut &= !newest;
        marker |= described ? byDependencies.marker() : byPictures.marker();
        targetsToTell = described ? byDependencies.targetsToTell(packet) : 0;
        return verdict;
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
        playing = encoding;
        passed[encoding] = Long.MIN_VALUE;
        leftOut = false;
        described = packet.dependencies() != null;
        if (described) {
            byDependencies.start(packet, wantedSpatial, wantedTemporal);
        } else {
            byPictures.start(packet, wantedSpatial, wantedTemporal);
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
