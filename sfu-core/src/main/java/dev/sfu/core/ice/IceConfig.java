package dev.sfu.core.ice;

import dev.sfu.core.time.Deadlines;

/**
 * Times and bounds of an agent.
 *
 * @param consentTimeoutNanos without an authenticated request for this long a path is forgotten, and when it is all
 *     paths the connection fails; RFC 7675 section 5.1 allows at most 30 s
 * @param disconnectedTimeoutNanos silence of all paths after which the state is disconnected. RFC 7675 has peers
 *     check every 4 to 6 s and Firefox does just that, so less than 6 s would make healthy connections flicker
 * @param connectTimeoutNanos how long to wait for the first check
 * @param restartGraceNanos how long the credentials before a restart are still answered
 * @param maxPaths most paths kept, at least 2
 * @param answersPerSecond sustained rate of answers, which is also the burst; a browser starting up with many
 *     candidates sends some 50 checks a second
 */
public record IceConfig(
        long consentTimeoutNanos,
        long disconnectedTimeoutNanos,
        long connectTimeoutNanos,
        long restartGraceNanos,
        int maxPaths,
        int answersPerSecond) {
    /** Consent 25 s, disconnected after 7 s, 30 s to connect, 10 s of grace, 16 paths, 100 answers a second. */
    public static final IceConfig DEFAULT = new IceConfig(
            25 * Deadlines.SECOND, 7 * Deadlines.SECOND, 30 * Deadlines.SECOND, 10 * Deadlines.SECOND, 16, 100);

    /**
     * Checks ranges.
     *
     * @throws IllegalArgumentException if something is not positive, fewer than two paths are allowed or
     *     disconnected would come after failed
     */
    public IceConfig {
        if (disconnectedTimeoutNanos <= 0 || disconnectedTimeoutNanos >= consentTimeoutNanos) {
            throw new IllegalArgumentException("disconnectedTimeoutNanos: " + disconnectedTimeoutNanos
                    + " (expected: above 0 and below the consent timeout of " + consentTimeoutNanos + ")");
        }
        if (connectTimeoutNanos <= 0 || restartGraceNanos <= 0) {
            throw new IllegalArgumentException("connectTimeoutNanos, restartGraceNanos: " + connectTimeoutNanos + ", "
                    + restartGraceNanos + " (expected: above 0)");
        }
        if (maxPaths < 2) {
            throw new IllegalArgumentException("maxPaths: " + maxPaths + " (expected: at least 2)");
        }
        if (answersPerSecond < 1 || answersPerSecond > 1_000_000) {
            throw new IllegalArgumentException("answersPerSecond: " + answersPerSecond + " (expected: 1 to 1000000)");
        }
    }

    /** These with another consent timeout; disconnected moves to a third of it when it would come too late. */
    public IceConfig withConsentTimeoutNanos(long timeoutNanos) {
        long disconnected =
                disconnectedTimeoutNanos < timeoutNanos ? disconnectedTimeoutNanos : Math.max(1, timeoutNanos / 3);
        return new IceConfig(
                timeoutNanos, disconnected, connectTimeoutNanos, restartGraceNanos, maxPaths, answersPerSecond);
    }
}
