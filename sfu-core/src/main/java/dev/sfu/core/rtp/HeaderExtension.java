package dev.sfu.core.rtp;

import dev.sfu.core.api.MediaKind;
import org.jspecify.annotations.Nullable;

/** The RTP header extensions that are negotiated, and what forwarding does with each. */
public enum HeaderExtension {
    /** Which m-section a packet belongs to (RFC 9143 section 15). */
    MID("urn:ietf:params:rtp-hdrext:sdes:mid", null, Forwarding.REWRITTEN),
    /** Which simulcast encoding a packet belongs to (RFC 8852). */
    RID("urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", MediaKind.VIDEO, Forwarding.CONSUMED),
    /** Which simulcast encoding an RTX packet repairs (RFC 8852). */
    REPAIRED_RID("urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id", MediaKind.VIDEO, Forwarding.CONSUMED),
    /** Client-to-mixer audio level (RFC 6464). */
    AUDIO_LEVEL("urn:ietf:params:rtp-hdrext:ssrc-audio-level", MediaKind.AUDIO, Forwarding.COPIED),
    /** Departure time for bandwidth estimation by the receiver. */
    ABS_SEND_TIME("http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", null, Forwarding.REWRITTEN),
    /** Transport-wide sequence number for bandwidth estimation by the sender. */
    TRANSPORT_SEQUENCE("http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01", null,
            Forwarding.REWRITTEN),
    /** Rotation to apply when rendering (3GPP TS 26.114 section 7.4.5). */
    VIDEO_ORIENTATION("urn:3gpp:video-orientation", MediaKind.VIDEO, Forwarding.COPIED),
    /** Limits on the receiver's jitter buffer. */
    PLAYOUT_DELAY("http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", MediaKind.VIDEO, Forwarding.COPIED),
    /** NTP time of capture. */
    ABS_CAPTURE_TIME("http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time", null, Forwarding.COPIED),
    /** Colour space and HDR metadata. */
    COLOR_SPACE("http://www.webrtc.org/experiments/rtp-hdrext/color-space", MediaKind.VIDEO, Forwarding.COPIED),
    /** Frame dependencies of scalable streams (AV1 RTP specification, appendix A). */
    DEPENDENCY_DESCRIPTOR(
            "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
            MediaKind.VIDEO, Forwarding.COPIED),
    /** What the sender spends on each layer. */
    VIDEO_LAYERS_ALLOCATION("http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00", MediaKind.VIDEO,
            Forwarding.CONSUMED),
    /** Camera or screen. */
    VIDEO_CONTENT_TYPE("http://www.webrtc.org/experiments/rtp-hdrext/video-content-type", MediaKind.VIDEO,
            Forwarding.COPIED),
    /** Where the time of a frame went in the sender. */
    VIDEO_TIMING("http://www.webrtc.org/experiments/rtp-hdrext/video-timing", MediaKind.VIDEO, Forwarding.COPIED);

    /** What happens to an element between publisher and subscriber. */
    public enum Forwarding {
        /** The subscriber gets the publisher's bytes. */
        COPIED,
        /** The server writes its own value for each subscriber. */
        REWRITTEN,
        /** It ends at the server. */
        CONSUMED
    }

    private static final HeaderExtension[] VALUES = values();

    private final String uri;
    private final @Nullable MediaKind onlyKind;
    private final Forwarding forwarding;

    HeaderExtension(String uri, @Nullable MediaKind onlyKind, Forwarding forwarding) {
        this.uri = uri;
        this.onlyKind = onlyKind;
        this.forwarding = forwarding;
    }

    /** The extension that this URI names in {@code a=extmap}, compared exactly, or null if it is not supported. */
    public static @Nullable HeaderExtension ofUri(String uri) {
        for (HeaderExtension extension : VALUES) {
            if (extension.uri.equals(uri)) {
                return extension;
            }
        }
        return null;
    }

    static HeaderExtension ofOrdinal(int ordinal) {
        return VALUES[ordinal];
    }

    static int count() {
        return VALUES.length;
    }

    /** The URI in {@code a=extmap}. */
    public String uri() {
        return uri;
    }

    /** Whether m-sections of this kind may negotiate it. */
    public boolean appliesTo(MediaKind kind) {
        return onlyKind == null || onlyKind == kind;
    }

    /** What forwarding does with it. */
    public Forwarding forwarding() {
        return forwarding;
    }
}
