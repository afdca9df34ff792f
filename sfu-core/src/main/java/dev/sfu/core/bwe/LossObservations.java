package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;
import java.util.Arrays;

/**
 * How much was sent and lost in the last observations of a quarter of a second each, and how likely a supposed channel
 * would have made it so.
 *
 * <p>A channel is a bandwidth and an inherent loss: what is sent beyond the bandwidth is lost, and of the rest the
 * inherent share. The past counts less with every observation.
 */
final class LossObservations {
    static final int WINDOW = 15;
    static final long MIN_DURATION_NANOS = 250 * Deadlines.MILLISECOND;
    static final double TEMPORAL_WEIGHT = 0.9;

    private static final double MIN_PROBABILITY = 1.0e-6;
    private static final double BYTES_PER_UNIT = 1000;
    // From this many on the best and the worst observation do not count for the average.
    private static final int TRIM_ABOVE = 3;
    private static final double MEDIAN_RATE_FACTOR = 2;

    private final double[] rateBps = new double[WINDOW];
    private final double[] sent = new double[WINDOW];
    private final double[] lost = new double[WINDOW];
    private final double[] weights = new double[WINDOW];
    private final double[] scratch = new double[WINDOW];
    private int count;

    private double partialSent;
    private double partialLost;
    private boolean started;
    private long lastSentNanos;
    private double averageLoss;

    LossObservations() {
        for (int i = 0; i < WINDOW; i++) {
            weights[i] = Math.pow(TEMPORAL_WEIGHT, i);
        }
    }

    /** Takes a feedback; gives whether it completed an observation. */
    boolean onFeedback(TransportPacketsFeedback feedback) {
        // What was lost before and has come after all was in the bytes sent when it was reported lost.
        partialSent += (feedback.receivedBytes() - feedback.recoveredBytes() + feedback.lostBytes()) / BYTES_PER_UNIT;
        partialLost = Math.max(0, partialLost + (feedback.lostBytes() - feedback.recoveredBytes()) / BYTES_PER_UNIT);
        if (!started) {
            started = true;
            lastSentNanos = feedback.firstSentNanos();
        }
        long duration = feedback.lastSentNanos() - lastSentNanos;
        if (duration < MIN_DURATION_NANOS || partialSent <= 0) {
            return false;
        }
        int slot = count++ % WINDOW;
        sent[slot] = partialSent;
        lost[slot] = Math.min(partialLost, partialSent);
        rateBps[slot] = partialSent * BYTES_PER_UNIT * 8 * Deadlines.SECOND / duration;
        partialSent = 0;
        partialLost = 0;
        lastSentNanos = feedback.lastSentNanos();
        averageLoss = measureAverageLoss();
        return true;
    }

    private int filled() {
        return Math.min(count, WINDOW);
    }

    private double weight(int slot) {
        // 0 for the newest.
        return weights[Math.floorMod(count - 1 - slot, WINDOW)];
    }

    private double measureAverageLoss() {
        double total = 0;
        double totalLost = 0;
        double highest = 0;
        double lowest = 1;
        int highestSlot = -1;
        int lowestSlot = -1;
        for (int i = 0; i < filled(); i++) {
            total += weight(i) * sent[i];
            totalLost += weight(i) * lost[i];
            double ratio = lost[i] / sent[i];
            if (ratio > highest) {
                highest = ratio;
                highestSlot = i;
            }
            if (ratio < lowest) {
                lowest = ratio;
                lowestSlot = i;
            }
        }
        if (count <= TRIM_ABOVE || highestSlot < 0 || highestSlot == lowestSlot) {
            return totalLost / total;
        }
        if (rateBps[highestSlot] >= MEDIAN_RATE_FACTOR * medianRateBps()) {
            // Lost because so much more was sent: no mere spike.
            return totalLost / total;
        }
        total -= weight(highestSlot) * sent[highestSlot];
        totalLost -= weight(highestSlot) * lost[highestSlot];
        if (lowestSlot >= 0) {
            total -= weight(lowestSlot) * sent[lowestSlot];
            totalLost -= weight(lowestSlot) * lost[lowestSlot];
        }
        return total <= 0 ? 0 : Math.clamp(totalLost / total, 0, 1);
    }

    private double medianRateBps() {
        int filled = filled();
        System.arraycopy(rateBps, 0, scratch, 0, filled);
        Arrays.sort(scratch, 0, filled);
        return filled % 2 == 1 ? scratch[filled / 2] : (scratch[filled / 2 - 1] + scratch[filled / 2]) / 2;
    }

    /** The most that was sent in one of them, bits per second. */
    double highestRateBps() {
        double highest = 0;
        for (int i = 0; i < filled(); i++) {
            highest = Math.max(highest, rateBps[i]);
        }
        return highest;
    }

    private static double lossProbability(double inherentLoss, long bandwidthBps, double sendRateBps) {
        double probability = inherentLoss;
        if (sendRateBps > bandwidthBps) {
            probability += (1 - inherentLoss) * (sendRateBps - bandwidthBps) / sendRateBps;
        }
        return Math.clamp(probability, MIN_PROBABILITY, 1 - MIN_PROBABILITY);
    }

    /** One step of Newton's method from an inherent loss towards the likeliest for a bandwidth. */
    double newtonStep(double inherentLoss, long bandwidthBps, double stepSize) {
        double first = 0;
        double second = 0;
        for (int i = 0; i < filled(); i++) {
            double p = lossProbability(inherentLoss, bandwidthBps, rateBps[i]);
            double received = sent[i] - lost[i];
            first += weight(i) * (lost[i] / p - received / (1 - p));
            second -= weight(i) * (lost[i] / (p * p) + received / ((1 - p) * (1 - p)));
        }
        return second < 0 ? inherentLoss - stepSize * first / second : inherentLoss;
    }

    /** Log likelihood of what was observed, with a bonus for each unit sent. */
    double objective(double inherentLoss, long bandwidthBps, double bonus) {
        double objective = 0;
        for (int i = 0; i < filled(); i++) {
            double p = lossProbability(inherentLoss, bandwidthBps, rateBps[i]);
            objective += weight(i)
                    * (lost[i] * Math.log(p) + (sent[i] - lost[i]) * Math.log(1 - p) + bonus * sent[i]);
        }
        return objective;
    }

    /** Share of the bytes lost, without the best and the worst observation. */
    double averageLoss() {
        return averageLoss;
    }

    int count() {
        return count;
    }

    /** When the last packet of the last observation was sent. */
    long lastSentNanos() {
        return lastSentNanos;
    }

    void reset() {
        count = 0;
        started = false;
        partialSent = 0;
        partialLost = 0;
        averageLoss = 0;
    }
}
