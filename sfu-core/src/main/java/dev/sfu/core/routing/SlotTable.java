package dev.sfu.core.routing;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.TrackSource;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides which track plays in which slot of one participant.
 *
 * <p>Tracks come in groups: a publisher's microphone and camera are one, its screen and the screen's sound another. The
 * audio and the video slot of one number are a pair and share a stream in the browser, so a group plays in one pair and lips
 * and voice stay together. A group keeps its pair as long as it lasts; a group of audio only prefers an audio slot that
 * has no video partner.
 *
 * <p>Pure decision: who gets what. The caller makes the subscriptions.
 */
final class SlotTable {
    /** Which tracks belong together. */
    record Group(String participantId, boolean screen) {
        static Group of(PublishedTrack track) {
            boolean screen = track.source() == TrackSource.SCREEN || track.source() == TrackSource.SCREEN_AUDIO;
            return new Group(track.publisher().id(), screen);
        }
    }

    /** How many slots of each kind would be enough. */
    record Need(int audio, int video) {}

    /** What a group consists of. */
    private record Wish(boolean audio, boolean video) {
        static Wish of(MediaKind kind) {
            return new Wish(kind == MediaKind.AUDIO, kind == MediaKind.VIDEO);
        }

        Wish and(Wish other) {
            return new Wish(audio || other.audio, video || other.video);
        }
    }

    private final Map<Group, Integer> pairs = new LinkedHashMap<>();

    /** The slot number of a group, or null when it has none. */
    @Nullable Integer pairOf(Group group) {
        return pairs.get(group);
    }

    /**
     * Gives every group that lacks one a place, as far as there are any, and takes the places of groups that are gone.
     *
     * @param tracks everything the participant should get
     * @param audioSlots numbers of the audio slots there are
     * @param videoSlots numbers of the video slots there are
     */
    void assign(List<PublishedTrack> tracks, BitSet audioSlots, BitSet videoSlots) {
        Map<Group, Wish> wanted = wantedGroups(tracks);
        pairs.entrySet().removeIf(entry -> {
            Wish wish = wanted.get(entry.getKey());
            int place = entry.getValue();
            return wish == null || !(audioSlots.get(place) || (wish.video() && videoSlots.get(place)));
        });
        BitSet audioOnly = (BitSet) audioSlots.clone();
        audioOnly.andNot(videoSlots);
        boolean moved = true;
        // Who moves makes room for others. Every move shows or places one group more, so this ends.
        while (moved) {
            moved = false;
            for (Map.Entry<Group, Wish> entry : wanted.entrySet()) {
                moved |= place(entry.getKey(), entry.getValue(), wanted, audioSlots, videoSlots, audioOnly);
            }
        }
    }

    private boolean place(
            Group group,
            Wish wish,
            Map<Group, Wish> wanted,
            BitSet audioSlots,
            BitSet videoSlots,
            BitSet audioOnly) {
        Integer present = pairs.get(group);
        int place = -1;
        // A group that began with sound alone and now has a picture may sit where there is no video slot.
        if (wish.video() && (present == null || !videoSlots.get(present))) {
            place = videoPlace(wish, audioSlots, videoSlots);
            if (place < 0) {
                place = vacate(wanted, videoSlots, present == null ? free(audioOnly) : present);
            }
        }
        // Without a video slot to be had, a group is at least heard.
        if (place < 0 && present == null && wish.audio()) {
            place = firstOf(free(audioOnly), free(audioSlots));
        }
        if (place >= 0) {
            pairs.put(group, place);
        }
        return place >= 0;
    }

    private int videoPlace(Wish wish, BitSet audioSlots, BitSet videoSlots) {
        BitSet preferred = (BitSet) videoSlots.clone();
        if (wish.audio()) {
            preferred.and(audioSlots);
        } else {
            preferred.andNot(audioSlots);
        }
        return firstOf(free(preferred), free(videoSlots));
    }

    /** Moves a group that lost its picture out of a video slot, if it can be heard elsewhere, and gives its place. */
    private int vacate(Map<Group, Wish> wanted, BitSet videoSlots, int elsewhere) {
        if (elsewhere < 0) {
            return -1;
        }
        for (Map.Entry<Group, Integer> entry : pairs.entrySet()) {
            Wish wish = wanted.get(entry.getKey());
            int place = entry.getValue();
            if (wish != null && !wish.video() && videoSlots.get(place)) {
                entry.setValue(elsewhere);
                return place;
            }
        }
        return -1;
    }

    /** What all groups together need. */
    static Need need(List<PublishedTrack> tracks) {
        Map<Group, Wish> wanted = wantedGroups(tracks);
        int video = (int) wanted.values().stream().filter(Wish::video).count();
        return new Need(wanted.size(), video);
    }

    private static Map<Group, Wish> wantedGroups(List<PublishedTrack> tracks) {
        Map<Group, Wish> wanted = new LinkedHashMap<>();
        for (PublishedTrack track : tracks) {
            wanted.merge(Group.of(track), Wish.of(track.kind()), Wish::and);
        }
        return wanted;
    }

    private int free(BitSet places) {
        for (int i = places.nextSetBit(0); i >= 0; i = places.nextSetBit(i + 1)) {
            if (!pairs.containsValue(i)) {
                return i;
            }
        }
        return -1;
    }

    private static int firstOf(int preferred, int otherwise) {
        return preferred >= 0 ? preferred : otherwise;
    }
}
