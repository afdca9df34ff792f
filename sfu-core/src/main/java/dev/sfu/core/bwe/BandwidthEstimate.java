package dev.sfu.core.bwe;

/**
 * An estimate explained, for statistics. Rates in bits per second, -1 where not known.
 *
 * @param targetBps what may be sent
 * @param limitedBy why not more
 * @param acknowledgedBps throughput by the receiver's feedback
 * @param delayBasedBps what the delay allows for
 * @param lossBasedBps what the losses allow for
 * @param rembBps what the receiver says
 * @param nextLayerBps what is wanted
 * @param usage what the delay says of the queues
 * @param applicationLimited whether much less is sent than may be
 * @param frozen whether nothing but audio is sent, so that the estimate stays as it is
 * @param lossRatio share lost lately, 0 to 1
 * @param inherentLossRatio the share of it that is the path's own
 * @param roundTripNanos from the feedback, without the wait for it; 0 before there is any
 * @param inFlightBytes sent and not reported on
 * @param congestionWindowBytes in flight at most
 * @param probesSent probe clusters asked for
 * @param probesMeasured probe clusters that led to a measurement
 * @param unknownReports packets reported on that were never sent or are forgotten
 */
public record BandwidthEstimate(
        long targetBps,
        LimitedBy limitedBy,
        long acknowledgedBps,
        long delayBasedBps,
        long lossBasedBps,
        long rembBps,
        long nextLayerBps,
        BandwidthUsage usage,
        boolean applicationLimited,
        boolean frozen,
        double lossRatio,
        double inherentLossRatio,
        long roundTripNanos,
        long inFlightBytes,
        long congestionWindowBytes,
        int probesSent,
        int probesMeasured,
        long unknownReports) {
    /** Before there is anything to estimate by. */
    public static BandwidthEstimate start(long startBps, long nextLayerBps) {
        return new BandwidthEstimate(
                startBps, LimitedBy.START, -1, -1, -1, -1, nextLayerBps, BandwidthUsage.NORMAL, false, false, 0, 0, 0, 0,
                -1, 0, 0, 0);
    }
}
