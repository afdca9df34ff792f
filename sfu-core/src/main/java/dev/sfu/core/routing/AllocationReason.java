package dev.sfu.core.routing;

/** Why a slot gets what it gets. */
enum AllocationReason {
    /** The best that its publisher sends. */
    BEST_AVAILABLE,
    /** A larger picture would not be larger on the viewer's screen. */
    WISH_SIZE,
    /** The viewer wants no more frames. */
    WISH_FRAME_RATE,
    /** The viewer wants no higher layer. */
    WISH_LAYER,
    /** The next better does not fit what the network carries, or has not fitted just now. */
    BANDWIDTH,
    /** Nothing: the viewer does not want it. */
    PAUSED_BY_VIEWER,
    /** Nothing: not even the lowest layer fits what the network carries. */
    PAUSED_BY_BANDWIDTH,
    /** Nothing: the publisher has muted the track. */
    MUTED,
    /** Nothing has come from the publisher yet. */
    NO_MEDIA;

    /** Whether more bandwidth would bring more. */
    boolean limitedByBandwidth() {
        return this == BANDWIDTH || this == PAUSED_BY_BANDWIDTH;
    }

    /** Whether there is nothing to be given, however much the network carries. */
    boolean idle() {
        return this == PAUSED_BY_VIEWER || this == MUTED || this == NO_MEDIA;
    }
}
