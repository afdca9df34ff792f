package dev.sfu.core.shard;

import dev.sfu.core.api.ParticipantListener;
import dev.sfu.core.api.RoomEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a listener that throws, such as one whose event loop is gone, from harming the rest of the room. */
final class GuardedListener implements ParticipantListener {
    private static final Logger log = LoggerFactory.getLogger(GuardedListener.class);

    private final ParticipantListener listener;
    private boolean failed;

    GuardedListener(ParticipantListener listener) {
        this.listener = listener;
    }

    @Override
    public void onEvent(RoomEvent event) {
        try {
            listener.onEvent(event);
        } catch (RuntimeException e) {
            // Once: what fails here fails for every event that follows.
            if (!failed) {
                failed = true;
                log.warn("a participant's listener failed, its events are lost from here on: {}", e.toString());
            }
        }
    }
}
