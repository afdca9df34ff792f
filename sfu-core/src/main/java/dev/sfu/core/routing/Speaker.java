package dev.sfu.core.routing;

import org.jspecify.annotations.Nullable;

/**
 * Somebody's microphone as a source of speech.
 *
 * <p>Of one on this shard every packet's level is taken; of one on another shard it is told now and then how much he
 * speaks. What is known counts as of the latest {@link #refresh} or {@link #told}, so that all decisions of a moment are made
 * from the same.
 */
final class Speaker {
    private static final long NEVER_SPOKE = Long.MIN_VALUE;

    private final String trackId;
    private final String participantId;
    private final Speakers speakers;
    /** Null on another shard. */
    private final @Nullable SpeakerActivity activity;
    private boolean muted;
    private Speech speech = Speech.SILENCE;
    private long lastSpokeNanos = NEVER_SPOKE;

    Speaker(String trackId, String participantId, Speakers speakers, @Nullable SpeakerActivity activity, boolean muted) {
        this.trackId = trackId;
        this.participantId = participantId;
        this.speakers = speakers;
        this.activity = activity;
        this.muted = muted;
    }

    String trackId() {
        return trackId;
    }

    String participantId() {
        return participantId;
    }

    boolean here() {
        return activity != null;
    }

    boolean muted() {
        return muted;
    }

    Speech speech() {
        return speech;
    }

    boolean speaking() {
        return speech.speaking();
    }

    /** When he was last known to speak; less than any other time when never. */
    long lastSpokeNanos() {
        return lastSpokeNanos;
    }

    /**
     * A packet has come, and is not muted.
     *
     * @param levelDbov as in RFC 6464; negative when the packet tells none
     */
    void onPacket(int levelDbov, long nowNanos) {
        SpeakerActivity present = activity;
        if (present == null) {
            return;
        }
        boolean assumed = levelDbov < 0 && speakers.onlyOneUnmuted();
        if (assumed) {
            present.onAssumedSpeech(nowNanos);
        } else if (levelDbov >= 0) {
            present.onLevel(levelDbov, nowNanos);
        }
        if (!speech.speaking() && (assumed || (levelDbov >= 0 && SpeakerActivity.audible(levelDbov)))) {
            speakers.onSound(present.speaking(), nowNanos);
        }
    }

    void setMuted(boolean newMuted, long nowNanos) {
        muted = newMuted;
        if (activity != null) {
            activity.silence();
        }
        speech = Speech.SILENCE;
        speakers.onMuted(nowNanos);
    }

    /** Takes over what has been heard up to now. */
    void refresh(long nowNanos) {
        if (activity != null) {
            activity.onTime(nowNanos);
            set(activity.speech(), nowNanos);
        }
    }

    /** The shard where he is tells how much he speaks. */
    void told(Speech newSpeech, long nowNanos) {
        set(newSpeech, nowNanos);
    }

    private void set(Speech newSpeech, long nowNanos) {
        speech = newSpeech;
        if (speech.speaking()) {
            lastSpokeNanos = nowNanos;
        }
    }
}
