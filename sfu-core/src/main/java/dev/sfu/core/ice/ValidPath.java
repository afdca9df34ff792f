package dev.sfu.core.ice;

/** What an agent remembers of a path that passed an authenticated request. */
final class ValidPath {
    private final NetworkPath path;
    private final byte[] remoteAddress;
    private long lastRequestNanos;
    private int nominatedGeneration = -1;
    private long nominatedPriority;

    ValidPath(NetworkPath path, long nowNanos) {
        this.path = path;
        // InetAddress copies its bytes on each call, and every answer needs them.
        this.remoteAddress = path.remote().getAddress().getAddress();
        this.lastRequestNanos = nowNanos;
    }

    NetworkPath path() {
        return path;
    }

    byte[] remoteAddress() {
        return remoteAddress;
    }

    void onRequest(long nowNanos) {
        lastRequestNanos = nowNanos;
    }

    long lastRequestNanos() {
        return lastRequestNanos;
    }

    long silenceNanos(long nowNanos) {
        return nowNanos - lastRequestNanos;
    }

    void onNominated(int generation, long priority) {
        nominatedGeneration = generation;
        nominatedPriority = priority;
    }

    /** The last generation of credentials in which the peer nominated this path; -1 if it never did. */
    int nominatedGeneration() {
        return nominatedGeneration;
    }

    /**
     * PRIORITY of the last nomination. Only of nominations, because Firefox puts another value into its consent
     * checks than into its connectivity checks.
     */
    long nominatedPriority() {
        return nominatedPriority;
    }
}
