package dev.sfu.bench.target;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A running server under load, in a process of its own. The calls block and may come from several threads at once. */
public interface Target extends AutoCloseable {
    /** What has been joined. What only some ways of joining can do fails with {@link UnsupportedOperationException}. */
    @FunctionalInterface
    interface Session {
        /** Leaves through signaling. */
        void leave() throws IOException, InterruptedException;

        /** Offers again, with what the peer wants now. */
        default void negotiate(SdpPeer peer) throws IOException, InterruptedException {
            throw new UnsupportedOperationException("negotiate");
        }

        /** Says that a published track is muted or live. */
        default void mute(String mid, boolean muted) throws IOException, InterruptedException {
            throw new UnsupportedOperationException("mute");
        }

        /** Ends without a word, as when a browser crashes. */
        default void vanish() {
            throw new UnsupportedOperationException("vanish");
        }
    }

    /** For the report, with the version if that is known. */
    String name();

    /** The process whose CPU time and memory are measured. */
    long serverPid();

    /**
     * Lets a peer publish to a room, which comes into being with its first peer. The peer offers: its sections send.
     *
     * @throws IOException if the server refuses
     */
    Session publish(String room, SdpPeer peer) throws IOException, InterruptedException;

    /**
     * Lets a peer receive what is published in the room now, its own peer's tracks included. It has been given sections
     * to receive in for as many tracks; where the server offers, the peer answers what it is offered.
     *
     * @throws IOException if the server refuses
     */
    Session view(String room, SdpPeer peer) throws IOException, InterruptedException;

    /**
     * Lets a peer both publish and receive over one connection.
     *
     * @throws IOException if the server refuses
     * @throws UnsupportedOperationException if this server is not joined so
     */
    default Session participate(String room, SdpPeer peer) throws IOException, InterruptedException {
        throw new UnsupportedOperationException(name() + ": one connection for both directions");
    }

    /**
     * What the server counts, by the names of its metrics, with all labels and summed up without them; empty if it has none to ask for.
     *
     * @throws IOException if it does not answer
     */
    Map<String, Double> metrics() throws IOException, InterruptedException;

    /**
     * When all of the server's threads stood still, between two times of {@link System#nanoTime}; empty if it does not say.
     *
     * @throws IOException if its log cannot be read
     */
    List<Pause> pauses(long fromNanos, long toNanos) throws IOException;

    /** Stops the process and waits until it is gone. */
    @Override
    void close();
}
