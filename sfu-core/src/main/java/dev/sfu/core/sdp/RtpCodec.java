package dev.sfu.core.sdp;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One payload type of a section: its {@code rtpmap}, {@code fmtp} and {@code rtcp-fb} lines (RFC 8866 §6.6 and §6.15,
 * RFC 4585 §4.2).
 *
 * @param payloadType 0..127
 * @param name encoding name as written; compared without regard to case
 * @param clockRate RTP clock in Hz
 * @param channels 1 unless the line says otherwise
 * @param fmtp format parameters
 * @param rtcpFeedback {@code nack}, {@code nack pli}, {@code ccm fir}, {@code transport-cc}, {@code goog-remb} ...
 */
public record RtpCodec(
        int payloadType,
        String name,
        int clockRate,
        int channels,
        FormatParameters fmtp,
        List<String> rtcpFeedback) {
    /** Feedback of RFC 8888. */
    public static final String CONGESTION_CONTROL_FEEDBACK = "ack ccfb";

    /** Copies the list. */
    public RtpCodec {
        rtcpFeedback = List.copyOf(rtcpFeedback);
        if (payloadType < 0 || payloadType > 127) {
            throw new IllegalArgumentException("payloadType: " + payloadType + " (expected: 0..127)");
        }
    }

    /** Whether the encoding has this name, in any case. */
    public boolean is(String encodingName) {
        return name.equalsIgnoreCase(encodingName);
    }

    /** Whether this is RFC 4588 retransmission. */
    public boolean isRtx() {
        return is("rtx");
    }

    /** The payload type a retransmission repeats ({@code apt}, RFC 4588 §8.6), or -1. */
    public int associatedPayloadType() {
        String apt = isRtx() ? fmtp.get("apt") : null;
        return apt == null ? -1 : payloadTypeOrMinusOne(apt);
    }

    /** The same codec with other feedback. */
    public RtpCodec withRtcpFeedback(List<String> feedback) {
        return new RtpCodec(payloadType, name, clockRate, channels, fmtp, feedback);
    }

    /** The same codec with other parameters. */
    public RtpCodec withFmtp(FormatParameters parameters) {
        return new RtpCodec(payloadType, name, clockRate, channels, parameters, rtcpFeedback);
    }

    /** The same codec under another number. */
    public RtpCodec withPayloadType(int number) {
        return new RtpCodec(number, name, clockRate, channels, fmtp, rtcpFeedback);
    }

    /** The W3C {@code mimeType}: {@code video/VP8}. */
    public String mimeType(String kind) {
        return kind + "/" + name;
    }

    static int payloadTypeOrMinusOne(String text) {
        if (text.length() > 3 || !Syntax.isDigits(text)) {
            return -1;
        }
        int number = Integer.parseInt(text);
        return number > 127 ? -1 : number;
    }

    /** The codec of a static number of RFC 3551 §6 that still occurs without an rtpmap line. */
    static @Nullable RtpCodec ofStaticAudio(int payloadType, FormatParameters fmtp, List<String> feedback) {
        String name = switch (payloadType) {
            case 0 -> "PCMU";
            case 8 -> "PCMA";
            case 9 -> "G722";
            case 13 -> "CN";
            default -> null;
        };
        return name == null ? null : new RtpCodec(payloadType, name, 8000, 1, fmtp, feedback);
    }

    /** Reads {@code name/clock[/channels]}, the rest of an rtpmap line. */
    static RtpCodec parse(int payloadType, String encoding) throws SdpException {
        List<String> parts = Syntax.split(encoding, '/', 3, "parts of an encoding");
        if (parts.size() < 2) {
            throw SdpException.of(encoding, "name/clock rate");
        }
        return new RtpCodec(
                payloadType,
                Syntax.token(parts.get(0), 32, "encoding name"),
                Syntax.integer(parts.get(1), 1, 1_000_000_000, "clock rate"),
                parts.size() == 3 ? Syntax.integer(parts.get(2), 1, 255, "channels") : 1,
                FormatParameters.NONE,
                List.of());
    }

    String encoding() {
        String base = name + "/" + clockRate;
        // A lone channel goes without saying (RFC 8866 §6.6).
        return channels == 1 ? base : base + "/" + channels;
    }

    /** Name in lower case, for switches. */
    String key() {
        return name.toLowerCase(Locale.ROOT);
    }
}
