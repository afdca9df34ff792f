package dev.sfu.core.sdp;

import java.util.ArrayList;
import java.util.List;

/**
 * What a forwarder supports: every codec it can find key frames and layers of, which is not a matter of decoders. The
 * payload types are the ones to offer; answers take the offerer's.
 */
public final class SupportedCodecs {
    private static final int FIRST_UPPER = 96;
    private static final int LAST_UPPER = 127;
    /** Upwards from here when 96..127 are used up: 64..95 would look like RTCP under rtcp-mux (RFC 5761 §4). */
    private static final int FIRST_LOWER = 35;

    private static final List<String> VIDEO_FEEDBACK =
            List.of("goog-remb", "transport-cc", RtpCodec.CONGESTION_CONTROL_FEEDBACK, "ccm fir", "nack", "nack pli", "rrtr");
    private static final List<String> AUDIO_FEEDBACK = List.of("transport-cc", RtpCodec.CONGESTION_CONTROL_FEEDBACK, "nack", "rrtr");

    private static final List<RtpCodec> AUDIO = List.of(
            codec(111, "opus", 48000, 2, "minptime=10;useinbandfec=1", AUDIO_FEEDBACK),
            codec(63, "red", 48000, 2, "111/111", AUDIO_FEEDBACK),
            codec(0, "PCMU", 8000, 1, "", AUDIO_FEEDBACK),
            codec(8, "PCMA", 8000, 1, "", AUDIO_FEEDBACK),
            codec(110, "telephone-event", 48000, 1, "0-16", List.of()),
            codec(126, "telephone-event", 8000, 1, "0-16", List.of()));

    private static final List<RtpCodec> VIDEO = video(List.of(
            video("VP8", ""),
            video("VP9", "profile-id=0"),
            video("AV1", "level-idx=15;profile=0;tier=0"),
            h264(1, "42e034"),
            h264(0, "42e034"),
            h264(1, "420034"),
            h264(0, "420034"),
            h264(1, "4d0034"),
            h264(0, "4d0034"),
            h264(1, "640034"),
            h264(0, "640034"),
            h264(1, "640c34"),
            h264(0, "640c34"),
            video("VP9", "profile-id=2")));

    private SupportedCodecs() {}

    /** Opus and its RED, G.711, telephone-event; most preferred first. */
    public static List<RtpCodec> audio() {
        return AUDIO;
    }

    /** VP8, VP9, AV1, H.264 (all profiles browsers know, level 5.2), each followed by its retransmission. */
    public static List<RtpCodec> video() {
        return VIDEO;
    }

    private static RtpCodec codec(
            int payloadType, String name, int clockRate, int channels, String fmtp, List<String> feedback) {
        return new RtpCodec(payloadType, name, clockRate, channels, new FormatParameters(fmtp), feedback);
    }

    private static RtpCodec video(String name, String fmtp) {
        return codec(0, name, 90000, 1, fmtp, VIDEO_FEEDBACK);
    }

    private static RtpCodec h264(int packetizationMode, String profileLevelId) {
        return video("H264", "level-asymmetry-allowed=1;packetization-mode=" + packetizationMode
                + ";profile-level-id=" + profileLevelId);
    }

    private static List<RtpCodec> video(List<RtpCodec> primaries) {
        List<RtpCodec> numbered = new ArrayList<>();
        int next = FIRST_UPPER;
        for (RtpCodec primary : primaries) {
            if (next + 1 > LAST_UPPER) {
                next = FIRST_LOWER;
            }
            numbered.add(primary.withPayloadType(next));
            numbered.add(codec(next + 1, "rtx", 90000, 1, "apt=" + next, List.of()));
            next += 2;
        }
        return List.copyOf(numbered);
    }
}
