package dev.sfu.core.routing;

import dev.sfu.core.api.MediaKind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which group of tracks plays in which slots of one participant.
 *
 * <p>The audio and the video slot of one number are a pair and share a stream in the browser. Who is shown is heard in the
 * same pair, so that lips and voice stay together. Who is not shown is heard in an audio slot that has no video partner, or
 * in that of a pair that does not need it. When there are more to be heard than slots, a slot goes from somebody silent, the one
 * longest silent first, to somebody who begins to speak; who speaks is cut for nobody but the dominant speaker.
 *
 * <p>Nobody moves without need: who has a slot stays there while it is wanted. Pure decision; the caller makes the
 * subscriptions.
 */
final class SlotTable {
    /** So many audio slots are asked for beyond those of the pairs: more than four at once nobody understands. */
    static final int AUDIO_ONLY_SLOTS = 4;

    /** How many slots of each kind would be enough. */
    record Need(int audio, int video) {}

    private final Map<TrackGroup, Integer> seen = new LinkedHashMap<>();
    private Map<TrackGroup, Integer> heard = new HashMap<>();
    private boolean someUnseen;
    private boolean someUnheard;

    /** The number of the video slot of a group, or null when it is not shown. */
    @Nullable Integer seenAt(TrackGroup group) {
        return seen.get(group);
    }

    /** The number of the audio slot of a group, or null when it is not heard. */
    @Nullable Integer heardAt(TrackGroup group) {
        return heard.get(group);
    }

    /** Whether somebody is wanted for whom there is no video slot. */
    boolean someUnseen() {
        return someUnseen;
    }

    /** Whether there are more to be heard than audio slots. */
    boolean someUnheard() {
        return someUnheard;
    }

    /**
     * Decides anew.
     *
     * @param groups all that there is to hear
     * @param wanted all that is wanted to be seen, the most important first
     * @param dominant who leads the conversation
     * @param audioSlots numbers of the audio slots there are
     * @param videoSlots numbers of the video slots there are
     */
    void assign(
            List<TrackGroup> groups,
            List<TrackGroup> wanted,
            @Nullable Speaker dominant,
            BitSet audioSlots,
            BitSet videoSlots) {
        assignVideo(wanted.subList(0, Math.min(wanted.size(), videoSlots.cardinality())), audioSlots, videoSlots);
        someUnseen = wanted.size() > seen.size();
        assignAudio(groups, dominant, audioSlots, videoSlots);
    }

    // ---- video ------------------------------------------------------------------------------------------------------

    private void assignVideo(List<TrackGroup> shown, BitSet audioSlots, BitSet videoSlots) {
        Set<TrackGroup> stay = new HashSet<>(shown);
        seen.entrySet().removeIf(entry -> !stay.contains(entry.getKey()) || !videoSlots.get(entry.getValue()));
        BitSet free = (BitSet) videoSlots.clone();
        seen.values().forEach(free::clear);
        for (TrackGroup group : shown) {
            if (!seen.containsKey(group)) {
                int place = videoPlace(group, free, audioSlots);
                free.clear(place);
                seen.put(group, place);
            }
        }
    }

    /** Of the free video slots that where sound fits best: whose audio slot is its own or free, or that has none if it has none. */
    private int videoPlace(TrackGroup group, BitSet free, BitSet audioSlots) {
        Integer present = heard.get(group);
        if (present != null && free.get(present)) {
            return present;
        }
        BitSet best = (BitSet) free.clone();
        if (group.has(MediaKind.AUDIO)) {
            best.and(audioSlots);
        } else {
            best.andNot(audioSlots);
        }
        BitSet quiet = (BitSet) best.clone();
        heard.values().forEach(quiet::clear);
        return firstOf(quiet, best, free);
    }

    // ---- audio ------------------------------------------------------------------------------------------------------

    private void assignAudio(
            List<TrackGroup> groups, @Nullable Speaker dominant, BitSet audioSlots, BitSet videoSlots) {
        List<TrackGroup> chosen = new ArrayList<>();
        for (TrackGroup group : groups) {
            if (group.has(MediaKind.AUDIO)) {
                chosen.add(group);
            }
        }
        BitSet pairs = new BitSet();
        seen.forEach((group, place) -> {
            if (group.has(MediaKind.AUDIO) && audioSlots.get(place)) {
                pairs.set(place);
            }
        });
        someUnheard = chosen.size() > audioSlots.cardinality();
        if (someUnheard) {
            chosen.sort(Comparator.<TrackGroup>comparingInt(group -> rank(group, dominant, audioSlots, pairs))
                    .thenComparing(TrackGroup::lastSpokeNanos, Comparator.reverseOrder())
                    .thenComparing(TrackGroup::loudness, Comparator.reverseOrder()));
            chosen = chosen.subList(0, audioSlots.cardinality());
        }
        place(chosen, audioSlots, videoSlots, pairs);
    }

    /** Who comes first for an audio slot. */
    private int rank(TrackGroup group, @Nullable Speaker dominant, BitSet audioSlots, BitSet pairs) {
        Integer present = heard.get(group);
        Integer shown = seen.get(group);
        boolean inPair = shown != null && audioSlots.get(shown);
        boolean holds = present != null && audioSlots.get(present) && !pairs.get(present);
        if (group.muted(MediaKind.AUDIO)) {
            return holds || inPair ? 8 : 9;
        }
        if (group.sounds()) {
            boolean leads = dominant != null && group.speaker() == dominant;
            return leads ? 0 : (present != null ? 1 : 3) + (inPair ? 0 : 1);
        }
        return inPair ? 5 : holds ? 6 : 7;
    }

    private void place(List<TrackGroup> chosen, BitSet audioSlots, BitSet videoSlots, BitSet pairs) {
        Map<TrackGroup, Integer> next = new HashMap<>();
        BitSet free = (BitSet) audioSlots.clone();
        for (TrackGroup group : chosen) {
            Integer shown = seen.get(group);
            if (shown != null && audioSlots.get(shown)) {
                next.put(group, shown);
                free.clear(shown);
            }
        }
        for (TrackGroup group : chosen) {
            Integer present = heard.get(group);
            if (!next.containsKey(group) && present != null && free.get(present)) {
                next.put(group, present);
                free.clear(present);
            }
        }
        for (TrackGroup group : chosen) {
            if (!next.containsKey(group)) {
                BitSet audioOnly = (BitSet) free.clone();
                audioOnly.andNot(videoSlots);
                BitSet unneeded = (BitSet) free.clone();
                unneeded.andNot(pairs);
                int place = firstOf(audioOnly, unneeded, free);
                next.put(group, place);
                free.clear(place);
            }
        }
        heard = next;
    }

    // ---- need -------------------------------------------------------------------------------------------------------

    /**
     * How many slots would be enough to show what is wanted, at most {@code mostVideo}, and to hear the rest, the loudest if
     * these are many.
     */
    static Need need(List<TrackGroup> groups, List<TrackGroup> wanted, int mostVideo) {
        int video = Math.min(wanted.size(), mostVideo);
        Set<TrackGroup> shown = new HashSet<>(wanted.subList(0, video));
        int others = 0;
        for (TrackGroup group : groups) {
            others += group.has(MediaKind.AUDIO) && !shown.contains(group) ? 1 : 0;
        }
        return new Need(video + Math.min(AUDIO_ONLY_SLOTS, others), video);
    }

    /** The lowest number of the first set that has any. */
    private static int firstOf(BitSet first, BitSet second, BitSet third) {
        BitSet from = !first.isEmpty() ? first : !second.isEmpty() ? second : third;
        return from.nextSetBit(0);
    }
}
