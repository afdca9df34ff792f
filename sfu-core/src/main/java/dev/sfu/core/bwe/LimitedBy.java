package dev.sfu.core.bwe;

/** What keeps an estimate from being higher. */
public enum LimitedBy {
    /** Nothing is known yet: the start rate. */
    START,
    /** The delay: the path is full, or the estimate still rises. */
    DELAY,
    /** Losses. */
    LOSS,
    /** What the receiver says in REMB. */
    REMB,
    /** The last probe: it got through no faster, or asked for no more. */
    PROBE,
    /** So little is sent that nothing can be learnt of the path. */
    APPLICATION,
    /** Feedback has stopped or comes seconds late. */
    ROUND_TRIP_TIME,
    /** The configured maximum. */
    MAXIMUM
}
