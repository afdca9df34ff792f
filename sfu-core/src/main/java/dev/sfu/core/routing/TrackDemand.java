package dev.sfu.core.routing;

import dev.sfu.core.api.EncodingDemand;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.peerconnection.IncomingStream;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Which encodings of one of a participant's own video tracks anybody has a use for, on whatever shard: what the publisher is
 * told, so that he does not send the others.
 *
 * <p>Wanted is what the subscribers would be given if the network were no limit, and all encodings below that, because the
 * network may be one. What becomes wanted is told at once, what is wanted no longer after some seconds. An encoding whose
 * place among the others is not known, because it has never come, is wanted while anything is.
 */
final class TrackDemand extends RoomTimer {
    /** Nothing is wanted. */
    static final int NONE = -1;
    /** All encodings are wanted, known or not. */
    static final int ALL = Integer.MAX_VALUE;

    private static final long UNUSED_NANOS = 5 * Deadlines.SECOND;
    /** Until the last encoding goes. Whoever comes then has to wait for the publisher. */
    private static final long ALL_UNUSED_NANOS = 15 * Deadlines.SECOND;

    private final PublishedTrack track;
    private final TrackLayers layers;
    private final RoomTimers timers;
    /** Number of the highest stream wanted, by who wants it. */
    private final Map<Object, Integer> highest = new HashMap<>();
    /** By rid: since when it is not wanted, or never. */
    private final Map<String, Long> unusedNanos = new LinkedHashMap<>();
    private List<EncodingDemand> told = List.of();

    TrackDemand(PublishedTrack track, TrackLayers layers, RoomTimers timers) {
        this.track = track;
        this.layers = layers;
        this.timers = timers;
    }

    /** What the subscribers here want may have changed, or what there is to want. */
    void onChanged(long nowNanos) {
        timers.set(this, nowNanos);
    }

    @Override
    void onDeadline(long nowNanos) {
        int here = track.highestWanted();
        RemoteTrack origin = track.origin();
        if (origin != null) {
            origin.tellWanted(here);
            return;
        }
        set(this, here);
        List<EncodingDemand> news = decide(nowNanos);
        if (!news.isEmpty() && track.publisher() instanceof Participant publisher) {
            publisher.tell(new RoomEvent.EncodingsWanted(track.mid(), news));
        }
        timers.set(this, nextDeadlineNanos(nowNanos));
    }

    /** The track has ended. */
    void close() {
        timers.set(this, Deadlines.NEVER);
    }

    /**
     * Says what a part of the room wants.
     *
     * @param part the part, or this object for the one that has the track
     * @param stream {@link IncomingStream#number} of the highest encoding, or {@link #NONE} or {@link #ALL}
     */
    void set(Object part, int stream) {
        if (stream == NONE) {
            highest.remove(part);
        } else {
            highest.put(part, stream);
        }
    }

    /**
     * Works out what the publisher should send.
     *
     * @return what to tell him, or an empty list when he knows
     */
    private List<EncodingDemand> decide(long nowNanos) {
        List<String> ordered = new ArrayList<>();
        for (IncomingStream stream : layers.ordered()) {
            ordered.add(nameOf(stream));
        }
        int top = top();
        boolean any = !highest.isEmpty();
        List<String> names = new ArrayList<>(new TreeSet<>(track.rids()));
        if (names.isEmpty()) {
            names.add("");
        }
        List<EncodingDemand> demands = new ArrayList<>();
        for (String name : names) {
            int place = ordered.indexOf(name);
            demands.add(new EncodingDemand(name, keep(name, any && place <= top, any, nowNanos)));
        }
        unusedNanos.keySet().retainAll(names);
        boolean news = !demands.equals(told)
                && (!told.isEmpty() || demands.stream().anyMatch(demand -> !demand.wanted()));
        if (news) {
            told = List.copyOf(demands);
        }
        return news ? told : List.of();
    }

    /** The highest place wanted. */
    private int top() {
        List<IncomingStream> streams = layers.ordered();
        int top = NONE;
        for (int wanted : highest.values()) {
            int place = streams.size();
            for (int i = 0; i < streams.size(); i++) {
                if (streams.get(i).number() == wanted) {
                    place = i;
                }
            }
            top = Math.max(top, place);
        }
        return top;
    }

    private static String nameOf(IncomingStream stream) {
        String rid = stream.rid();
        return rid == null ? "" : rid;
    }

    private boolean keep(String name, boolean used, boolean anyUsed, long nowNanos) {
        if (used) {
            unusedNanos.put(name, Deadlines.NEVER);
            return true;
        }
        long since = Math.min(unusedNanos.getOrDefault(name, Deadlines.NEVER), nowNanos);
        unusedNanos.put(name, since);
        return nowNanos - since < (anyUsed ? UNUSED_NANOS : ALL_UNUSED_NANOS);
    }

    /** When {@link #decide} may come to something else although nothing has changed. */
    private long nextDeadlineNanos(long nowNanos) {
        long next = Deadlines.NEVER;
        for (long since : unusedNanos.values()) {
            if (since != Deadlines.NEVER) {
                long due = since + (highest.isEmpty() ? ALL_UNUSED_NANOS : UNUSED_NANOS);
                next = due > nowNanos ? Math.min(next, due) : next;
            }
        }
        return next;
    }
}
