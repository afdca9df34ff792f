package dev.sfu.core.layers;

/** What happens to a packet of a published track on its way to one subscriber. */
public enum Verdict {
    /** It goes on. */
    FORWARD,
    /** It goes on as the first of its stream: another played before, or none. */
    SWITCH,
    /** Of an encoding or a layer that the subscriber does not get. */
    NOT_SELECTED,
    /** Of the encoding to play next, which a decoder cannot start with yet. */
    AWAITING_KEYFRAME,
    /** Refers to something that the subscriber did not get. */
    UNDECODABLE,
    /** So late that nothing is known of its time. */
    TOO_LATE;

    /** Whether the subscriber gets the packet. */
    public boolean forwarded() {
        return this == FORWARD || this == SWITCH;
    }
}
