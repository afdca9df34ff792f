package dev.sfu.core.routing;

import dev.sfu.core.api.TrackInfo;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.peerconnection.CarriedPacket;
import dev.sfu.core.peerconnection.CarriedReceiver;
import dev.sfu.core.peerconnection.CarriedStream;
import java.util.List;

/**
 * A track that is published on another shard, and the end of its {@link ShardPipe} when it has subscribers here. To them
 * {@link #track} is like one that is published here.
 */
final class RemoteTrack implements PipeEnd {
    private static final int NO_STREAM = -1;

    private final String id;
    private final RoomPeer peer;
    private final CarriedReceiver carried;
    private final PublishedTrack track;
    private boolean open;
    private boolean asked;
    private int toldWanted = TrackDemand.NONE;

    RemoteTrack(RoomPeer peer, Member publisher, TrackInfo info, Room room) {
        this.id = info.id();
        this.peer = peer;
        this.carried = new CarriedReceiver(info.id(), info.kind(), this::requestKeyframe);
        this.track = new PublishedTrack(
                info.id(), publisher, carried.receiver(), info.source(), info.muted(), room, this);
        carried.receiver().setSink(track);
    }

    PublishedTrack track() {
        return track;
    }

    /** Somebody subscribes. */
    void open() {
        open = true;
        asked = false;
        toldWanted = TrackDemand.NONE;
        peer.send(new RoomMessage.OpenPipe(id, this));
    }

    /** Nobody subscribes any more; what is still under way is let go. */
    void close() {
        if (open) {
            open = false;
            peer.send(new RoomMessage.ClosePipe(id));
        }
    }

    /** The track has ended where it is published. */
    void end() {
        open = false;
        track.close();
    }

    /** Asks for a keyframe while it is not known of which stream. Where the track comes in that is known. */
    void requestKeyframe() {
        if (open && !asked) {
            asked = true;
            requestKeyframe(NO_STREAM, CarriedReceiver.STARTS);
        }
    }

    private void requestKeyframe(int stream, long roundTripNanos) {
        peer.send(new RoomMessage.KeyframeWanted(id, stream, roundTripNanos));
    }

    /** Says what is wanted here, see {@link TrackDemand#set}. */
    void tellWanted(int stream) {
        if (open && stream != toldWanted) {
            toldWanted = stream;
            peer.send(new RoomMessage.LayersWanted(id, stream));
        }
    }

    void onOpened(List<CarriedStream> streams, long nowNanos) {
        asked = false;
        carried.onStreams(streams);
        track.onStreamsKnown(nowNanos);
    }

    void onStreamStopped(int stream) {
        carried.onStreamStopped(stream);
    }

    void onStreamEnded(int stream) {
        carried.onStreamEnded(stream);
    }

    @Override
    public void onCarried(CarriedPacket packet, BufferPool pool, long nowNanos) {
        if (open) {
            carried.onCarried(packet, pool, nowNanos);
        }
    }
}
