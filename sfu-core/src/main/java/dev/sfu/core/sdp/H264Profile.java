package dev.sfu.core.sdp;

import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * H.264's {@code profile-level-id}: three bytes in hex, profile_idc, the constraint flags, level_idc (RFC 6184 §8.1).
 * Several byte pairs name one profile, so profiles are compared by what the flags mean (RFC 6184 table 5).
 */
record H264Profile(Profile profile, int levelRank, String text) {
    /** What RFC 6184 §8.1 infers when the parameter is missing: baseline, level 1. */
    private static final String INFERRED = "42000a";

    /** The profiles browsers and encoders offer. */
    enum Profile {
        CONSTRAINED_BASELINE, BASELINE, EXTENDED, MAIN, HIGH, CONSTRAINED_HIGH
    }

    /** The profile and level of a codec's parameters, or null when they make no sense or are of another profile. */
    static @Nullable H264Profile of(FormatParameters fmtp) {
        String given = fmtp.get("profile-level-id");
        String text = given == null ? INFERRED : given.toLowerCase(Locale.ROOT);
        if (text.length() != 6 || !text.chars().allMatch(HexFormat::isHexDigit)) {
            return null;
        }
        int value = HexFormat.fromHexDigits(text);
        int flags = value >> 8 & 0xff;
        Profile profile = profile(value >> 16, flags);
        if (profile == null) {
            return null;
        }
        int level = value & 0xff;
        // Level 1b lies between 1 and 1.1; below the high profiles it is written as 1.1 with constraint flag 3.
        boolean high = profile == Profile.HIGH || profile == Profile.CONSTRAINED_HIGH;
        boolean oneB = high ? level == 9 : level == 11 && (flags & 0x10) != 0;
        return new H264Profile(profile, oneB ? 21 : level * 2, text);
    }

    private static @Nullable Profile profile(int idc, int flags) {
        return switch (idc) {
            case 0x42 -> (flags & 0x4f) == 0x40 ? Profile.CONSTRAINED_BASELINE
                    : (flags & 0x4f) == 0 ? Profile.BASELINE : null;
            case 0x4d -> (flags & 0x8f) == 0x80 ? Profile.CONSTRAINED_BASELINE
                    : (flags & 0xaf) == 0 ? Profile.MAIN : null;
            case 0x58 -> (flags & 0xcf) == 0xc0 ? Profile.CONSTRAINED_BASELINE
                    : (flags & 0xcf) == 0x80 ? Profile.BASELINE
                    : (flags & 0xcf) == 0 ? Profile.EXTENDED : null;
            case 0x64 -> flags == 0 ? Profile.HIGH : flags == 0x0c ? Profile.CONSTRAINED_HIGH : null;
            default -> null;
        };
    }

    /** 0 or 1 when the parameter is missing (RFC 6184 §8.1: 0), its text otherwise. */
    static String packetizationMode(FormatParameters fmtp) {
        String mode = fmtp.get("packetization-mode");
        return mode == null ? "0" : mode;
    }
}
