package dev.sfu.bench.target;

/**
 * A synthetic peer's side of offer/answer: a server lets it either offer or answer, once. Any thread; none of the calls
 * waits for the network.
 */
public interface SdpPeer {
    /** Its offer; {@link #onAnswer} must follow. */
    String offer();

    /**
     * Takes the server's answer and begins to connect.
     *
     * @throws IllegalArgumentException if the peer cannot work with it
     */
    void onAnswer(String answer);

    /**
     * Its answer to the server's offer; begins to connect.
     *
     * @throws IllegalArgumentException if the peer cannot work with the offer
     */
    String answer(String offer);
}
