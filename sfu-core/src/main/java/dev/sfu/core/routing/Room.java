package dev.sfu.core.routing;

import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.ParticipantInfo;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.RoomInfo;
import dev.sfu.core.api.TrackSource;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The participants and published tracks that may be forwarded to each other, as one shard holds them.
 *
 * <p>A small room is on one shard. A large one has a part, which is such an object, on each of several shards. A part holds
 * the participants of its shard and knows those of the others ({@link RemotePart}), so that here everybody sees everybody.
 * What happens in a part it tells the others ({@link RoomMessage}); media goes from part to part through a {@link
 * ShardPipe} for each track that is watched there.
 */
public final class Room {
    private final String name;
    private final IntSupplier trackNumbers;
    private final Runnable deadlineChanged;
    private final @Nullable ForwardQueue forwardQueue;
    private final Map<String, Participant> participants = new LinkedHashMap<>();
    private final Map<RoomPeer, RemotePart> parts = new LinkedHashMap<>();
    /** Everybody whom others are told of, on all shards, in the order of joining. */
    private final TreeMap<Long, Member> members = new TreeMap<>();
    /** What is published, on all shards, in the order in which the publishers joined. */
    private final List<TrackGroup> groups = new ArrayList<>();
    private final Speakers speakers = new Speakers(this);
    private final RoomTimers timers = new RoomTimers(this::onDeadlineChanged);

    private int viewers;
    private boolean closed;

    /**
     * A room, or a part of one, with nobody in it.
     *
     * @param trackNumbers gives every track of the room, in whatever part, another number
     * @param deadlineChanged run when {@link #nextDeadlineNanos} has changed
     * @param forwardQueue where packets of video gather; null has every one forwarded at once
     */
    public Room(
            String name, IntSupplier trackNumbers, Runnable deadlineChanged, @Nullable ForwardQueue forwardQueue) {
        this.name = name;
        this.trackNumbers = trackNumbers;
        this.deadlineChanged = deadlineChanged;
        this.forwardQueue = forwardQueue;
    }

    @Nullable ForwardQueue forwardQueue() {
        return forwardQueue;
    }

    /** Its name, unique in the engine. */
    public String name() {
        return name;
    }

    /** Participants and viewers on this shard. */
    public int size() {
        return participants.size();
    }

    /** Everybody on this shard, in the order of joining. */
    public List<Participant> participants() {
        return List.copyOf(participants.values());
    }

    /** The participant on this shard with this id, or null. */
    public @Nullable Participant participant(String id) {
        return participants.get(id);
    }

    /** Tracks published on this shard. */
    public int trackCount() {
        int count = 0;
        for (Participant participant : participants.values()) {
            count += participant.published().size();
        }
        return count;
    }

    /** Slots on this shard that play something. */
    public int subscriptionCount() {
        int count = 0;
        for (Participant participant : participants.values()) {
            count += participant.subscriptionCount();
        }
        return count;
    }

    /** Pipes from this shard to others. */
    public int pipeCount() {
        int count = 0;
        for (RemotePart part : parts.values()) {
            count += part.pipes();
        }
        return count;
    }

    /** The whole room as {@code viewpoint} sees it; with null, as an operator does. */
    public RoomInfo info(@Nullable Participant viewpoint) {
        List<ParticipantInfo> list = new ArrayList<>();
        for (Member member : members.values()) {
            if (member != viewpoint) {
                list.add(member.info());
            }
        }
        int allViewers = viewers;
        for (RemotePart part : parts.values()) {
            allViewers += part.viewers();
        }
        return new RoomInfo(name, list, allViewers);
    }

    /** Who is on this shard. */
    public RoomMessage.Present present() {
        List<RoomMessage.Joined> here = new ArrayList<>();
        for (Participant participant : participants.values()) {
            if (participant.visible()) {
                here.add(new RoomMessage.Joined(participant.joinNumber(), participant.info()));
            }
        }
        return new RoomMessage.Present(here, viewers);
    }

    // ---- time -------------------------------------------------------------------------------------------------------

    /** When {@link #onDeadline} is to be called, or {@link Deadlines#NEVER}. */
    public long nextDeadlineNanos() {
        return closed
                ? Deadlines.NEVER
                : Math.min(speakers.nextDeadlineNanos(), timers.nextDeadlineNanos());
    }

    /** The deadline has come. */
    public void onDeadline(long nowNanos) {
        if (nowNanos >= speakers.nextDeadlineNanos()) {
            speakers.onDeadline(nowNanos);
        }
        timers.onDeadline(nowNanos);
        onDeadlineChanged();
    }

    /** The deadlines of what is in the room. */
    RoomTimers timers() {
        return timers;
    }

    void onDeadlineChanged() {
        deadlineChanged.run();
    }

    // ---- participants of this shard ---------------------------------------------------------------------------------

    /** Lets a participant in and tells the others. */
    public void add(Participant participant) {
        participants.put(participant.id(), participant);
        if (participant.visible()) {
            members.put(participant.joinNumber(), participant);
            ParticipantInfo info = participant.info();
            broadcast(new RoomMessage.Joined(participant.joinNumber(), info));
            tellOthers(participant, new RoomEvent.ParticipantJoined(info));
        } else {
            viewers++;
            broadcast(new RoomMessage.Viewers(viewers));
        }
    }

    /** Takes a participant out with all it publishes and plays, and tells the others; does nothing the second time. */
    public void remove(Participant participant, ErrorCode code, String reason, long nowNanos) {
        if (participants.remove(participant.id()) == null) {
            return;
        }
        List<PublishedTrack> tracks = participant.published();
        close(participant, code, reason, nowNanos);
        if (participant.visible()) {
            members.remove(participant.joinNumber());
        } else {
            viewers--;
        }
        if (!tracks.isEmpty()) {
            updateSlots(nowNanos);
        }
        if (participant.visible()) {
            broadcast(new RoomMessage.Left(participant.id(), reason));
            tellOthers(participant, new RoomEvent.ParticipantLeft(participant.id(), reason));
        } else {
            broadcast(new RoomMessage.Viewers(viewers));
        }
    }

    /**
     * Ends everybody of this shard at once. They are still to be removed, but nobody is told of that any more and no slot
     * is filled again: a crowd that leaves one by one costs the square of its number.
     */
    public void endAll(ErrorCode code, String reason, long nowNanos) {
        for (Participant participant : participants.values()) {
            close(participant, code, reason, nowNanos);
        }
    }

    private void close(Participant participant, ErrorCode code, String reason, long nowNanos) {
        for (PublishedTrack track : participant.published()) {
            forget(track, nowNanos);
        }
        participant.close(code, reason, nowNanos);
    }

    /** Sends a chat line to everybody. */
    public void chat(Participant from, String text, long epochMillis) {
        RoomEvent.ChatMessage message = new RoomEvent.ChatMessage(from.id(), from.name(), text, epochMillis);
        broadcast(new RoomMessage.Chat(message));
        tellAll(message);
    }

    String nextTrackId() {
        return "t" + trackNumbers.getAsInt();
    }

    void onTrackPublished(PublishedTrack track) {
        addTrack(track);
        broadcast(new RoomMessage.Published(track.info()));
        tellOthers(track.publisher(), new RoomEvent.TrackPublished(track.info()));
    }

    void onTrackUnpublished(PublishedTrack track, long nowNanos) {
        forget(track, nowNanos);
        broadcast(new RoomMessage.Unpublished(track.id()));
        tellOthers(
                track.publisher(),
                new RoomEvent.TrackUnpublished(track.id(), track.publisher().id()));
    }

    private void forget(PublishedTrack track, long nowNanos) {
        for (RemotePart part : parts.values()) {
            part.closePipe(track.id(), nowNanos);
        }
        removeTrack(track, nowNanos);
    }

    void onTrackMuted(PublishedTrack track, long nowNanos) {
        broadcast(new RoomMessage.Muted(track.id(), track.muted()));
        tellOthers(
                track.publisher(),
                new RoomEvent.TrackMuted(track.id(), track.publisher().id(), track.muted()));
        afterMuted(track, nowNanos);
    }

    /** What {@code viewpoint} may receive: everybody else's tracks, oldest participant first. */
    List<TrackGroup> groupsFor(Participant viewpoint) {
        List<TrackGroup> others = new ArrayList<>(groups.size());
        for (TrackGroup group : groups) {
            if (group.publisher() != viewpoint) {
                others.add(group);
            }
        }
        return others;
    }

    /** What {@code publisher} publishes has changed: everybody else's slots are assigned anew. */
    void updateOthersSlots(Participant publisher, long nowNanos) {
        broadcast(new RoomMessage.Settled(publisher.id()));
        for (Participant participant : participants.values()) {
            if (participant != publisher) {
                participant.updateSlots(nowNanos);
            }
        }
    }

    private void tellOthers(Member about, RoomEvent event) {
        for (Participant participant : participants.values()) {
            if (participant != about) {
                participant.tell(event);
            }
        }
    }

    // ---- the room's parts on other shards ---------------------------------------------------------------------------

    /** Makes this part, which is new and empty, known to one that was there before. */
    public void greet(RoomPeer other) {
        parts.put(other, new RemotePart(this, other, false));
        other.send(new RoomMessage.Hello());
    }

    /** Whether all that were greeted have answered, so that this part knows the whole room. */
    public boolean complete() {
        for (RemotePart part : parts.values()) {
            if (!part.known()) {
                return false;
            }
        }
        return true;
    }

    /** A message of another part has come. */
    public void onMessage(RoomPeer from, RoomMessage message, long nowNanos) {
        if (message instanceof RoomMessage.Hello) {
            if (closed) {
                from.send(new RoomMessage.Farewell());
            } else {
                parts.put(from, new RemotePart(this, from, true));
                from.send(present());
                from.send(speakers.speaking());
            }
            return;
        }
        RemotePart part = parts.get(from);
        if (part == null) {
            return;
        }
        if (message instanceof RoomMessage.Farewell) {
            // Closed before it is forgotten, because that still closes pipes.
            part.close(nowNanos);
            parts.remove(from);
        } else {
            part.onMessage(message, nowNanos);
        }
    }

    /** This part, which is empty, is no more. Who greets it from now on gets a farewell. */
    public void close(long nowNanos) {
        closed = true;
        broadcast(new RoomMessage.Farewell());
        for (RemotePart part : parts.values()) {
            part.close(nowNanos);
        }
        parts.clear();
        onDeadlineChanged();
    }

    void broadcast(RoomMessage message) {
        for (RemotePart part : parts.values()) {
            part.peer().send(message);
        }
    }

    // ---- for RemotePart ---------------------------------------------------------------------------------------------

    void addMember(Member member) {
        members.put(member.joinNumber(), member);
    }

    void removeMember(Member member) {
        members.remove(member.joinNumber());
    }

    void addTrack(PublishedTrack track) {
        groupFor(track).add(track);
        if (track.source() == TrackSource.MICROPHONE) {
            track.setSpeaker(speakers.add(track, track.publisher() instanceof Participant));
        }
    }

    private TrackGroup groupFor(PublishedTrack track) {
        for (TrackGroup group : groups) {
            if (group.takes(track)) {
                return group;
            }
        }
        TrackGroup added = new TrackGroup(track.publisher(), TrackGroup.ofScreen(track));
        int place = groups.size();
        while (place > 0 && groups.get(place - 1).publisher().joinNumber() > track.publisher().joinNumber()) {
            place--;
        }
        groups.add(place, added);
        return added;
    }

    void removeTrack(PublishedTrack track, long nowNanos) {
        for (TrackGroup group : groups) {
            group.remove(track);
        }
        groups.removeIf(group -> group.tracks().isEmpty());
        Speaker speaker = track.speaker();
        if (speaker != null) {
            speakers.remove(speaker, nowNanos);
        }
    }

    /** A track published on this shard, or null. */
    @Nullable PublishedTrack ownTrack(String id) {
        for (TrackGroup group : groups) {
            for (PublishedTrack track : group.tracks()) {
                if (track.id().equals(id)) {
                    return track.publisher() instanceof Participant ? track : null;
                }
            }
        }
        return null;
    }

    // ---- speakers ---------------------------------------------------------------------------------------------------

    /** Who speaks, and who leads. */
    Speakers speakers() {
        return speakers;
    }

    /** Whether the participant who has been in the room longest is on this shard. */
    boolean hasLongestPresent() {
        return members.isEmpty() || members.firstEntry().getValue() instanceof Participant;
    }

    /** Who speaks or who leads may have changed. */
    void onSpeakers(long nowNanos) {
        List<TrackGroup> sounding = new ArrayList<>();
        for (TrackGroup group : groups) {
            if (group.sounds()) {
                sounding.add(group);
            }
        }
        for (Participant participant : participants.values()) {
            participant.onSpeakers(sounding, nowNanos);
        }
    }

    /** Who is in want of slots may get others now. */
    void afterMuted(PublishedTrack track, long nowNanos) {
        if (track.kind() == MediaKind.VIDEO) {
            for (Participant participant : participants.values()) {
                participant.onVideoMuted(nowNanos);
            }
        }
    }

    void updateSlots(long nowNanos) {
        for (Participant participant : participants.values()) {
            participant.updateSlots(nowNanos);
        }
    }

    void tellAll(RoomEvent event) {
        for (Participant participant : participants.values()) {
            participant.tell(event);
        }
    }
}
