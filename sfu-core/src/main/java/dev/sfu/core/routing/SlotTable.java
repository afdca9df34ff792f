package dev.sfu.core.routing;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.TrackSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides which track plays in which slot of one participant.
 *
 * <p>Tracks come in groups: a publisher's microphone and camera are one, its screen and the screen's sound another. The
 * k-th audio and the k-th video slot are a pair and share a stream in the browser, so a group plays in one pair and lips
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

    private final Map<Group, Integer> pairs = new LinkedHashMap<>();

    /** The pair index of a group, or null when it has none. */
    @Nullable Integer pairOf(Group group) {
        return pairs.get(group);
    }

    /**
     * Gives every group that lacks one a place, as far as there are any, and takes the places of groups that are gone.
     *
     * @param tracks everything the participant should get
     * @param audioSlots audio slots there are
     * @param videoSlots video slots there are
     */
    void assign(List<PublishedTrack> tracks, int audioSlots, int videoSlots) {
        Map<Group, Boolean> wanted = wantedGroups(tracks);
        pairs.keySet().removeIf(group -> !wanted.containsKey(group));
        // A group that began with sound alone and now has a picture may sit where there is no video slot.
        pairs.entrySet().removeIf(place -> wanted.getOrDefault(place.getKey(), false) && place.getValue() >= videoSlots);
        for (Map.Entry<Group, Boolean> entry : wanted.entrySet()) {
            if (pairs.containsKey(entry.getKey())) {
                continue;
            }
            // Without a video slot to be had, a group is at least heard.
            int audioPlace = firstOf(free(videoSlots, audioSlots), free(0, audioSlots));
            int place = entry.getValue() ? firstOf(free(0, videoSlots), audioPlace) : audioPlace;
            if (place >= 0) {
                pairs.put(entry.getKey(), place);
            }
        }
    }

    /** What all groups together need. */
    static Need need(List<PublishedTrack> tracks) {
        Map<Group, Boolean> wanted = wantedGroups(tracks);
        int video = (int) wanted.values().stream().filter(hasVideo -> hasVideo).count();
        return new Need(wanted.size(), video);
    }

    private static Map<Group, Boolean> wantedGroups(List<PublishedTrack> tracks) {
        Map<Group, Boolean> wanted = new LinkedHashMap<>();
        for (PublishedTrack track : tracks) {
            wanted.merge(Group.of(track), track.kind() == MediaKind.VIDEO, Boolean::logicalOr);
        }
        return wanted;
    }

    private int free(int from, int to) {
        for (int i = from; i < to; i++) {
            if (!pairs.containsValue(i)) {
                return i;
            }
        }
        return -1;
    }

    private static int firstOf(int preferred, int otherwise) {
        return preferred >= 0 ? preferred : otherwise;
    }

    /** Groups that have a place. */
    List<Group> placed() {
        return new ArrayList<>(pairs.keySet());
    }
}
