package dev.sfu.core.routing;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.TrackSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tracks of one publisher that belong together: microphone and camera, or the screen and its sound. While there are any,
 * it is the same object.
 */
final class TrackGroup {
    private final Member publisher;
    private final boolean screen;
    private final List<PublishedTrack> tracks = new ArrayList<>(2);

    TrackGroup(Member publisher, boolean screen) {
        this.publisher = publisher;
        this.screen = screen;
    }

    static boolean ofScreen(PublishedTrack track) {
        return track.source() == TrackSource.SCREEN || track.source() == TrackSource.SCREEN_AUDIO;
    }

    Member publisher() {
        return publisher;
    }

    boolean screen() {
        return screen;
    }

    /** Whether the track belongs here. */
    boolean takes(PublishedTrack track) {
        return track.publisher() == publisher && ofScreen(track) == screen;
    }

    void add(PublishedTrack track) {
        tracks.add(track);
    }

    void remove(PublishedTrack track) {
        tracks.remove(track);
    }

    List<PublishedTrack> tracks() {
        return tracks;
    }

    /** The track of a kind, the oldest one if there are several, or null. */
    @Nullable PublishedTrack track(MediaKind kind) {
        for (PublishedTrack track : tracks) {
            if (track.kind() == kind) {
                return track;
            }
        }
        return null;
    }

    boolean has(MediaKind kind) {
        return track(kind) != null;
    }

    /** Whether nothing of this kind is to be expected until the publisher says so. */
    boolean muted(MediaKind kind) {
        PublishedTrack track = track(kind);
        return track == null || track.muted();
    }

    /** Whose speech is heard here, or null: a screen's sound is no speech. */
    @Nullable Speaker speaker() {
        PublishedTrack track = track(MediaKind.AUDIO);
        return track == null ? null : track.speaker();
    }

    /** Whether there is something to hear now. A screen that has sound is shown for it. */
    boolean sounds() {
        Speaker speaker = speaker();
        return speaker == null ? screen && !muted(MediaKind.AUDIO) : speaker.speaking();
    }

    /** When it was last known to be heard. */
    long lastSpokeNanos() {
        Speaker speaker = speaker();
        return speaker == null ? Long.MIN_VALUE : speaker.lastSpokeNanos();
    }

    /** Mean loudness of the last second, 0 to 127. */
    double loudness() {
        Speaker speaker = speaker();
        return speaker == null ? 0 : speaker.speech().loudness();
    }
}
