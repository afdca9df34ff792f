package dev.sfu.core.routing;

import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.TrackInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Another shard's part of the room as it is known here: its participants and tracks, and the pipes to it.
 *
 * <p>A message about what has gone meanwhile is let go: the other side is told of that anyway, or has told it.
 */
final class RemotePart {
    private final Room room;
    private final RoomPeer peer;
    private final Map<String, RemoteParticipant> members = new LinkedHashMap<>();
    private final Map<String, RemoteTrack> tracks = new HashMap<>();
    private final Map<String, ShardPipe> pipes = new HashMap<>();
    private boolean known;
    private int viewers;

    /** A part that has said hello ({@code known}), or one that has yet to answer ours. */
    RemotePart(Room room, RoomPeer peer, boolean known) {
        this.room = room;
        this.peer = peer;
        this.known = known;
    }

    RoomPeer peer() {
        return peer;
    }

    /** Whether it has told who is there. */
    boolean known() {
        return known;
    }

    int viewers() {
        return viewers;
    }

    /** Pipes from here to there. */
    int pipes() {
        return pipes.size();
    }

    void onMessage(RoomMessage message, long nowNanos) {
        switch (message) {
            case RoomMessage.Present present -> {
                known = true;
                viewers = present.viewers();
                present.members().forEach(this::join);
                room.updateSlots(nowNanos);
            }
            case RoomMessage.Joined joined -> join(joined);
            case RoomMessage.Left left -> leave(left, nowNanos);
            case RoomMessage.Viewers count -> viewers = count.count();
            case RoomMessage.Published published -> publish(published.track(), true);
            case RoomMessage.Unpublished unpublished -> unpublish(unpublished.trackId(), nowNanos);
            case RoomMessage.Settled settled -> room.updateSlots(nowNanos);
            case RoomMessage.Muted muted -> mute(muted, nowNanos);
            case RoomMessage.Chat chat -> room.tellAll(chat.message());
            case RoomMessage.OpenPipe pipe -> openPipe(pipe, nowNanos);
            case RoomMessage.ClosePipe pipe -> closePipe(pipe.trackId(), nowNanos);
            case RoomMessage.PipeOpened opened -> {
                RemoteTrack track = tracks.get(opened.trackId());
                if (track != null) {
                    track.onOpened(opened.streams(), nowNanos);
                }
            }
            case RoomMessage.StreamEnded ended -> {
                RemoteTrack track = tracks.get(ended.trackId());
                if (track != null) {
                    track.onStreamEnded(ended.stream());
                }
            }
            case RoomMessage.StreamStopped stopped -> {
                RemoteTrack track = tracks.get(stopped.trackId());
                if (track != null) {
                    track.onStreamStopped(stopped.stream());
                }
            }
            case RoomMessage.KeyframeWanted wanted -> {
                PublishedTrack track = room.ownTrack(wanted.trackId());
                if (track != null) {
                    track.onKeyframeWanted(wanted, nowNanos);
                }
            }
            case RoomMessage.LayersWanted wanted -> {
                PublishedTrack track = room.ownTrack(wanted.trackId());
                if (track != null) {
                    track.setWanted(this, wanted.stream(), nowNanos);
                }
            }
            case RoomMessage.Speaking speaking -> room.speakers().onTold(speaking, speakers(), nowNanos);
            case RoomMessage.Hello hello -> {}
            case RoomMessage.Farewell farewell -> {}
        }
    }

    // ---- who is there -----------------------------------------------------------------------------------------------

    private void join(RoomMessage.Joined joined) {
        RemoteParticipant member = new RemoteParticipant(
                joined.participant().id(), joined.participant().name(), joined.joinNumber());
        members.put(member.id(), member);
        room.addMember(member);
        joined.participant().tracks().forEach(track -> publish(track, false));
        room.tellAll(new RoomEvent.ParticipantJoined(member.info()));
    }

    private void leave(RoomMessage.Left left, long nowNanos) {
        RemoteParticipant member = members.get(left.participantId());
        if (member != null) {
            boolean published = !member.tracks().isEmpty();
            remove(member, nowNanos);
            if (published) {
                room.updateSlots(nowNanos);
            }
            room.tellAll(new RoomEvent.ParticipantLeft(member.id(), left.reason()));
        }
    }

    private void remove(RemoteParticipant member, long nowNanos) {
        members.remove(member.id());
        for (PublishedTrack track : member.tracks()) {
            end(track.id(), nowNanos);
        }
        room.removeMember(member);
    }

    private void publish(TrackInfo info, boolean tell) {
        RemoteParticipant publisher = members.get(info.participantId());
        if (publisher == null) {
            return;
        }
        RemoteTrack remote = new RemoteTrack(peer, publisher, info, room);
        tracks.put(info.id(), remote);
        publisher.tracks().add(remote.track());
        room.addTrack(remote.track());
        if (tell) {
            room.tellAll(new RoomEvent.TrackPublished(info));
        }
    }

    private void unpublish(String trackId, long nowNanos) {
        PublishedTrack track = end(trackId, nowNanos);
        if (track != null) {
            RemoteParticipant publisher = members.get(track.publisher().id());
            if (publisher != null) {
                publisher.tracks().remove(track);
            }
            room.tellAll(new RoomEvent.TrackUnpublished(trackId, track.publisher().id()));
        }
    }

    private @Nullable PublishedTrack end(String trackId, long nowNanos) {
        RemoteTrack remote = tracks.remove(trackId);
        if (remote == null) {
            return null;
        }
        remote.end();
        room.removeTrack(remote.track(), nowNanos);
        return remote.track();
    }

    private List<Speaker> speakers() {
        List<Speaker> speakers = new ArrayList<>();
        for (RemoteTrack remote : tracks.values()) {
            Speaker speaker = remote.track().speaker();
            if (speaker != null) {
                speakers.add(speaker);
            }
        }
        return speakers;
    }

    private void mute(RoomMessage.Muted muted, long nowNanos) {
        RemoteTrack remote = tracks.get(muted.trackId());
        if (remote != null) {
            PublishedTrack track = remote.track();
            track.setMuted(muted.muted(), nowNanos);
            room.tellAll(new RoomEvent.TrackMuted(track.id(), track.publisher().id(), track.muted()));
            room.afterMuted(track, nowNanos);
        }
    }

    // ---- pipes from here to there -----------------------------------------------------------------------------------

    private void openPipe(RoomMessage.OpenPipe open, long nowNanos) {
        PublishedTrack track = room.ownTrack(open.trackId());
        if (track == null) {
            return;
        }
        closePipe(open.trackId(), nowNanos);
        ShardPipe pipe = new ShardPipe(track.id(), peer, open.end(), track.drops());
        pipes.put(track.id(), pipe);
        track.addPipe(pipe);
        peer.send(new RoomMessage.PipeOpened(track.id(), track.carriedStreams(nowNanos)));
    }

    /** Does nothing when there is none. */
    void closePipe(String trackId, long nowNanos) {
        ShardPipe pipe = pipes.remove(trackId);
        PublishedTrack track = room.ownTrack(trackId);
        if (pipe != null && track != null) {
            track.removePipe(pipe);
            track.setWanted(this, TrackDemand.NONE, nowNanos);
        }
    }

    /** The part is no more, and everything of it is gone. */
    void close(long nowNanos) {
        for (String trackId : List.copyOf(pipes.keySet())) {
            closePipe(trackId, nowNanos);
        }
        for (RemoteParticipant member : List.copyOf(members.values())) {
            remove(member, nowNanos);
            room.tellAll(new RoomEvent.ParticipantLeft(member.id(), ""));
        }
        room.updateSlots(nowNanos);
    }
}
