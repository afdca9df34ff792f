package dev.sfu.core.routing;

import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.ParticipantInfo;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.RoomInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The participants and published tracks that may be forwarded to each other. */
public final class Room {
    private final String name;
    private final Map<String, Participant> participants = new LinkedHashMap<>();
    private int nextTrackNumber = 1;

    /** An empty room. */
    public Room(String name) {
        this.name = name;
    }

    /** Its name, unique in the engine. */
    public String name() {
        return name;
    }

    /** Participants and viewers. */
    public int size() {
        return participants.size();
    }

    /** Everybody in it, in the order of joining. */
    public List<Participant> participants() {
        return List.copyOf(participants.values());
    }

    /** The participant with this id, or null. */
    public @Nullable Participant participant(String id) {
        return participants.get(id);
    }

    /** Tracks published in it. */
    public int trackCount() {
        int count = 0;
        for (Participant participant : participants.values()) {
            count += participant.published().size();
        }
        return count;
    }

    /** Slots that play something. */
    public int subscriptionCount() {
        int count = 0;
        for (Participant participant : participants.values()) {
            count += participant.subscriptionCount();
        }
        return count;
    }

    /** The room as {@code viewpoint} sees it; with null, as an operator does. */
    public RoomInfo info(@Nullable Participant viewpoint) {
        List<ParticipantInfo> list = new ArrayList<>();
        int viewers = 0;
        for (Participant participant : participants.values()) {
            if (participant.role() == JoinRequest.Role.VIEWER) {
                viewers++;
            } else if (participant != viewpoint) {
                list.add(participant.info());
            }
        }
        return new RoomInfo(name, list, viewers);
    }

    /** Lets a participant in and tells the others. */
    public void add(Participant participant) {
        participants.put(participant.id(), participant);
        if (participant.visible()) {
            tellOthers(participant, new RoomEvent.ParticipantJoined(participant.info()));
        }
    }

    /** Takes a participant out with all it publishes and plays, and tells the others; does nothing the second time. */
    public void remove(Participant participant, ErrorCode code, String reason, long nowNanos) {
        if (participants.remove(participant.id()) == null) {
            return;
        }
        participant.close(code, reason);
        for (Participant other : participants.values()) {
            other.updateSlots(nowNanos);
        }
        if (participant.visible()) {
            tellOthers(participant, new RoomEvent.ParticipantLeft(participant.id(), reason));
        }
    }

    /** Sends a chat line to everybody. */
    public void chat(Participant from, String text, long epochMillis) {
        RoomEvent message = new RoomEvent.ChatMessage(from.id(), from.name(), text, epochMillis);
        for (Participant participant : participants.values()) {
            participant.tell(message);
        }
    }

    String nextTrackId() {
        return "t" + nextTrackNumber++;
    }

    void onTrackPublished(PublishedTrack track) {
        tellOthers(track.publisher(), new RoomEvent.TrackPublished(track.info()));
    }

    void onTrackUnpublished(PublishedTrack track) {
        tellOthers(
                track.publisher(),
                new RoomEvent.TrackUnpublished(track.id(), track.publisher().id()));
    }

    void onTrackMuted(PublishedTrack track) {
        tellOthers(
                track.publisher(),
                new RoomEvent.TrackMuted(track.id(), track.publisher().id(), track.muted()));
    }

    /** What {@code viewpoint} may receive: everybody else's tracks, oldest participant first. */
    List<PublishedTrack> tracksFor(Participant viewpoint) {
        List<PublishedTrack> tracks = new ArrayList<>();
        for (Participant participant : participants.values()) {
            if (participant != viewpoint) {
                tracks.addAll(participant.published());
            }
        }
        return tracks;
    }

    void updateOthersSlots(Participant publisher, long nowNanos) {
        for (Participant participant : participants.values()) {
            if (participant != publisher) {
                participant.updateSlots(nowNanos);
            }
        }
    }

    private void tellOthers(Participant about, RoomEvent event) {
        for (Participant participant : participants.values()) {
            if (participant != about) {
                participant.tell(event);
            }
        }
    }
}
