package dev.sfu.core.routing;

import dev.sfu.core.api.ParticipantInfo;

/** Somebody in the room whom the others are told of, here or on another shard. */
sealed interface Member permits Participant, RemoteParticipant {
    /** Unique in the engine. */
    String id();

    /** The display name. */
    String name();

    /** Who came earlier to the room, on whatever shard, has the lower number. */
    long joinNumber();

    /** As others see it. */
    ParticipantInfo info();
}
