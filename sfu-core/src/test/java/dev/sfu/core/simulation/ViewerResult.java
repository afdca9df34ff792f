package dev.sfu.core.simulation;

/**
 * What a viewer had of a scenario. Not a number where nothing was measured.
 *
 * @param name of the viewer
 * @param utilisation bits that arrived of what the downlink had for us, or of all there was to send if that is less
 * @param queueDropShare packets that the bottleneck's queue refused
 * @param waitMeanMillis for the bottleneck, milliseconds: the delay that we added
 * @param waitP95Millis the same, exceeded by one packet of twenty
 * @param waitMaxMillis the same, at most
 * @param estimateError mean distance of the server's estimate from what it could be, as a share of that
 * @param convergeSeconds mean time from a change of capacity until the estimate stays within a quarter of what it could
 *     be
 * @param convergeMaxSeconds the longest
 * @param oscillation mean change of the estimate, or of what arrives if there is none, from second to second, as a
 *     share
 * @param framesPerSecond shown in all slots, by slot
 * @param meanHeight of what was shown, in lines, blank seconds counting as zero
 * @param idealShare of the seconds in which a layer fitted, those in which the best was shown; one video slot only
 * @param freezes as webrtc-stats counts them
 * @param frozenShare of the time
 * @param longestFreezeSeconds the longest of them
 * @param switchesPerMinute changes of the simulcast layer
 * @param delayP95Millis capture to screen, milliseconds
 * @param concealedShare of the time in which sound had to be made up
 * @param audioDelayMillis capture to ear, milliseconds
 * @param rtxShare retransmissions sent, as a share of media packets that arrived
 * @param keyframeRequests PLIs that it sent
 */
public record ViewerResult(
        String name,
        double utilisation,
        double queueDropShare,
        double waitMeanMillis,
        double waitP95Millis,
        double waitMaxMillis,
        double estimateError,
        double convergeSeconds,
        double convergeMaxSeconds,
        double oscillation,
        double framesPerSecond,
        double meanHeight,
        double idealShare,
        int freezes,
        double frozenShare,
        double longestFreezeSeconds,
        double switchesPerMinute,
        double delayP95Millis,
        double concealedShare,
        double audioDelayMillis,
        double rtxShare,
        int keyframeRequests) {}
