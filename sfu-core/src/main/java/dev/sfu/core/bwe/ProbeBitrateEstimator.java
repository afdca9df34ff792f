package dev.sfu.core.bwe;

import dev.sfu.core.time.Deadlines;
import java.util.Arrays;

/** Measures from the feedback on a probe at which rate it was sent and at which it got through. */
final class ProbeBitrateEstimator {
    static final double MIN_RECEIVED = 0.65;
    static final double MAX_VALID_RATIO = 2.0;
    static final double MIN_RATIO_UNSATURATED = 0.9;
    static final double TARGET_UTILIZATION = 0.95;
    static final long MAX_INTERVAL_NANOS = Deadlines.SECOND;

    // Clusters remembered; a power of two.
    private static final int SLOTS = 16;

    private final int[] ids = new int[SLOTS];
    private final long[] targetBps = new long[SLOTS];
    private final int[] minPackets = new int[SLOTS];
    private final int[] minBytes = new int[SLOTS];
    private final int[] packets = new int[SLOTS];
    private final long[] bytes = new long[SLOTS];
    private final long[] lostBytes = new long[SLOTS];
    private final long[] firstSent = new long[SLOTS];
    private final long[] lastSent = new long[SLOTS];
    private final long[] firstArrival = new long[SLOTS];
    private final long[] lastArrival = new long[SLOTS];
    private final int[] firstArrivalBytes = new int[SLOTS];
    private final int[] lastSentBytes = new int[SLOTS];

    private long resultBps = DataRate.UNKNOWN;
    private boolean saturated;
    private int succeeded;
    private int lastMeasured;

    /** A cluster that will be sent. */
    void onCluster(ProbeCluster cluster) {
        int slot = cluster.id() & (SLOTS - 1);
        ids[slot] = cluster.id();
        targetBps[slot] = cluster.targetBps();
        minPackets[slot] = (int) (cluster.minPackets() * MIN_RECEIVED);
        minBytes[slot] = (int) (cluster.minBytes() * MIN_RECEIVED);
        packets[slot] = 0;
        bytes[slot] = 0;
        lostBytes[slot] = 0;
    }

    /** Takes the arrivals of one feedback. */
    void onFeedback(TransportPacketsFeedback feedback) {
        resultBps = DataRate.UNKNOWN;
        for (int i = 0; i < feedback.lostProbes(); i++) {
            int slot = feedback.lostProbeCluster(i) & (SLOTS - 1);
            if (ids[slot] == feedback.lostProbeCluster(i)) {
                lostBytes[slot] += feedback.lostProbeBytes(i);
            }
        }
        for (int i = 0; i < feedback.size(); i++) {
            int id = feedback.probeCluster(i);
            if (id != ProbeCluster.NONE) {
                onPacket(id, feedback.sentNanos(i), feedback.arrivalNanos(i), feedback.bytes(i));
            }
        }
    }

    private void onPacket(int id, long sent, long arrival, int packetBytes) {
        int slot = id & (SLOTS - 1);
        if (ids[slot] != id) {
            return;
        }
        if (packets[slot] == 0 || sent < firstSent[slot]) {
            firstSent[slot] = sent;
        }
        // Packets of one batch have one time; the last of them closes it.
        if (packets[slot] == 0 || sent >= lastSent[slot]) {
            lastSent[slot] = sent;
            lastSentBytes[slot] = packetBytes;
        }
        if (packets[slot] == 0 || arrival < firstArrival[slot]) {
            firstArrival[slot] = arrival;
            firstArrivalBytes[slot] = packetBytes;
        }
        if (packets[slot] == 0 || arrival > lastArrival[slot]) {
            lastArrival[slot] = arrival;
        }
        packets[slot]++;
        bytes[slot] += packetBytes;
        if (packets[slot] >= Math.max(2, minPackets[slot]) && bytes[slot] >= minBytes[slot]) {
            measure(slot);
        }
    }

    private void measure(int slot) {
        long sendInterval = lastSent[slot] - firstSent[slot];
        long arrivalInterval = lastArrival[slot] - firstArrival[slot];
        if (sendInterval <= 0
                || sendInterval > MAX_INTERVAL_NANOS
                || arrivalInterval <= 0
                || arrivalInterval > MAX_INTERVAL_NANOS) {
            return;
        }
        // n packets span n - 1 intervals: sending the last takes place after its time, arriving of the first before.
        long sendBps = DataRate.bps(bytes[slot] - lastSentBytes[slot], sendInterval);
        long arrivalBps = DataRate.bps(bytes[slot] - firstArrivalBytes[slot], arrivalInterval);
        if (arrivalBps > sendBps * MAX_VALID_RATIO) {
            // They queued behind something and came out together.
            return;
        }
        saturated = arrivalBps < sendBps * MIN_RATIO_UNSATURATED;
        // What gets through of more is all there is; a little less does not overuse it at once. Of what came as fast as it
        // was sent, what was lost on the way had room as well; what came after all is in both, but more was never sent.
        long throughBps = Math.min(sendBps, arrivalBps);
        long withLossesBps = DataRate.scale(throughBps, 1 + lostBytes[slot] / (double) bytes[slot]);
        resultBps = saturated
                ? DataRate.scale(arrivalBps, TARGET_UTILIZATION)
                : Math.max(throughBps, Math.min(withLossesBps, targetBps[slot]));
        if (lastMeasured != ids[slot]) {
            lastMeasured = ids[slot];
            succeeded++;
        }
    }

    /** What the last feedback measured, or {@link DataRate#UNKNOWN}. */
    long resultBps() {
        return resultBps;
    }

    /** Whether that is all that gets through; otherwise more may. */
    boolean saturated() {
        return saturated;
    }

    /** Which cluster was measured last. */
    int lastMeasured() {
        return lastMeasured;
    }

    /** Clusters measured. */
    int succeeded() {
        return succeeded;
    }

    void reset() {
        Arrays.fill(ids, ProbeCluster.NONE);
        resultBps = DataRate.UNKNOWN;
    }
}
