package dev.sfu.core.routing;

import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.ParticipantInfo;
import dev.sfu.core.api.ParticipantListener;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.SlotWish;
import dev.sfu.core.api.TrackDeclaration;
import dev.sfu.core.api.TrackInfo;
import dev.sfu.core.api.TrackSource;
import dev.sfu.core.codec.Codec;
import dev.sfu.core.peerconnection.PeerConnection;
import dev.sfu.core.peerconnection.RtpReceiver;
import dev.sfu.core.peerconnection.RtpTransceiver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** A signalled member of a room: identity, role, one peer connection, what it publishes and its slots. */
public final class Participant implements Member {
    private final String id;
    private final String name;
    private final long joinNumber;
    private final JoinRequest.Role role;
    private final Room room;
    private final PeerConnection connection;
    private final ParticipantListener listener;
    private final Map<String, PublishedTrack> published = new LinkedHashMap<>();
    private final Slots slots;
    private final SlotAllocation allocation;
    private boolean speakersTold;
    private boolean closed;

    /**
     * A participant that is not yet in its room; see {@link Room#add}.
     *
     * @param joinNumber who came earlier to the room, on whatever shard, has the lower number
     * @param random gives the random starting points of outgoing streams
     */
    public Participant(
            String id,
            long joinNumber,
            JoinRequest request,
            Room room,
            PeerConnection connection,
            ParticipantListener listener,
            IntSupplier random) {
        this.id = id;
        this.joinNumber = joinNumber;
        this.name = request.name();
        this.role = request.role();
        this.room = room;
        this.connection = connection;
        this.listener = listener;
        this.slots = new Slots(this, room, random);
        this.allocation = new SlotAllocation(connection, room.timers(), slots::video, this::tell);
    }

    /** What decides how much its video slots get. */
    SlotAllocation allocation() {
        return allocation;
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

    /** What it is for. */
    public JoinRequest.Role role() {
        return role;
    }

    /** The room it is in. */
    public Room room() {
        return room;
    }

    /** Its peer connection. */
    public PeerConnection connection() {
        return connection;
    }

    /** Whether the others are told of it. */
    boolean visible() {
        return role != JoinRequest.Role.VIEWER;
    }

    @Override
    public ParticipantInfo info() {
        List<TrackInfo> tracks = new ArrayList<>();
        for (PublishedTrack track : published.values()) {
            tracks.add(track.info());
        }
        return new ParticipantInfo(id, name, tracks);
    }

    List<PublishedTrack> published() {
        return List.copyOf(published.values());
    }

    int subscriptionCount() {
        return slots.subscriptionCount();
    }

    /**
     * Brings published tracks and slots into line with what the peer connection has just negotiated.
     *
     * @param declarations what the client said of its sending m-sections
     */
    public void onNegotiated(List<TrackDeclaration> declarations, long nowNanos) {
        boolean changed = false;
        for (RtpTransceiver transceiver : connection.transceivers()) {
            changed |= updatePublished(transceiver, declarations, nowNanos);
            slots.onNegotiated(transceiver, nowNanos);
        }
        if (changed) {
            // Once for all, so that a microphone does not get a place that its camera then makes it leave.
            room.updateOthersSlots(this, nowNanos);
        }
        slots.onRenegotiated();
        updateSlots(nowNanos);
        tellSpeakers();
    }

    /** Tells once what everybody else was told before; from then on it gets the changes. */
    private void tellSpeakers() {
        RoomEvent.SpeakersChanged told = room.speakers().told();
        if (!speakersTold && told.dominantParticipantId() != null) {
            tell(told);
        }
        speakersTold = true;
    }

    private boolean updatePublished(
            RtpTransceiver transceiver, List<TrackDeclaration> declarations, long nowNanos) {
        RtpReceiver receiver = transceiver.receiver();
        PublishedTrack track = published.get(transceiver.mid());
        if (transceiver.receives() && track == null) {
            TrackDeclaration declaration = declarationOf(transceiver, declarations);
            track = new PublishedTrack(
                    room.nextTrackId(), this, receiver, declaration.source(), declaration.muted(), room);
            published.put(transceiver.mid(), track);
            receiver.setSink(track);
            room.onTrackPublished(track);
            return true;
        }
        if (!transceiver.receives() && track != null) {
            published.remove(track.mid());
            track.close();
            room.onTrackUnpublished(track, nowNanos);
            return true;
        }
        return false;
    }

    private static TrackDeclaration declarationOf(RtpTransceiver transceiver, List<TrackDeclaration> declarations) {
        for (TrackDeclaration declaration : declarations) {
            if (declaration.mid().equals(transceiver.mid())) {
                return declaration;
            }
        }
        TrackSource source =
                transceiver.kind() == MediaKind.AUDIO ? TrackSource.MICROPHONE : TrackSource.CAMERA;
        return new TrackDeclaration(transceiver.mid(), source, false);
    }

    /** Assigns the room's tracks to slots anew, and tells the client when that changed anything. */
    void updateSlots(long nowNanos) {
        if (receives()) {
            slots.assign(nowNanos);
        }
    }

    private boolean receives() {
        return !closed && role != JoinRequest.Role.PUBLISHER;
    }

    /**
     * Somebody speaks or leads who did not.
     *
     * @param sounding all that are heard now
     */
    void onSpeakers(List<TrackGroup> sounding, long nowNanos) {
        if (receives()) {
            slots.onSpeakers(sounding, nowNanos);
        }
    }

    /** Somebody else's camera was switched off or on. */
    void onVideoMuted(long nowNanos) {
        if (receives()) {
            slots.onVideoMuted(nowNanos);
        }
    }

    /** Applies the client's word that one of its tracks is muted or live; false when it has no such track. */
    public boolean setMuted(String mid, boolean muted, long nowNanos) {
        PublishedTrack track = published.get(mid);
        if (track == null) {
            return false;
        }
        if (track.muted() != muted) {
            track.setMuted(muted, nowNanos);
            room.onTrackMuted(track, nowNanos);
        }
        return true;
    }

    /**
     * Applies what the client wants in its video slots.
     *
     * @throws EngineException {@link ErrorCode#NOT_FOUND} when one names no video slot; then nothing is changed
     */
    public void setSlotWishes(List<SlotWish> wishes, long nowNanos) {
        slots.setWishes(wishes);
        allocation.decide(nowNanos);
    }

    /** Whose video is to be shown, the most important first; null for everybody's, as far as there are slots. */
    public void setPage(@Nullable List<String> participantIds, long nowNanos) {
        if (receives()) {
            slots.setPage(participantIds, nowNanos);
        }
    }

    /** Tells the client what became of its connection; once there is one, what waits for it may start. */
    public void onConnectionState(ConnectionState state, long nowNanos) {
        if (state == ConnectionState.CONNECTED) {
            allocation.onConnected(nowNanos);
        }
        tell(new RoomEvent.ConnectionStateChanged(state));
    }

    void onNoCommonCodec(PublishedTrack track, Codec codec) {
        String what = track.publisher().name().isBlank() ? "a participant" : track.publisher().name();
        tell(new RoomEvent.Notice(
                ErrorCode.NO_COMMON_CODEC,
                "The " + track.source().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ') + " of " + what
                        + " is sent as " + codec + ", which this client did not offer to receive."));
    }

    void tell(RoomEvent event) {
        if (!closed) {
            listener.onEvent(event);
        }
    }

    void close(ErrorCode code, String reason, long nowNanos) {
        if (closed) {
            return;
        }
        allocation.close();
        slots.close(nowNanos);
        for (PublishedTrack track : List.copyOf(published.values())) {
            track.close();
        }
        published.clear();
        tell(new RoomEvent.Ended(code, reason));
        closed = true;
    }
}
