package dev.sfu.core.routing;

import dev.sfu.core.time.Deadlines;
import java.util.Arrays;

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
    /** Units of loudness from which a slot may be speech: somebody far from his microphone. */
    private static final int AUDIBLE_UNITS = 6;
    /** He speaks who had two loud or five audible slots within the last half second: one loud slot is a click. */
    private static final int SPEAKING_WINDOW_SLOTS = 25;
    private static final int SPEAKING_LOUD_SLOTS = 2;
    private static final int SPEAKING_AUDIBLE_SLOTS = 5;
    /** What a packet counts as that tells no level and yet is to count as speech. */
    private static final int ASSUMED_LOUDNESS = 85;
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
        put(loud, true, nowNanos);
    }

    /** Takes a packet that tells no level, and is to count as speech. */
    void onAssumedSpeech(long nowNanos) {
        put(ASSUMED_LOUDNESS, false, nowNanos);
    }

    /** Forgets what was said. What the background is stays known. */
    void silence() {
        Arrays.fill(loudness, (byte) 0);
        heard = false;
    }

    /** Whether a level could be speech, so that it is worth asking whether somebody speaks. */
    static boolean audible(int levelDbov) {
        return MAX_LOUDNESS - levelDbov >= AUDIBLE_UNITS * UNIT;
    }

    private void put(int loud, boolean measured, long nowNanos) {
        if (!heard) {
            heard = true;
            newestSlotNanos = nowNanos;
            push(loud, measured);
            return;
        }
        long slots = (nowNanos - newestSlotNanos) / SLOT_NANOS;
        if (slots <= 0) {
            loudness[newest] = (byte) Math.max(loudness[newest], loud);
            return;
        }
        int between = slots <= LONGEST_PACKET_SLOTS ? loud : 0;
        advance(slots - 1, between, measured);
        push(loud, measured);
        newestSlotNanos += slots * SLOT_NANOS;
    }

    /** Lets the time up to {@code nowNanos} pass in silence, if nothing was heard for longer than a packet lasts. */
    void onTime(long nowNanos) {
        long slots = (nowNanos - newestSlotNanos) / SLOT_NANOS;
        if (heard && slots > LONGEST_PACKET_SLOTS) {
            advance(slots, 0, false);
            newestSlotNanos += slots * SLOT_NANOS;
        }
    }

    private void advance(long slots, int value, boolean measured) {
        for (long i = Math.min(slots, SLOTS); i > 0; i--) {
            push(value, measured);
        }
    }

    private void push(int loud, boolean measured) {
        newest = (newest + 1) % SLOTS;
        loudness[newest] = (byte) loud;
        // Silence by DTX or mute is no background: against it every noise would be speech.
        if (loud > 0 && measured) {
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

    private double immediateScore() {
        return IMMEDIATE_SCORES[units(0)];
    }

    private double mediumScore() {
        return MEDIUM_SCORES[loudSlots(0)];
    }

    private double longScore() {
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

    /** Whether he can be heard to speak, or has done so a moment ago. */
    boolean speaking() {
        int loud = 0;
        int audible = 0;
        for (int age = 0; age < SPEAKING_WINDOW_SLOTS; age++) {
            int units = units(age);
            loud += units >= LOUD_UNITS ? 1 : 0;
            audible += units >= AUDIBLE_UNITS ? 1 : 0;
        }
        return loud >= SPEAKING_LOUD_SLOTS || audible >= SPEAKING_AUDIBLE_SLOTS;
    }

    private boolean active() {
        for (int age = 0; age < SLOTS; age++) {
            if (units(age) >= AUDIBLE_UNITS) {
                return true;
            }
        }
        return false;
    }

    /** All of it. */
    Speech speech() {
        return new Speech(immediateScore(), mediumScore(), longScore(), meanLoudness(), speaking(), active());
    }

    /** Mean loudness of the last second, 0 to 127. */
    private double meanLoudness() {
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
