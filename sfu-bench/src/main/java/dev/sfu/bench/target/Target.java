package dev.sfu.bench.target;

import java.io.IOException;
import java.util.Map;

/** A running server under load, in a process of its own. The calls block and may come from several threads at once. */
public interface Target extends AutoCloseable {
    /** What has been joined. */
    @FunctionalInterface
    interface Session {
        /** Leaves through signaling. */
        void leave() throws IOException, InterruptedException;
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
     * What the server counts, by the names of its metrics (labels summed up); empty if it has none to ask for.
     *
     * @throws IOException if it does not answer
     */
    Map<String, Double> metrics() throws IOException, InterruptedException;

    /** Stops the process and waits until it is gone. */
    @Override
    void close();
}
