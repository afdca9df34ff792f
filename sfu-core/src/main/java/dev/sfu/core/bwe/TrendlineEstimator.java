package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;

/**
 * Says from the trend of the delay whether queues are filling up: the slope of a line through the smoothed accumulated
 * delay of the last groups, compared with a threshold that adapts to how much the path jitters.
 */
final class TrendlineEstimator {
    static final int WINDOW = 20;
    static final double SMOOTHING = 0.9;
    static final double GAIN = 4.0;
    static final double INITIAL_THRESHOLD_MS = 12.5;
    static final double MIN_THRESHOLD_MS = 6;
    static final double MAX_THRESHOLD_MS = 600;
    static final double K_UP = 0.0087;
    static final double K_DOWN = 0.039;
    static final double OVERUSE_TIME_MS = 10;

    /** The slope counts in full from so many measurements on. */
    static final int FULL_WEIGHT_DELTAS = 60;

    // A spike far beyond the threshold, such as a sudden drop of capacity, must not raise it.
    private static final double MAX_ADAPT_OFFSET_MS = 15;
    private static final double MAX_ADAPT_TIME_MS = 100;
    private static final double NONE = -1;

    private final double[] arrivalMs = new double[WINDOW];
    private final double[] delayMs = new double[WINDOW];
    private int next;
    private int filled;

    private boolean started;
    private long firstArrivalNanos;
    private int deltas;
    private double accumulatedDelayMs;
    private double smoothedDelayMs;
    private double previousTrend;
    private double modifiedTrend;
    private double thresholdMs = INITIAL_THRESHOLD_MS;
    private double lastAdaptMs = NONE;
    private double overusingMs = NONE;
    private int overuses;
    private BandwidthUsage state = BandwidthUsage.NORMAL;

    /** Takes a measurement of {@link InterArrivalDelta} with the arrival of the packet that completed the group. */
    void onDelta(long arrivalDeltaNanos, long sendDeltaNanos, long arrivalNanos) {
        double sendDeltaMs = ms(sendDeltaNanos);
        if (!started) {
            started = true;
            firstArrivalNanos = arrivalNanos;
        }
        deltas = Math.min(deltas + 1, FULL_WEIGHT_DELTAS);
        accumulatedDelayMs += ms(arrivalDeltaNanos) - sendDeltaMs;
        smoothedDelayMs = SMOOTHING * smoothedDelayMs + (1 - SMOOTHING) * accumulatedDelayMs;
        double nowMs = ms(arrivalNanos - firstArrivalNanos);
        arrivalMs[next] = nowMs;
        delayMs[next] = smoothedDelayMs;
        next = (next + 1) % WINDOW;
        filled = Math.min(filled + 1, WINDOW);
        double trend = filled == WINDOW ? slope() : previousTrend;
        detect(trend, sendDeltaMs, nowMs);
    }

    private static double ms(long nanos) {
        return nanos / (double) Deadlines.MILLISECOND;
    }

    // Least squares; the previous trend when all arrivals coincide.
    private double slope() {
        double sumX = 0;
        double sumY = 0;
        for (int i = 0; i < WINDOW; i++) {
            sumX += arrivalMs[i];
            sumY += delayMs[i];
        }
        double meanX = sumX / WINDOW;
        double meanY = sumY / WINDOW;
        double numerator = 0;
        double denominator = 0;
        for (int i = 0; i < WINDOW; i++) {
            double x = arrivalMs[i] - meanX;
            numerator += x * (delayMs[i] - meanY);
            denominator += x * x;
        }
        return denominator == 0 ? previousTrend : numerator / denominator;
    }

    private void detect(double trend, double sendDeltaMs, double nowMs) {
        if (deltas < 2) {
            state = BandwidthUsage.NORMAL;
            return;
        }
        modifiedTrend = deltas * trend * GAIN;
        if (modifiedTrend > thresholdMs) {
            // Since when is not known of the first one; half of the time before it is the best guess.
            overusingMs = overusingMs == NONE ? sendDeltaMs / 2 : overusingMs + sendDeltaMs;
            overuses++;
            if (overusingMs > OVERUSE_TIME_MS && overuses > 1 && trend >= previousTrend) {
                overusingMs = 0;
                overuses = 0;
                state = BandwidthUsage.OVERUSING;
            }
        } else {
            overusingMs = NONE;
            overuses = 0;
            state = modifiedTrend < -thresholdMs ? BandwidthUsage.UNDERUSING : BandwidthUsage.NORMAL;
        }
        previousTrend = trend;
        adaptThreshold(nowMs);
    }

    private void adaptThreshold(double nowMs) {
        double elapsedMs = lastAdaptMs == NONE ? 0 : Math.clamp(nowMs - lastAdaptMs, 0, MAX_ADAPT_TIME_MS);
        lastAdaptMs = nowMs;
        double distance = Math.abs(modifiedTrend) - thresholdMs;
        if (distance > MAX_ADAPT_OFFSET_MS) {
            return;
        }
        double k = distance < 0 ? K_DOWN : K_UP;
        thresholdMs = Math.clamp(thresholdMs + k * distance * elapsedMs, MIN_THRESHOLD_MS, MAX_THRESHOLD_MS);
    }

    /** What the delays say. */
    BandwidthUsage state() {
        return state;
    }

    /** The adaptive threshold, milliseconds. */
    double thresholdMs() {
        return thresholdMs;
    }

    /** The slope times gain and number of measurements, what the threshold is compared with; milliseconds. */
    double modifiedTrend() {
        return modifiedTrend;
    }

    /** Starts over: what was measured is of another time or path. */
    void reset() {
        next = 0;
        filled = 0;
        started = false;
        deltas = 0;
        accumulatedDelayMs = 0;
        smoothedDelayMs = 0;
        previousTrend = 0;
        modifiedTrend = 0;
        thresholdMs = INITIAL_THRESHOLD_MS;
        lastAdaptMs = NONE;
        overusingMs = NONE;
        overuses = 0;
        state = BandwidthUsage.NORMAL;
    }
}
