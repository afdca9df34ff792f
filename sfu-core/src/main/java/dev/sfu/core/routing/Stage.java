package dev.sfu.core.routing;

import dev.sfu.core.api.MediaKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whose video one participant is to see, the most important first: as many of them as there are slots will be shown.
 *
 * <p>Screens come first. Then those on the page in its order; without a page everybody, in the order that changes least what
 * is on the screen: who leads the conversation, who is shown already and of these who spoke last, then the others.
 * Cameras that are switched off come last. An empty page shows nothing.
 */
final class Stage {
    private static final int LEADS = 0;
    private static final int IS_SHOWN = 1;
    private static final int IS_NOT_SHOWN = 2;
    private static final int IS_OFF = 2;

    private Stage() {}

    static List<TrackGroup> wanted(
            List<TrackGroup> groups,
            @Nullable List<String> page,
            Predicate<TrackGroup> shown,
            @Nullable Speaker dominant) {
        List<TrackGroup> wanted = new ArrayList<>();
        if (page != null && page.isEmpty()) {
            return wanted;
        }
        List<TrackGroup> cameras = new ArrayList<>();
        for (TrackGroup group : groups) {
            if (group.has(MediaKind.VIDEO)) {
                (group.screen() ? wanted : cameras).add(group);
            }
        }
        // Of two screens the one that is shown stays.
        wanted.sort(Comparator.comparing(group -> !shown.test(group)));
        if (page == null) {
            cameras.sort(Comparator.<TrackGroup>comparingInt(group -> rank(group, shown, dominant))
                    .thenComparing(TrackGroup::lastSpokeNanos, Comparator.reverseOrder()));
        } else {
            cameras.removeIf(group -> !page.contains(group.publisher().id()));
            cameras.sort(Comparator.comparingInt(group -> page.indexOf(group.publisher().id())));
        }
        wanted.addAll(cameras);
        return wanted;
    }

    private static int rank(TrackGroup group, Predicate<TrackGroup> shown, @Nullable Speaker dominant) {
        boolean off = group.muted(MediaKind.VIDEO);
        if (!off && dominant != null && group.speaker() == dominant) {
            return LEADS;
        }
        return (shown.test(group) ? IS_SHOWN : IS_NOT_SHOWN) + (off ? IS_OFF : 0);
    }
}
