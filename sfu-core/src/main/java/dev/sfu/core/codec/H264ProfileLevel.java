package dev.sfu.core.codec;

import org.jspecify.annotations.Nullable;

/**
 * What {@code profile-level-id} of H.264 means (RFC 6184 section 8.1): several combinations of profile_idc and
 * constraint flags name the same profile, so the text must not be compared.
 *
 * @param profile the profile, constraints included
 * @param levelIdc ten times the level, or {@link #LEVEL_1B}
 */
public record H264ProfileLevel(Profile profile, int levelIdc) {
    /** Level 1b, which lies between levels 1 and 1.1. */
    public static final int LEVEL_1B = 9;
    /** What holds when {@code a=fmtp} has no {@code profile-level-id}: Baseline, level 1. */
    public static final H264ProfileLevel ABSENT = new H264ProfileLevel(Profile.BASELINE, 10);

    private static final int CONSTRAINT_SET3 = 0x10;
    private static final String LEVELS = " 9 10 11 12 13 20 21 22 30 31 32 40 41 42 50 51 52 60 61 62 ";

    /** A set of coding tools (RFC 6184 table 5, and Constrained High of H.264 annex A.2.4.2). */
    public enum Profile {
        CONSTRAINED_BASELINE(0x42, 0xE0),
        BASELINE(0x42, 0x00),
        MAIN(0x4D, 0x00),
        EXTENDED(0x58, 0x00),
        CONSTRAINED_HIGH(0x64, 0x0C),
        HIGH(0x64, 0x00),
        HIGH_10(0x6E, 0x00),
        HIGH_422(0x7A, 0x00),
        HIGH_444_PREDICTIVE(0xF4, 0x00),
        HIGH_10_INTRA(0x6E, 0x10),
        HIGH_422_INTRA(0x7A, 0x10),
        HIGH_444_INTRA(0xF4, 0x10),
        CAVLC_444_INTRA(0x2C, 0x10);

        private final int idc;
        private final int constraints;

        Profile(int idc, int constraints) {
            this.idc = idc;
            this.constraints = constraints;
        }

        /** Whether a decoder of this profile decodes every stream of the other. Only what browsers use is known. */
        public boolean decodes(Profile stream) {
            return this == stream || switch (stream) {
                case CONSTRAINED_BASELINE -> this == BASELINE || this == MAIN || this == EXTENDED
                        || this == CONSTRAINED_HIGH || this == HIGH;
                case BASELINE -> this == EXTENDED;
                case MAIN, CONSTRAINED_HIGH -> this == HIGH;
                default -> false;
            };
        }
    }

    /**
     * Reads six hexadecimal digits.
     *
     * @return null if they are none, or name no known profile or level
     */
    public static @Nullable H264ProfileLevel parse(String profileLevelId) {
        if (profileLevelId.length() != 6) {
            return null;
        }
        int bits = 0;
        for (int i = 0; i < 6; i++) {
            char c = profileLevelId.charAt(i);
            int digit = c < 0x80 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                return null;
            }
            bits = (bits << 4) | digit;
        }
        int constraints = (bits >>> 8) & 0xFF;
        Profile profile = profile(bits >>> 16, constraints);
        if (profile == null) {
            return null;
        }
        int level = bits & 0xFF;
        if (level == 11 && (constraints & CONSTRAINT_SET3) != 0 && marksLevel1b(profile)) {
            level = LEVEL_1B;
        }
        return LEVELS.contains(" " + level + " ") ? new H264ProfileLevel(profile, level) : null;
    }

    /** The profile of table 5, whose x bits are those missing from each mask. */
    private static @Nullable Profile profile(int idc, int constraints) {
        return switch (idc) {
            case 0x42 -> (constraints & 0x4F) == 0x40 ? Profile.CONSTRAINED_BASELINE
                    : (constraints & 0x4F) == 0x00 ? Profile.BASELINE : null;
            case 0x4D -> (constraints & 0x8F) == 0x80 ? Profile.CONSTRAINED_BASELINE
                    : (constraints & 0xAF) == 0x00 ? Profile.MAIN : null;
            case 0x58 -> switch (constraints & 0xCF) {
                case 0xC0 -> Profile.CONSTRAINED_BASELINE;
                case 0x80 -> Profile.BASELINE;
                case 0x00 -> Profile.EXTENDED;
                default -> null;
            };
            case 0x64 -> exactly(constraints, Profile.HIGH, Profile.CONSTRAINED_HIGH);
            case 0x6E -> exactly(constraints, Profile.HIGH_10, Profile.HIGH_10_INTRA);
            case 0x7A -> exactly(constraints, Profile.HIGH_422, Profile.HIGH_422_INTRA);
            case 0xF4 -> exactly(constraints, Profile.HIGH_444_PREDICTIVE, Profile.HIGH_444_INTRA);
            case 0x2C -> exactly(constraints, Profile.CAVLC_444_INTRA, Profile.CAVLC_444_INTRA);
            default -> null;
        };
    }

    private static @Nullable Profile exactly(int constraints, Profile first, Profile second) {
        return constraints == first.constraints ? first : constraints == second.constraints ? second : null;
    }

    /** Where level 1b is written as 1.1 with constraint_set3 (H.264 annex A.3.1); elsewhere it is level_idc 9. */
    private static boolean marksLevel1b(Profile profile) {
        return profile.idc == 0x42 || profile.idc == 0x4D || profile.idc == 0x58;
    }

    /** Whether two payload types are the same format as far as profiles go; levels may differ (RFC 6184 8.2.2). */
    public boolean sameProfile(H264ProfileLevel other) {
        return profile == other.profile;
    }

    /** Negative, zero or positive as this level is lower than, equal to or higher than the other. */
    public int compareLevel(H264ProfileLevel other) {
        return Integer.compare(levelOrder(), other.levelOrder());
    }

    /** This profile with the lower of two levels: the answer where levels may not differ by direction. */
    public H264ProfileLevel withLowerLevel(H264ProfileLevel other) {
        return compareLevel(other) <= 0 ? this : new H264ProfileLevel(profile, other.levelIdc);
    }

    private int levelOrder() {
        return levelIdc == LEVEL_1B ? 21 : 2 * levelIdc;
    }

    /** The usual six hexadecimal digits of this profile and level, in lower case. */
    public String profileLevelId() {
        int constraints = profile.constraints;
        int level = levelIdc;
        if (level == LEVEL_1B && marksLevel1b(profile)) {
            constraints |= CONSTRAINT_SET3;
            level = 11;
        }
        return String.format("%02x%02x%02x", profile.idc, constraints, level);
    }
}
