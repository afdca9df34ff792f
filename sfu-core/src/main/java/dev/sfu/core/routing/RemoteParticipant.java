package dev.sfu.core.routing;

import dev.sfu.core.api.ParticipantInfo;
import dev.sfu.core.api.TrackInfo;
import java.util.ArrayList;
import java.util.List;

/** A participant on another shard, as the room's part there tells of it. */
final class RemoteParticipant implements Member {
    private final String id;
    private final String name;
    private final long joinNumber;
    private final List<PublishedTrack> tracks = new ArrayList<>();

    RemoteParticipant(String id, String name, long joinNumber) {
        this.id = id;
        this.name = name;
        this.joinNumber = joinNumber;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long joinNumber() {
        return joinNumber;
    }

    @Override
    public ParticipantInfo info() {
        List<TrackInfo> infos = new ArrayList<>();
        for (PublishedTrack track : tracks) {
            infos.add(track.info());
        }
        return new ParticipantInfo(id, name, infos);
    }

    /** What it publishes. */
    List<PublishedTrack> tracks() {
        return tracks;
    }
}
