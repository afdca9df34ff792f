package dev.sfu.core.api;

/** Receives what happens in a participant's room. */
@FunctionalInterface
public interface ParticipantListener {
    /** Called on an engine thread, in order; must hand over and return at once. */
    void onEvent(RoomEvent event);
}
