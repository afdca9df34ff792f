package dev.sfu.core.trace;

import java.util.Arrays;

/** A recorded frame in one of its plays, and what became of it at each viewer. */
public final class SourceFrame {
    enum Fate {
        /** Not forwarded, as far as known. */
        NONE,
        /** All of it came, and all that it refers to. */
        DECODED,
        /** Spoilt by the network, or refers to something that is. */
        SPOILT
    }

    private final StreamPlayer stream;
    private final TracedFrame traced;
    private final long ordinal;
    private final long firstSequence;
    private final SourceFrame[] needs;
    private final Fate[] fates;
    final int[] outgoingFrames;
    final int[] outgoingPictures;
    private boolean disturbed;

    SourceFrame(
            StreamPlayer stream, TracedFrame traced, long ordinal, long firstSequence, SourceFrame[] needs, int viewers) {
        this.stream = stream;
        this.traced = traced;
        this.ordinal = ordinal;
        this.firstSequence = firstSequence;
        this.needs = needs;
        fates = new Fate[viewers];
        Arrays.fill(fates, Fate.NONE);
        outgoingFrames = new int[viewers];
        outgoingPictures = new int[viewers];
    }

    StreamPlayer stream() {
        return stream;
    }

    TracedFrame traced() {
        return traced;
    }

    /** Counts the frames of the stream. */
    long ordinal() {
        return ordinal;
    }

    long firstSequence() {
        return firstSequence;
    }

    SourceFrame[] needs() {
        return needs;
    }

    Fate fate(int viewer) {
        return fates[viewer];
    }

    void setFate(int viewer, Fate fate) {
        fates[viewer] = fate;
    }

    /** Whether the viewer cannot decode it for want of what it refers to. */
    boolean lacks(int viewer) {
        for (SourceFrame need : needs) {
            if (need.fates[viewer] != Fate.DECODED) {
                return true;
            }
        }
        return false;
    }

    /** Whether the network lost, delayed or repeated some of it. */
    boolean disturbed() {
        return disturbed;
    }

    void disturb() {
        disturbed = true;
    }

    /** Its packets with numbers between two, if it is disturbed. */
    int disturbedBetween(long after, long before) {
        long from = Math.max(firstSequence, after + 1);
        long to = Math.min(firstSequence + traced.packets.size(), before);
        return disturbed ? (int) Math.max(0, to - from) : 0;
    }

    @Override
    public String toString() {
        return stream + " frame " + traced.index + (traced.key ? " key" : "") + " S" + traced.spatial + "T" + traced.temporal
                + (disturbed ? " disturbed" : "");
    }
}
