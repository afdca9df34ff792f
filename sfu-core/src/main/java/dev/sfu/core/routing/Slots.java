package dev.sfu.core.routing;

import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.SlotAssignment;
import dev.sfu.core.api.SlotWish;
import dev.sfu.core.peerconnection.RtpSender;
import dev.sfu.core.peerconnection.RtpTransceiver;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** One participant's slots, and what of its room plays in them. */
final class Slots {
    /** A client is asked for at most so many video slots; what finds no slot is not shown. */
    private static final int MAX_VIDEO_SLOTS = 48;

    private final Participant subscriber;
    private final Room room;
    private final IntSupplier random;
    private final List<Slot> audio = new ArrayList<>();
    private final List<Slot> video = new ArrayList<>();
    /** Those whose m-section is inactive now, by mid. */
    private final Map<String, Slot> former = new HashMap<>();
    private final SlotTable table = new SlotTable();
    private List<SlotAssignment> lastAssignments = List.of();
    private SlotTable.Need lastNeed = new SlotTable.Need(0, 0);
    private @Nullable List<String> page;
    private @Nullable Speaker lastDominant;

    /** None yet; {@code random} gives the random starting points of outgoing streams. */
    Slots(Participant subscriber, Room room, IntSupplier random) {
        this.subscriber = subscriber;
        this.room = room;
        this.random = random;
    }

    /** All of them, those for audio first. */
    List<Slot> all() {
        List<Slot> all = new ArrayList<>(audio);
        all.addAll(video);
        return all;
    }

    /** Those for video. */
    List<Slot> video() {
        return video;
    }

    /** Those that may come back. */
    int formerCount() {
        return former.size();
    }

    int subscriptionCount() {
        int count = 0;
        for (Slot slot : all()) {
            count += slot.subscription() == null ? 0 : 1;
        }
        return count;
    }

    /** An m-section may have become a slot, or is none any more. */
    void onNegotiated(RtpTransceiver transceiver, long nowNanos) {
        List<Slot> ofKind = transceiver.kind() == MediaKind.AUDIO ? audio : video;
        Slot slot = slotOf(ofKind, transceiver.mid());
        if (transceiver.sends() && slot == null) {
            RtpSender sender = transceiver.sender();
            Slot before = former.remove(transceiver.mid());
            // The stream goes on where it stopped: one SSRC must not begin anew, least of all with numbers it has had.
            RtpRewriter rewriter = before != null && before.sender() == sender
                    ? before.rewriter()
                    : new RtpRewriter(random.getAsInt(), random.getAsInt());
            Slot added = new Slot(transceiver.slotNumber(), sender, rewriter);
            sender.setListener(added);
            ofKind.add(added);
        } else if (!transceiver.sends() && slot != null) {
            bind(slot, null, nowNanos);
            ofKind.remove(slot);
            former.put(slot.mid(), slot);
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

    // ---- what plays -------------------------------------------------------------------------------------------------

    /** Assigns the room's tracks to slots anew, and tells the client when that changed anything. */
    void assign(long nowNanos) {
        List<TrackGroup> groups = room.groupsFor(subscriber);
        lastDominant = room.speakers().dominant();
        List<TrackGroup> wanted =
                Stage.wanted(groups, page, group -> table.seenAt(group) != null, lastDominant);
        table.assign(groups, wanted, lastDominant, numbersOf(audio), numbersOf(video));
        play(groups, nowNanos);
        tellAssignments();
        subscriber.allocation().decide(nowNanos);
        tellNeed(groups, wanted);
    }

    private static BitSet numbersOf(List<Slot> slots) {
        BitSet numbers = new BitSet();
        for (Slot slot : slots) {
            numbers.set(slot.number());
        }
        return numbers;
    }

    private void play(List<TrackGroup> groups, long nowNanos) {
        @Nullable PublishedTrack[] heard = new PublishedTrack[bound(audio)];
        @Nullable PublishedTrack[] seen = new PublishedTrack[bound(video)];
        for (TrackGroup group : groups) {
            Integer audioPlace = table.heardAt(group);
            if (audioPlace != null) {
                heard[audioPlace] = group.track(MediaKind.AUDIO);
            }
            Integer videoPlace = table.seenAt(group);
            if (videoPlace != null) {
                seen[videoPlace] = group.track(MediaKind.VIDEO);
            }
        }
        for (Slot slot : audio) {
            bind(slot, heard[slot.number()], nowNanos);
        }
        for (Slot slot : video) {
            bind(slot, seen[slot.number()], nowNanos);
        }
    }

    private static int bound(List<Slot> slots) {
        int bound = 0;
        for (Slot slot : slots) {
            bound = Math.max(bound, slot.number() + 1);
        }
        return bound;
    }

    private void bind(Slot slot, @Nullable PublishedTrack track, long nowNanos) {
        Subscription present = slot.subscription();
        if (present != null && present.track() == track) {
            return;
        }
        if (present != null) {
            present.track().unsubscribe(present, nowNanos);
            slot.setSubscription(null);
        }
        if (track != null) {
            Subscription subscription = new Subscription(track, slot, subscriber);
            slot.setSubscription(subscription);
            track.subscribe(subscription, nowNanos);
        }
    }

    private void tellAssignments() {
        List<SlotAssignment> assignments = new ArrayList<>();
        for (Slot slot : all()) {
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
            subscriber.tell(new RoomEvent.SlotsAssigned(assignments));
        }
    }

    private void tellNeed(List<TrackGroup> groups, List<TrackGroup> wanted) {
        if (subscriber.role() != JoinRequest.Role.PARTICIPANT
                || subscriber.connection().transceivers().isEmpty()) {
            return;
        }
        SlotTable.Need need = SlotTable.need(groups, wanted, MAX_VIDEO_SLOTS);
        SlotTable.Need asked =
                new SlotTable.Need(Math.max(need.audio(), audio.size()), Math.max(need.video(), video.size()));
        boolean lacking = asked.audio() > audio.size() || asked.video() > video.size();
        if (lacking && !asked.equals(lastNeed)) {
            lastNeed = asked;
            subscriber.tell(new RoomEvent.SlotsNeeded(asked.audio(), asked.video()));
        }
    }

    // ---- what changes it --------------------------------------------------------------------------------------------

    /** Whose video is to be shown; null for everybody's. */
    void setPage(@Nullable List<String> participantIds, long nowNanos) {
        page = participantIds == null ? null : List.copyOf(participantIds);
        assign(nowNanos);
    }

    /** Somebody speaks or leads who did not: there may be something better to play. Nothing, when there is a slot for everybody. */
    void onSpeakers(List<TrackGroup> sounding, long nowNanos) {
        boolean leadChanged = lastDominant != room.speakers().dominant();
        if ((leadChanged && (table.someUnseen() || table.someUnheard())) || unheard(sounding)) {
            assign(nowNanos);
        }
    }

    private boolean unheard(List<TrackGroup> sounding) {
        if (table.someUnheard()) {
            for (TrackGroup group : sounding) {
                if (group.publisher() != subscriber && table.heardAt(group) == null) {
                    return true;
                }
            }
        }
        return false;
    }

    /** A camera was switched off or on: when there is none for everybody, that changes who gets a slot. */
    void onVideoMuted(long nowNanos) {
        if (table.someUnseen()) {
            assign(nowNanos);
        }
    }

    /**
     * Applies what the client wants in its video slots.
     *
     * @throws EngineException {@link ErrorCode#NOT_FOUND} when one names no video slot; then nothing is changed
     */
    void setWishes(List<SlotWish> wishes) {
        for (SlotWish wish : wishes) {
            if (slotOf(video, wish.mid()) == null) {
                throw new EngineException(
                        ErrorCode.NOT_FOUND, "mid: " + wish.mid() + " (expected: that of a receiving video section)");
            }
        }
        for (SlotWish wish : wishes) {
            Slot slot = slotOf(video, wish.mid());
            if (slot != null) {
                slot.setWish(wish);
            }
        }
    }

    /** What plays looks its payload types up anew; slots whose m-section another one has taken the place of are forgotten. */
    void onRenegotiated() {
        List<RtpTransceiver> present = subscriber.connection().transceivers();
        former.values().removeIf(slot -> {
            boolean gone = present.stream().noneMatch(transceiver -> transceiver.sender() == slot.sender());
            if (gone) {
                subscriber.allocation().forget(slot.mid());
            }
            return gone;
        });
        for (Slot slot : all()) {
            Subscription subscription = slot.subscription();
            if (subscription != null) {
                subscription.onRenegotiated();
            }
        }
    }

    /** Nothing plays any more. */
    void close(long nowNanos) {
        for (Slot slot : all()) {
            bind(slot, null, nowNanos);
        }
        audio.clear();
        video.clear();
    }
}
