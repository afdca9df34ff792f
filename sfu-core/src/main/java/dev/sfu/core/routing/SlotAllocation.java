package dev.sfu.core.routing;

import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.SlotPlayback;
import dev.sfu.core.api.SlotPlayback.Playback;
import dev.sfu.core.bwe.LimitedBy;
import dev.sfu.core.layers.LayerChoice;
import dev.sfu.core.layers.LayerSelector;
import dev.sfu.core.peerconnection.PeerConnection;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Sees to it that one participant's video slots get what {@link BitrateAllocator} decides, and that it decides anew when something
 * has changed: what the network carries, what there is to choose from, what is wanted, what plays.
 *
 * <p>Who gets all there is, which most do, costs a comparison when any of that changes and nothing otherwise.
 */
final class SlotAllocation extends RoomTimer {
    /** Decisions that can wait come no closer together. */
    private static final long INTERVAL_NANOS = 100 * Deadlines.MILLISECOND;
    /** While something is lacking: prices fall without notice as long as they fall slowly. */
    private static final long LACKING_NANOS = 500 * Deadlines.MILLISECOND;
    /** A keyframe that has not come by then is asked for again, should the request have been given up. */
    private static final long KEYFRAME_NANOS = Deadlines.SECOND;

    private final PeerConnection connection;
    private final RoomTimers timers;
    private final Supplier<List<Slot>> videoSlots;
    private final Consumer<RoomEvent> events;
    private final ReservedRate reserved = new ReservedRate();
    private final Map<String, Playback> told = new HashMap<>();
    private boolean pending;
    private boolean inPacket;
    private long decidedNanos = Long.MIN_VALUE / 2;
    /** Whether every slot has all that is of use to it. */
    private boolean satisfied = true;
    /** What all video takes then. */
    private long satisfiedVideoBps;
    private long deadlineNanos = Deadlines.NEVER;
    private boolean closed;

    SlotAllocation(
            PeerConnection connection,
            RoomTimers timers,
            Supplier<List<Slot>> videoSlots,
            Consumer<RoomEvent> events) {
        this.connection = connection;
        this.timers = timers;
        this.videoSlots = videoSlots;
        this.events = events;
        connection.setBandwidthListener(this::onTargetBitrate);
    }

    private void onTargetBitrate(long targetBps, long nowNanos) {
        // Comes every second at least: what repair needs may have changed as well.
        if (!satisfied || targetBps < satisfiedVideoBps + reservedBps(targetBps, nowNanos)) {
            decideSoon(nowNanos);
        }
    }

    /** There is something else to choose from in a track that plays here, or at another price. */
    void onLayersChanged(Subscription subscription, long nowNanos) {
        if (mustChange(subscription)) {
            // At once, so that it starts with this very packet.
            inPacket = true;
            decide(nowNanos);
            inPacket = false;
        } else if (!stillSatisfied()) {
            decideSoon(nowNanos);
        }
    }

    /** Whether it plays nothing, or what will not come any more. */
    private static boolean mustChange(Subscription subscription) {
        LayerChoice given = subscription.slot().grant().choice();
        if (given == null) {
            return subscription.slot().grant().reason() == AllocationReason.NO_MEDIA;
        }
        for (LayerChoice step : subscription.ladder().steps()) {
            if (step.encoding() == given.encoding()) {
                return false;
            }
        }
        return true;
    }

    private boolean stillSatisfied() {
        if (!satisfied) {
            return false;
        }
        long sum = 0;
        for (Slot slot : videoSlots.get()) {
            Subscription subscription = slot.subscription();
            LayerChoice given = slot.grant().choice();
            if (subscription == null || given == null) {
                continue;
            }
            LayerLadder ladder = subscription.ladder();
            if (ladder.steps().isEmpty() || !ladder.steps().getLast().sameLayers(given)) {
                return false;
            }
            sum += ladder.steps().getLast().bitrateBps();
        }
        satisfiedVideoBps = sum;
        long targetBps = connection.targetBps();
        return sum + reserved.bps(targetBps) <= targetBps;
    }

    /** Something has changed that can wait a little. */
    void decideSoon(long nowNanos) {
        if (!pending && !closed) {
            pending = true;
            schedule(Math.max(nowNanos, decidedNanos + INTERVAL_NANOS));
        }
    }

    private void schedule(long atNanos) {
        if (atNanos < deadlineNanos) {
            deadlineNanos = atNanos;
            timers.set(this, atNanos);
        }
    }

    @Override
    void onDeadline(long nowNanos) {
        deadlineNanos = Deadlines.NEVER;
        decide(nowNanos);
    }

    /** Packets can leave now: what waits for a keyframe needs one from now on. */
    void onConnected(long nowNanos) {
        for (Slot slot : videoSlots.get()) {
            slot.setKeyframeAsked(Long.MIN_VALUE / 2);
        }
        decide(nowNanos);
    }

    /** Nothing is decided any more. */
    void close() {
        closed = true;
        connection.setBandwidthListener(null);
        deadlineNanos = Deadlines.NEVER;
        timers.set(this, Deadlines.NEVER);
    }

    /** Decides and acts. */
    void decide(long nowNanos) {
        if (closed) {
            return;
        }
        pending = false;
        decidedNanos = nowNanos;
        List<Slot> slots = new ArrayList<>();
        List<BitrateAllocator.Request> requests = new ArrayList<>();
        for (Slot slot : videoSlots.get()) {
            Subscription subscription = slot.subscription();
            if (subscription != null) {
                PublishedTrack track = subscription.track();
                slots.add(slot);
                requests.add(new BitrateAllocator.Request(
                        subscription.ladder(), slot.wish(), track.isScreen(), track.muted(), slot.history()));
            }
        }
        long reservedBps = reservedBps(connection.targetBps(), nowNanos);
        BitrateAllocator.Allocation allocation =
                BitrateAllocator.allocate(availableBps(requests, reservedBps), reservedBps, requests, nowNanos);
        satisfied = true;
        satisfiedVideoBps = allocation.totalBps() - reservedBps;
        long again = allocation.againNanos();
        for (int i = 0; i < slots.size(); i++) {
            BitrateAllocator.Grant grant = allocation.grants().get(i);
            satisfied &= !grant.reason().limitedByBandwidth();
            again = Math.min(again, apply(slots.get(i), requests.get(i), grant, nowNanos));
        }
        connection.setNextLayerBps(allocation.nextBps() == 0 ? allocation.totalBps() : allocation.nextBps(), nowNanos);
        tell(slots);
        if (!satisfied) {
            again = Math.min(again, nowNanos + LACKING_NANOS);
        }
        if (again != Deadlines.NEVER) {
            schedule(Math.max(again, nowNanos + INTERVAL_NANOS));
        }
    }

    private long reservedBps(long targetBps, long nowNanos) {
        reserved.update(
                connection.audioSentBps(nowNanos), connection.repairSentBps(nowNanos), targetBps, nowNanos);
        return reserved.bps(targetBps);
    }

    /**
     * Before anything is known of the network something has to be sent to get to know it: the lowest of everything, at least. For
     * a peer that never says anything it stays so.
     */
    private long availableBps(List<BitrateAllocator.Request> requests, long reservedBps) {
        long targetBps = connection.targetBps();
        if (connection.bandwidth().limitedBy() != LimitedBy.START) {
            return targetBps;
        }
        long lowest = reservedBps;
        for (BitrateAllocator.Request request : requests) {
            if (!request.muted() && !request.wish().paused() && !request.ladder().steps().isEmpty()) {
                lowest += request.ladder().steps().getFirst().bitrateBps();
            }
        }
        return Math.max(targetBps, lowest);
    }

    /** Gives when to look again whether a keyframe has come. */
    private long apply(Slot slot, BitrateAllocator.Request request, BitrateAllocator.Grant grant, long nowNanos) {
        Subscription subscription = slot.subscription();
        assert subscription != null;
        LayerChoice former = slot.grant().choice();
        slot.setGrant(grant);
        setWanted(slot, subscription, request, nowNanos);
        LayerChoice choice = grant.choice();
        if (choice == null) {
            if (grant.reason() == AllocationReason.PAUSED_BY_BANDWIDTH
                    || grant.reason() == AllocationReason.PAUSED_BY_VIEWER) {
                subscription.pause();
            } else if (!inPacket) {
                subscription.track().requestStart(subscription, nowNanos);
            }
            return Deadlines.NEVER;
        }
        target(subscription, choice, grant.reason(), request.ladder());
        if (!subscription.awaitsKeyframe()) {
            // Of a stream with spatial layers that is known only when the next picture has come.
            return former == null || !choice.sameLayers(former) ? nowNanos + INTERVAL_NANOS : Deadlines.NEVER;
        }
        if (!inPacket && nowNanos - slot.keyframeAskedNanos() >= KEYFRAME_NANOS) {
            slot.setKeyframeAsked(nowNanos);
            subscription.requestAwaitedKeyframe(nowNanos);
        }
        return nowNanos + KEYFRAME_NANOS;
    }

    private static void target(
            Subscription subscription, LayerChoice choice, AllocationReason reason, LayerLadder ladder) {
        // Layers that have just been added included.
        boolean all = reason == AllocationReason.BEST_AVAILABLE && choice.sameLayers(ladder.steps().getLast());
        subscription.setTarget(
                choice.encoding(),
                all && !ladder.onlyBase() ? LayerSelector.ALL : choice.spatial(),
                all ? LayerSelector.ALL : choice.temporal());
    }

    private static void setWanted(
            Slot slot, Subscription subscription, BitrateAllocator.Request request, long nowNanos) {
        LayerChoice best = request.ladder().wanted();
        int wanted = slot.wish().paused() ? TrackDemand.NONE : best == null ? TrackDemand.ALL : best.encoding();
        subscription.track().setWanted(subscription, wanted, nowNanos);
    }

    /** There is no slot of that m-section any more. */
    void forget(String mid) {
        told.remove(mid);
    }

    private void tell(List<Slot> slots) {
        boolean news = false;
        List<SlotPlayback> playbacks = new ArrayList<>();
        for (Slot slot : slots) {
            Playback playback = switch (slot.grant().reason()) {
                case PAUSED_BY_VIEWER -> Playback.PAUSED_BY_VIEWER;
                case PAUSED_BY_BANDWIDTH -> Playback.PAUSED_BY_BANDWIDTH;
                case BEST_AVAILABLE, WISH_SIZE, WISH_FRAME_RATE, WISH_LAYER, BANDWIDTH, MUTED, NO_MEDIA ->
                    Playback.PLAYING;
            };
            playbacks.add(new SlotPlayback(slot.mid(), playback));
            Playback former = told.put(slot.mid(), playback);
            news |= playback != (former == null ? Playback.PLAYING : former);
        }
        if (news) {
            events.accept(new RoomEvent.SlotsPlaying(playbacks));
        }
    }
}
