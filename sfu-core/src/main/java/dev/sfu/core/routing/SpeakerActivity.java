package dev.sfu.core.routing;

import dev.sfu.core.time.Deadlines;

/**
 * How much somebody has been speaking over the last second, at three time scales, after Volfin and Cohen, "Dominant speaker
 * identification for multipoint videoconferencing" (2013).
 *
 * <p>Audio levels fill slots of 20 ms. The <em>immediate</em> activity is the loudness of the newest slot in units above the
 * background, the <em>medium</em> one says how many of the last five slots were loud, the <em>long</em> one how many of the
 * last ten groups of five were. Each becomes a score: the log-likelihood of speech against silence. A cough is loud at the
 * immediate scale only; a speaker who pauses between words stays high at the long one.
 */
final class SpeakerActivity {
    static final long SLOT_NANOS = 20 * Deadlines.MILLISECOND;
    /** Packets that cover more time than this do not occur; after that much silence nobody speaks (DTX). */
    private static final int LONGEST_PACKET_SLOTS = 3;

    private static final int MAX_LOUDNESS = 127;
    /** Units of loudness at the immediate scale, slots at the medium, groups of slots at the long one. */
    private static final int IMMEDIATE_UNITS = 13;
    private static final int MEDIUM_SLOTS = 5;
    private static final int LONG_GROUPS = 10;

    private static final int SLOTS = MEDIUM_SLOTS * LONG_GROUPS;
    private static final int UNIT = (MAX_LOUDNESS + IMMEDIATE_UNITS - 1) / IMMEDIATE_UNITS;
    /** Units of loudness from which a slot counts as loud, and slots from which a group does. */
    private static final int LOUD_UNITS = 7;
    private static final int LOUD_SLOTS = 4;
    /** The background is the lowest level within this many slots, 15 seconds; at first within one second. */
    private static final int BACKGROUND_SLOTS = 750;
    private static final int FIRST_BACKGROUND_SLOTS = 50;

    private static final double[] IMMEDIATE_SCORES = scores(IMMEDIATE_UNITS, 0.78);
    private static final double[] MEDIUM_SCORES = scores(MEDIUM_SLOTS, 24);
    private static final double[] LONG_SCORES = scores(LONG_GROUPS, 47);

    private final byte[] loudness = new byte[SLOTS];
    private int newest;
    private boolean heard;
    private long newestSlotNanos;
    private int background;
    private int nextBackground = MAX_LOUDNESS;
    private int backgroundSlots = BACKGROUND_SLOTS - FIRST_BACKGROUND_SLOTS;

    /**
     * Takes the level of one packet.
     *
     * @param levelDbov 0 (loudest) to 127 (silence), -dBov as in RFC 6464
     */
    void onLevel(int levelDbov, long nowNanos) {
        int loud = MAX_LOUDNESS - Math.clamp(levelDbov, 0, MAX_LOUDNESS);
        if (!heard) {
            heard = true;
            newestSlotNanos = nowNanos;
            push(loud);
            return;
        }
        long slots = (nowNanos - newestSlotNanos) / SLOT_NANOS;
        if (slots <= 0) {
            loudness[newest] = (byte) Math.max(loudness[newest], loud);
            return;
        }
        int between = slots <= LONGEST_PACKET_SLOTS ? loud : 0;
        advance(slots - 1, between);
        push(loud);
        newestSlotNanos += slots * SLOT_NANOS;
    }

    /** Lets the time up to {@code nowNanos} pass in silence, if nothing was heard for longer than a packet lasts. */
    void onTime(long nowNanos) {
        long slots = (nowNanos - newestSlotNanos) / SLOT_NANOS;
        if (heard && slots > LONGEST_PACKET_SLOTS) {
            advance(slots, 0);
            newestSlotNanos += slots * SLOT_NANOS;
        }
    }

    private void advance(long slots, int value) {
        for (long i = Math.min(slots, SLOTS); i > 0; i--) {
            push(value);
        }
    }

    private void push(int loud) {
        newest = (newest + 1) % SLOTS;
        loudness[newest] = (byte) loud;
        // Silence by DTX or mute is no background: against it every noise would be speech.
        if (loud > 0) {
            nextBackground = Math.min(nextBackground, loud);
            // None at first: somebody who speaks from the first packet would be his own background.
            background = Math.min(background, loud);
            if (++backgroundSlots == BACKGROUND_SLOTS) {
                background = nextBackground;
                nextBackground = MAX_LOUDNESS;
                backgroundSlots = 0;
            }
        }
    }

    private int units(int age) {
        int loud = loudness[Math.floorMod(newest - age, SLOTS)];
        return loud < background + UNIT ? 0 : loud / UNIT;
    }

    double immediateScore() {
        return IMMEDIATE_SCORES[units(0)];
    }

    double mediumScore() {
        return MEDIUM_SCORES[loudSlots(0)];
    }

    double longScore() {
        int groups = 0;
        for (int group = 0; group < LONG_GROUPS; group++) {
            groups += loudSlots(group) > LOUD_SLOTS - 1 ? 1 : 0;
        }
        return LONG_SCORES[groups];
    }

    private int loudSlots(int group) {
        int loud = 0;
        for (int slot = 0; slot < MEDIUM_SLOTS; slot++) {
            loud += units(group * MEDIUM_SLOTS + slot) > LOUD_UNITS - 1 ? 1 : 0;
        }
        return loud;
    }

    /** Mean loudness of the last second, 0 to 127: for ranking those who are not dominant. */
    double meanLoudness() {
        int sum = 0;
        for (byte slot : loudness) {
            sum += slot;
        }
        return (double) sum / SLOTS;
    }

    /** ln of the binomial likelihood of k loud of n under silence p=1/2, against an exponential for speech. */
    private static double[] scores(int n, double lambda) {
        double[] scores = new double[n + 1];
        double lnChoose = 0;
        for (int k = 0; k <= n; k++) {
            double score = lnChoose + n * Math.log(0.5) - Math.log(lambda) + lambda * k;
            // Ratios of scores are compared, so none may be zero or less.
            scores[k] = Math.max(score, 1e-10);
            lnChoose += Math.log((double) (n - k) / (k + 1));
        }
        return scores;
    }
}
