package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.PublishLimits;
import dev.sfu.core.sdp.FormatParameters;
import dev.sfu.core.sdp.MediaSection;
import dev.sfu.core.sdp.RtpCodec;
import dev.sfu.core.time.Deadlines;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps a peer to its limits by telling it: {@code b=TIAS} in answers for a track (RFC 3890, RFC 9429 section 5.8), REMB for
 * all of them together. Transport-wide feedback, by which browsers estimate the path, has no way to say so; they take the lower of
 * estimate and REMB. What comes beyond all the same is only counted.
 */
final class PublishLimiter {
    /** What an audio track without a limit may add to what the video tracks may send; Opus as browsers set it takes less. */
    private static final int AUDIO_ALLOWANCE_BPS = 128_000;
    private static final int OPUS_LEAST_BPS = 6_000;
    private static final int OPUS_MOST_BPS = 510_000;
    /** Encoders keep to a rate on average only. */
    private static final double TOLERANCE = 1.15;

    private final PublishLimits limits;
    private long bytesBeyondLimit;
    private long lastTickNanos = Long.MIN_VALUE;

    PublishLimiter(PublishLimits limits) {
        this.limits = limits;
    }

    /** The {@code b=} lines for a section that the peer sends in. TIAS alone, because Firefox knows no other. */
    static List<MediaSection.Bandwidth> bandwidths(PublishLimits limits, MediaKind kind) {
        int bps = limits.maxTrackBps(kind);
        return bps == 0 ? List.of() : List.of(new MediaSection.Bandwidth("TIAS", bps));
    }

    /**
     * The codecs of a section that the peer sends in: browsers take the limit of a voice from Opus alone (RFC 7587 section
     * 6.1), whatever {@code b=} says.
     */
    static List<RtpCodec> limited(PublishLimits limits, MediaKind kind, List<RtpCodec> codecs) {
        if (kind != MediaKind.AUDIO || limits.maxAudioBps() == 0) {
            return codecs;
        }
        int bps = Math.clamp(limits.maxAudioBps(), OPUS_LEAST_BPS, OPUS_MOST_BPS);
        return codecs.stream().map(codec -> codec.is("opus") ? withMaximum(codec, bps) : codec).toList();
    }

    private static RtpCodec withMaximum(RtpCodec opus, int bps) {
        Map<String, String> parameters = new LinkedHashMap<>(opus.fmtp().toMap());
        parameters.put("maxaveragebitrate", Integer.toString(bps));
        return opus.withFmtp(FormatParameters.of(parameters));
    }

    /** Bytes that came beyond the limits. */
    long bytesBeyondLimit() {
        return bytesBeyondLimit;
    }

    /** Looks at what came since the last time; gives what the peer should be told to send at most, or 0 for nothing. */
    long onTick(List<RtpTransceiver> transceivers, long nowNanos) {
        if (limits.equals(PublishLimits.NONE)) {
            return 0;
        }
        long nanos = lastTickNanos == Long.MIN_VALUE ? Deadlines.SECOND : nowNanos - lastTickNanos;
        lastTickNanos = nowNanos;
        long total = 0;
        long beyond = 0;
        long allowedBps = 0;
        boolean video = false;
        boolean understood = false;
        for (RtpTransceiver transceiver : transceivers) {
            RtpReceiver receiver = transceiver.receiver();
            long bytes = receiver.takeBytes();
            total += bytes;
            beyond += beyond(bytes, limits.maxTrackBps(receiver.kind()), nanos);
            if (!receiver.streams().isEmpty() && transceiver.currentDirection().receives()) {
                allowedBps += allowedBps(receiver.kind());
                video |= receiver.kind() == MediaKind.VIDEO;
                understood |= receiver.payloadTypes().anyFeedback("goog-remb");
            }
        }
        bytesBeyondLimit += Math.max(beyond, beyond(total, limits.maxParticipantBps(), nanos));
        return understood ? maximumBps(video ? allowedBps : 0) : 0;
    }

    /**
     * The participant's limit, or what the limits of tracks that flow come to when that is less: Firefox applies
     * {@code b=TIAS} to each simulcast encoding by itself. Sound alone gets no such limit, so that video may start after it.
     */
    private long maximumBps(long allowedBps) {
        long tracks = limits.maxVideoBps() == 0 || allowedBps == 0 ? Long.MAX_VALUE : allowedBps;
        long participant = limits.maxParticipantBps() == 0 ? Long.MAX_VALUE : limits.maxParticipantBps();
        long maximum = Math.min(tracks, participant);
        return maximum == Long.MAX_VALUE ? 0 : maximum;
    }

    private long allowedBps(MediaKind kind) {
        int limit = limits.maxTrackBps(kind);
        return kind == MediaKind.AUDIO && limit == 0 ? AUDIO_ALLOWANCE_BPS : limit;
    }

    private static long beyond(long bytes, int limitBps, long nanos) {
        double allowed = TOLERANCE * limitBps / 8 * nanos / Deadlines.SECOND;
        return limitBps == 0 ? 0 : Math.max(0, bytes - (long) allowed);
    }
}
