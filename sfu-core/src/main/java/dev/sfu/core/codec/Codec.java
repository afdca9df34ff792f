package dev.sfu.core.codec;

import dev.sfu.core.api.MediaKind;
import org.jspecify.annotations.Nullable;

/** The payload formats that are negotiated. */
public enum Codec {
    /** RFC 7587. The clock is 48 kHz and the format says two channels whatever is sent. */
    OPUS("opus", MediaKind.AUDIO, 48_000, 2),
    /** Redundant audio (RFC 2198), in browsers around Opus. */
    RED("red", MediaKind.AUDIO, 48_000, 2),
    /** RFC 3551 section 4.5.14. */
    PCMU("PCMU", MediaKind.AUDIO, 8_000, 1),
    /** RFC 3551 section 4.5.14. */
    PCMA("PCMA", MediaKind.AUDIO, 8_000, 1),
    /** RFC 4733. Browsers offer it at 48 kHz too: the clock rate here is only the usual one. */
    TELEPHONE_EVENT("telephone-event", MediaKind.AUDIO, 8_000, 1),
    /** RFC 7741. */
    VP8("VP8", MediaKind.VIDEO, 90_000, 1),
    /** RFC 9628. */
    VP9("VP9", MediaKind.VIDEO, 90_000, 1),
    /** RFC 6184. */
    H264("H264", MediaKind.VIDEO, 90_000, 1),
    /** The AV1 RTP specification. */
    AV1("AV1", MediaKind.VIDEO, 90_000, 1),
    /** Retransmission (RFC 4588) of a video codec. */
    RTX("rtx", MediaKind.VIDEO, 90_000, 1);

    private static final Codec[] VALUES = values();

    private final String encodingName;
    private final MediaKind kind;
    private final int clockRateHz;
    private final int channels;

    Codec(String encodingName, MediaKind kind, int clockRateHz, int channels) {
        this.encodingName = encodingName;
        this.kind = kind;
        this.clockRateHz = clockRateHz;
        this.channels = channels;
    }

    /**
     * The codec that {@code a=rtpmap} names in an m-section of this kind, or null if it is not supported.
     *
     * @param encodingName compared without regard to case (RFC 4855 section 3)
     */
    public static @Nullable Codec of(MediaKind kind, String encodingName) {
        for (Codec codec : VALUES) {
            if (codec.kind == kind && codec.encodingName.equalsIgnoreCase(encodingName)) {
                return codec;
            }
        }
        return null;
    }

    /** The encoding name in {@code a=rtpmap}, as browsers write it. */
    public String encodingName() {
        return encodingName;
    }

    /** Audio or video. */
    public MediaKind kind() {
        return kind;
    }

    /** RTP clock rate in ticks per second. */
    public int clockRateHz() {
        return clockRateHz;
    }

    /** Channels in {@code a=rtpmap}; 1 is not written. */
    public int channels() {
        return channels;
    }

    /** Whether packets of this format repeat those of another instead of being a codec themselves. */
    public boolean isRepair() {
        return this == RTX;
    }
}
