package dev.sfu.core.api;

/**
 * How much a publisher may send, in bits per second; 0 stands for no limit. Browsers are told and keep to it; what comes
 * beyond is forwarded and counted.
 *
 * @param maxVideoBps of one video track, all its simulcast encodings together
 * @param maxAudioBps of one audio track
 * @param maxParticipantBps of all tracks of one participant
 */
public record PublishLimits(int maxVideoBps, int maxAudioBps, int maxParticipantBps) {
    /** No limits. */
    public static final PublishLimits NONE = new PublishLimits(0, 0, 0);

    /** Checks ranges. */
    public PublishLimits {
        require(maxVideoBps, "maxVideoBps");
        require(maxAudioBps, "maxAudioBps");
        require(maxParticipantBps, "maxParticipantBps");
    }

    private static void require(int value, String name) {
        if (value < 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 0 or more)");
        }
    }

    /** The limit of one track, or 0. */
    public int maxTrackBps(MediaKind kind) {
        return kind == MediaKind.AUDIO ? maxAudioBps : maxVideoBps;
    }
}
