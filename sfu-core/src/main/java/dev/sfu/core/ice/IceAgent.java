package dev.sfu.core.ice;

import dev.sfu.core.stats.DropReason;
import org.jspecify.annotations.Nullable;

/**
 * ICE for one connection, for one component: everything is bundled and multiplexed (RFC 9143, RFC 5761).
 *
 * <p>Sans-IO: nothing here waits, reads a clock or throws on what the peer sends. Times are monotonic nanoseconds and
 * do not go back. Output is called from within the methods below and must only enqueue, not call back.
 */
public sealed interface IceAgent permits IceLiteAgent {
    /** Where an agent's decisions go. */
    interface Output {
        /** Sends a STUN message; the array is reused after the call. */
        void sendStun(NetworkPath path, byte[] array, int offset, int length);

        /** The path had its first authenticated request: from now on its DTLS and SRTP belong to this connection. */
        void onPathValidated(NetworkPath path);

        /** The path no longer belongs to this connection: it closed, was silent too long or had to make room. */
        void onPathRemoved(NetworkPath path);

        /** Where to send from now on; null when no valid path is left, until another one is validated. */
        void onSelectedPathChanged(@Nullable NetworkPath path);

        /** The state, which is different from before. */
        void onIceStateChanged(IceState state);

        /** Requests to this ufrag, one of a generation before a restart or of a closed agent, need no routing now. */
        void onLocalUfragRetired(String ufrag);
    }

    /** The credentials that the peer's checks have to use now. */
    IceCredentials localCredentials();

    /** The peer's credentials of this generation, or null while they are not known. */
    @Nullable IceCredentials remoteCredentials();

    /** The peer's credentials have come by signaling. */
    void setRemoteCredentials(IceCredentials remote, long nowNanos);

    /**
     * A STUN message has come on a path that is valid or whose message has a ufrag of this agent.
     *
     * @return why it was dropped ({@link DropReason#STUN_MALFORMED}, {@link DropReason#STUN_UNAUTHORIZED} or
     *     {@link DropReason#STUN_RATE_LIMITED}), null when it was used
     */
    @Nullable DropReason onStun(NetworkPath path, byte[] array, int offset, int length, long nowNanos);

    /** Whether DTLS and SRTP from this path are this connection's. Cheap enough for every packet. */
    boolean isValid(NetworkPath path);

    /** Where to send, or null when there is no valid path. */
    @Nullable NetworkPath selectedPath();

    /** The state. */
    IceState state();

    /**
     * Begins a new generation (RFC 8445 section 9): the peer has to check again with the new credentials, while media
     * goes on over the path selected so far and the old credentials are answered for a while. A closed agent stays
     * closed.
     */
    void restart(IceCredentials newLocal, long nowNanos);

    /** A path is gone: its TCP connection closed, or its 5-tuple is another agent's now. */
    void onPathClosed(NetworkPath path, long nowNanos);

    /** When {@link #onDeadline} wants to be called; {@link dev.sfu.core.time.Deadlines#NEVER} when not at all. */
    long nextDeadlineNanos();

    /** Time has passed. Harmless when called early. */
    void onDeadline(long nowNanos);

    /** Counters since creation. */
    IceStats stats();

    /** Gives up all paths and ufrags, for good. */
    void close();
}
