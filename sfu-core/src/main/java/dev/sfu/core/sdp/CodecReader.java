package dev.sfu.core.sdp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects the lines of a section's payload types, which come in any order (Firefox sorts them by name). */
final class CodecReader {
    private static final int FEEDBACK_LIMIT = 32;
    private static final int FMTP_LENGTH_LIMIT = 4096;

    private final Map<Integer, Lines> byPayloadType = new HashMap<>();
    private final Set<String> feedbackForAll = new LinkedHashSet<>();

    /** The lines of one payload type of the {@code m=} line. */
    private static final class Lines {
        @Nullable RtpCodec codec;
        String fmtp = "";
        final Set<String> feedback = new LinkedHashSet<>();
    }

    CodecReader(List<String> formats) throws SdpException {
        for (String format : formats) {
            int payloadType = Syntax.integer(format, 0, 127, "payload type");
            boolean leadingZero = format.length() > 1 && format.charAt(0) == '0';
            if (leadingZero || byPayloadType.put(payloadType, new Lines()) != null) {
                throw SdpException.of(format, "each payload type once");
            }
        }
    }

    /** Takes an attribute that belongs here; false for others and for payload types the section does not have. */
    boolean accept(Attribute attribute) throws SdpException {
        String name = attribute.name();
        if (!name.equals("rtpmap") && !name.equals("fmtp") && !name.equals("rtcp-fb")) {
            return false;
        }
        String value = attribute.requiredValue();
        String number = Syntax.before(value, ' ');
        String rest = Syntax.after(value, ' ');
        if (rest == null || rest.isBlank()) {
            throw SdpException.of(value, name + " of a payload type and more");
        }
        if (name.equals("rtcp-fb") && number.equals("*")) {
            feedback(feedbackForAll, rest);
            return true;
        }
        int payloadType = Syntax.integer(number, 0, 127, "payload type");
        Lines lines = byPayloadType.get(payloadType);
        if (lines == null) {
            return false;
        }
        switch (name) {
            case "rtpmap" -> {
                Syntax.once(lines.codec, "rtpmap of " + number);
                lines.codec = RtpCodec.parse(payloadType, rest.strip());
            }
            case "fmtp" -> fmtp(lines, rest.strip());
            default -> feedback(lines.feedback, rest);
        }
        return true;
    }

    private static void fmtp(Lines lines, String text) throws SdpException {
        if (lines.fmtp.length() + text.length() >= FMTP_LENGTH_LIMIT) {
            throw SdpException.of(text, "format parameters of at most " + FMTP_LENGTH_LIMIT + " characters");
        }
        // One line per format is the rule; libwebrtc accepts several and joins them.
        lines.fmtp = lines.fmtp.isEmpty() ? text : lines.fmtp + ";" + text;
    }

    private static void feedback(Set<String> into, String text) throws SdpException {
        String value = text.strip();
        if (value.length() > 64) {
            throw SdpException.of(value, "feedback of at most 64 characters");
        }
        into.add(value);
        if (into.size() > FEEDBACK_LIMIT) {
            throw SdpException.of(value, "at most " + FEEDBACK_LIMIT + " rtcp-fb lines a payload type");
        }
    }

    /** The codecs in the order of the {@code m=} line; a payload type that nothing explains is left out. */
    List<RtpCodec> finish(List<String> formats, boolean audio) {
        List<RtpCodec> codecs = new ArrayList<>();
        for (String format : formats) {
            int payloadType = RtpCodec.payloadTypeOrMinusOne(format);
            Lines lines = byPayloadType.get(payloadType);
            if (lines == null) {
                continue;
            }
            lines.feedback.addAll(feedbackForAll);
            FormatParameters fmtp = new FormatParameters(lines.fmtp);
            RtpCodec codec = lines.codec;
            if (codec != null) {
                codecs.add(codec.withFmtp(fmtp).withRtcpFeedback(List.copyOf(lines.feedback)));
            } else if (audio) {
                RtpCodec known = RtpCodec.ofStaticAudio(payloadType, fmtp, List.copyOf(lines.feedback));
                if (known != null) {
                    codecs.add(known);
                }
            }
        }
        return codecs;
    }
}
