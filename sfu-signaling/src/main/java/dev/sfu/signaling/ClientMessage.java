package dev.sfu.signaling;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.SlotPriority;
import dev.sfu.core.api.SlotWish;
import dev.sfu.core.api.TrackDeclaration;
import dev.sfu.core.api.TrackSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a browser sends over its WebSocket; {@code type} says which. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ClientMessage.Join.class, name = "join"),
    @JsonSubTypes.Type(value = ClientMessage.Offer.class, name = "offer"),
    @JsonSubTypes.Type(value = ClientMessage.Candidate.class, name = "candidate"),
    @JsonSubTypes.Type(value = ClientMessage.Mute.class, name = "mute"),
    @JsonSubTypes.Type(value = ClientMessage.Wishes.class, name = "wishes"),
    @JsonSubTypes.Type(value = ClientMessage.Page.class, name = "page"),
    @JsonSubTypes.Type(value = ClientMessage.Chat.class, name = "chat"),
    @JsonSubTypes.Type(value = ClientMessage.Leave.class, name = "leave"),
    @JsonSubTypes.Type(value = ClientMessage.Ping.class, name = "ping")
})
sealed interface ClientMessage {
    /** Most tracks one offer may declare. */
    int MAX_TRACKS = 32;

    /** Most slots or participants one message may name. */
    int MAX_SLOTS = 256;

    /** Enter a room; once per connection, before anything else. */
    record Join(String room, String name) implements ClientMessage {
        public Join {
            require(room, "room");
            require(name, "name");
        }
    }

    /** Negotiate: first offer, new tracks, more slots or an ICE restart. */
    record Offer(String sdp, @Nullable List<Track> tracks, long id) implements ClientMessage {
        public Offer {
            require(sdp, "sdp");
            tracks = tracks == null ? List.of() : List.copyOf(tracks);
            if (tracks.size() > MAX_TRACKS) {
                throw bad("tracks: " + tracks.size() + " (expected: at most " + MAX_TRACKS + ")");
            }
        }

        List<TrackDeclaration> declarations() {
            return tracks == null ? List.of() : tracks.stream().map(Track::declaration).toList();
        }
    }

    /** What one sending m-section of an offer carries. */
    record Track(String mid, TrackSource source, boolean muted) {
        public Track {
            require(mid, "tracks.mid");
            require(source, "tracks.source");
        }

        TrackDeclaration declaration() {
            return new TrackDeclaration(mid, source, muted);
        }
    }

    /** One of the browser's ICE candidates; null or empty means there are no more. */
    record Candidate(@Nullable String candidate, @Nullable String sdpMid, @Nullable String usernameFragment)
            implements ClientMessage {}

    /** A published track is muted or live again. */
    record Mute(String mid, boolean muted) implements ClientMessage {
        public Mute {
            require(mid, "mid");
        }
    }

    /** What the client wants in its video slots. */
    record Wishes(List<Wish> slots) implements ClientMessage {
        public Wishes {
            require(slots, "slots");
            slots = List.copyOf(slots);
            if (slots.size() > MAX_SLOTS) {
                throw bad("slots: " + slots.size() + " (expected: at most " + MAX_SLOTS + ")");
            }
        }

        List<SlotWish> wishes() {
            return slots.stream().map(Wish::wish).toList();
        }
    }

    /** What the client wants in one video slot; what is absent is not limited. */
    record Wish(
            String mid,
            boolean paused,
            int width,
            int height,
            int maxFramesPerSecond,
            @Nullable Integer maxLayer,
            @Nullable SlotPriority priority) {
        public Wish {
            require(mid, "slots.mid");
        }

        SlotWish wish() {
            return new SlotWish(
                    mid,
                    paused,
                    width,
                    height,
                    maxFramesPerSecond,
                    maxLayer == null ? SlotWish.ALL_LAYERS : maxLayer,
                    priority == null ? SlotPriority.NORMAL : priority);
        }
    }

    /** Whose video is to be shown, the most important first; absent for everybody's, as far as there are slots. */
    record Page(@Nullable List<String> participantIds) implements ClientMessage {
        public Page {
            if (participantIds != null) {
                participantIds = List.copyOf(participantIds);
                if (participantIds.size() > MAX_SLOTS) {
                    throw bad("participantIds: " + participantIds.size() + " (expected: at most " + MAX_SLOTS + ")");
                }
            }
        }
    }

    /** Text for everybody in the room. */
    record Chat(String text) implements ClientMessage {
        public Chat {
            require(text, "text");
        }
    }

    /** Goodbye. */
    record Leave() implements ClientMessage {}

    /** Answered by a pong; browsers cannot send WebSocket pings. */
    record Ping() implements ClientMessage {}

    private static void require(@Nullable Object value, String name) {
        if (value == null) {
            throw bad(name + ": missing");
        }
    }

    private static EngineException bad(String message) {
        return new EngineException(ErrorCode.BAD_REQUEST, message);
    }
}
