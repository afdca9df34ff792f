package dev.sfu.core.routing;

import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.ParticipantInfo;
import dev.sfu.core.api.ParticipantListener;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.SlotAssignment;
import dev.sfu.core.api.SlotWish;
import dev.sfu.core.api.TrackDeclaration;
import dev.sfu.core.api.TrackInfo;
import dev.sfu.core.api.TrackSource;
import dev.sfu.core.codec.Codec;
import dev.sfu.core.peerconnection.PeerConnection;
import dev.sfu.core.peerconnection.RtpReceiver;
import dev.sfu.core.peerconnection.RtpSender;
import dev.sfu.core.peerconnection.RtpTransceiver;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** A signalled member of a room: identity, role, one peer connection, what it publishes and its slots. */
public final class Participant implements Member {
    /** A client is asked for at most so many slots of a kind; what finds no slot is not shown. */
    private static final int MAX_SLOTS = 48;

    private final String id;
    private final String name;
    private final long joinNumber;
    private final JoinRequest.Role role;
    private final Room room;
    private final PeerConnection connection;
    private final ParticipantListener listener;
    private final IntSupplier random;
    private final Map<String, PublishedTrack> published = new LinkedHashMap<>();
    private final List<Slot> audioSlots = new ArrayList<>();
    private final List<Slot> videoSlots = new ArrayList<>();
    private final SlotTable slotTable = new SlotTable();
    private List<SlotAssignment> lastAssignments = List.of();
    private SlotTable.Need lastNeed = new SlotTable.Need(0, 0);
    private @Nullable List<String> page;
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
        this.random = random;
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
        int count = 0;
        for (Slot slot : slots()) {
            count += slot.subscription() == null ? 0 : 1;
        }
        return count;
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
            updateSlot(transceiver);
        }
        if (changed) {
            // Once for all, so that a microphone does not get a place that its camera then makes it leave.
            room.updateOthersSlots(this, nowNanos);
        }
        for (Slot slot : slots()) {
            Subscription subscription = slot.subscription();
            if (subscription != null) {
                subscription.onRenegotiated();
            }
        }
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
                    room.nextTrackId(), this, receiver, declaration.source(), declaration.muted());
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

    private void updateSlot(RtpTransceiver transceiver) {
        List<Slot> ofKind = transceiver.kind() == MediaKind.AUDIO ? audioSlots : videoSlots;
        Slot slot = slotOf(ofKind, transceiver.mid());
        if (transceiver.sends() && slot == null) {
            RtpSender sender = transceiver.sender();
            Slot added = new Slot(transceiver.slotNumber(), sender, new RtpRewriter(random.getAsInt(), random.getAsInt()));
            sender.setListener((roundTripNanos, now) -> {
                Subscription subscription = added.subscription();
                if (subscription != null) {
                    subscription.requestKeyframe(roundTripNanos, now);
                }
            });
            ofKind.add(added);
        } else if (!transceiver.sends() && slot != null) {
            bind(slot, null, 0);
            ofKind.remove(slot);
        }
    }

    private static @Nullable Slot slotOf(List<Slot> slots, String mid) {
        for (Slot slot : slots) {
            if (slot.mid().equals(mid)) {
                return slot;
            }
        }
        return null;
    }

    /** Assigns the room's tracks to slots anew, and tells the client when that changed anything. */
    void updateSlots(long nowNanos) {
        if (closed || role == JoinRequest.Role.PUBLISHER) {
            return;
        }
        List<PublishedTrack> tracks = wantedTracks();
        slotTable.assign(tracks, numbersOf(audioSlots), numbersOf(videoSlots));
        for (Slot slot : slots()) {
            bind(slot, trackFor(tracks, slot), nowNanos);
        }
        tellAssignments();
        tellNeed(tracks);
    }

    /** Everybody's audio, and the video that is on the page. */
    private List<PublishedTrack> wantedTracks() {
        List<PublishedTrack> tracks = room.tracksFor(this);
        List<String> shown = page;
        if (shown != null) {
            tracks.removeIf(track -> track.kind() == MediaKind.VIDEO
                    && !shown.contains(track.publisher().id()));
        }
        return tracks;
    }

    private static BitSet numbersOf(List<Slot> slots) {
        BitSet numbers = new BitSet();
        for (Slot slot : slots) {
            numbers.set(slot.number());
        }
        return numbers;
    }

    private @Nullable PublishedTrack trackFor(List<PublishedTrack> tracks, Slot slot) {
        for (PublishedTrack track : tracks) {
            Integer place = slotTable.pairOf(SlotTable.Group.of(track));
            if (track.kind() == slot.kind() && place != null && place == slot.number()) {
                return track;
            }
        }
        return null;
    }

    private void bind(Slot slot, @Nullable PublishedTrack track, long nowNanos) {
        Subscription present = slot.subscription();
        if (present != null && present.track() == track) {
            return;
        }
        if (present != null) {
            present.track().unsubscribe(present);
            slot.setSubscription(null);
        }
        if (track != null) {
            Subscription subscription = new Subscription(track, slot, this);
            slot.setSubscription(subscription);
            track.subscribe(subscription, nowNanos);
        }
    }

    private void tellAssignments() {
        List<SlotAssignment> assignments = new ArrayList<>();
        for (Slot slot : slots()) {
            Subscription subscription = slot.subscription();
            assignments.add(
                    subscription == null
                            ? new SlotAssignment(slot.mid(), null, null)
                            : new SlotAssignment(
                                    slot.mid(),
                                    subscription.track().id(),
                                    subscription.track().publisher().id()));
        }
        if (!assignments.equals(lastAssignments)) {
            lastAssignments = assignments;
            tell(new RoomEvent.SlotsAssigned(assignments));
        }
    }

    private void tellNeed(List<PublishedTrack> tracks) {
        if (role != JoinRequest.Role.PARTICIPANT || connection.transceivers().isEmpty()) {
            return;
        }
        SlotTable.Need need = SlotTable.need(tracks);
        int audio = Math.min(MAX_SLOTS, Math.max(need.audio(), audioSlots.size()));
        int video = Math.min(MAX_SLOTS, Math.max(need.video(), videoSlots.size()));
        SlotTable.Need asked = new SlotTable.Need(audio, video);
        boolean lacking = audio > audioSlots.size() || video > videoSlots.size();
        if (lacking && !asked.equals(lastNeed)) {
            lastNeed = asked;
            tell(new RoomEvent.SlotsNeeded(audio, video));
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
            room.onTrackMuted(track);
        }
        return true;
    }

    /**
     * Applies what the client wants in its video slots.
     *
     * @throws EngineException {@link ErrorCode#NOT_FOUND} when one names no video slot; then nothing is changed
     */
    public void setSlotWishes(List<SlotWish> wishes, long nowNanos) {
        for (SlotWish wish : wishes) {
            if (slotOf(videoSlots, wish.mid()) == null) {
                throw new EngineException(
                        ErrorCode.NOT_FOUND, "mid: " + wish.mid() + " (expected: that of a receiving video section)");
            }
        }
        for (SlotWish wish : wishes) {
            Slot slot = slotOf(videoSlots, wish.mid());
            if (slot != null) {
                slot.setWish(wish);
            }
        }
    }

    /** Whose video is to be shown, the most important first; null for everybody's, as far as there are slots. */
    public void setPage(@Nullable List<String> participantIds, long nowNanos) {
        page = participantIds;
        updateSlots(nowNanos);
    }

    /** Tells the client what became of its connection; once there is one, what waits for it may start. */
    public void onConnectionState(ConnectionState state, long nowNanos) {
        if (state == ConnectionState.CONNECTED) {
            for (Slot slot : slots()) {
                Subscription subscription = slot.subscription();
                if (subscription != null) {
                    subscription.track().requestStart(subscription, nowNanos);
                }
            }
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

    void close(ErrorCode code, String reason) {
        if (closed) {
            return;
        }
        for (Slot slot : slots()) {
            bind(slot, null, 0);
        }
        for (PublishedTrack track : List.copyOf(published.values())) {
            track.close();
        }
        published.clear();
        audioSlots.clear();
        videoSlots.clear();
        tell(new RoomEvent.Ended(code, reason));
        closed = true;
    }

    private List<Slot> slots() {
        List<Slot> all = new ArrayList<>(audioSlots);
        all.addAll(videoSlots);
        return all;
    }
}
