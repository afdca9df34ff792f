package dev.sfu.core.ice;

/**
 * What an agent has counted, named after W3C webrtc-stats where it has a name.
 *
 * @param requestsReceived Binding requests with right credentials, of all paths
 * @param responsesSent success responses
 * @param errorResponsesSent responses that refuse: 420 and 487
 * @param selectedCandidatePairChanges how often the selected path became another one, the first included
 * @param lastRequestReceivedNanos when the last of {@code requestsReceived} came; 0 if none did
 * @param validPaths paths that are valid now
 */
public record IceStats(
        long requestsReceived,
        long responsesSent,
        long errorResponsesSent,
        long selectedCandidatePairChanges,
        long lastRequestReceivedNanos,
        int validPaths) {}
