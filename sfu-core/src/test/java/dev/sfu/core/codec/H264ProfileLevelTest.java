package dev.sfu.core.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.codec.H264ProfileLevel.Profile;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class H264ProfileLevelTest {
    private static final HexFormat HEX = HexFormat.of();

    private static H264ProfileLevel parsed(String text) {
        H264ProfileLevel value = H264ProfileLevel.parse(text);
        assertNotNull(value, text);
        return value;
    }

    @ParameterizedTest
    @CsvSource({
        "42e01f, CONSTRAINED_BASELINE, 31", "42E01F, CONSTRAINED_BASELINE, 31", "42c02a, CONSTRAINED_BASELINE, 42",
        "42400a, CONSTRAINED_BASELINE, 10", "4d801f, CONSTRAINED_BASELINE, 31", "4df01f, CONSTRAINED_BASELINE, 31",
        "58c01f, CONSTRAINED_BASELINE, 31", "58f01f, CONSTRAINED_BASELINE, 31",
        "42001f, BASELINE, 31", "42801f, BASELINE, 31", "42a01f, BASELINE, 31",
        "4da01f, CONSTRAINED_BASELINE, 31", "58801f, BASELINE, 31",
        "58b01f, BASELINE, 31",
        "4d001f, MAIN, 31", "4d401f, MAIN, 31", "4d501f, MAIN, 31", "58001f, EXTENDED, 31", "58301f, EXTENDED, 31",
        "64001f, HIGH, 31", "640034, HIGH, 52", "640c1f, CONSTRAINED_HIGH, 31",
        "6e001f, HIGH_10, 31", "6e101f, HIGH_10_INTRA, 31", "7a001f, HIGH_422, 31", "7a101f, HIGH_422_INTRA, 31",
        "f4001f, HIGH_444_PREDICTIVE, 31", "f4101f, HIGH_444_INTRA, 31", "2c101f, CAVLC_444_INTRA, 31",
        "42f00b, CONSTRAINED_BASELINE, 9", "42100b, BASELINE, 9", "4d100b, MAIN, 9", "640009, HIGH, 9",
        "42e00b, CONSTRAINED_BASELINE, 11", "42f00c, CONSTRAINED_BASELINE, 12",
    })
    void namesTheProfileOfTable5(String text, Profile profile, int levelIdc) {
        assertEquals(new H264ProfileLevel(profile, levelIdc), parsed(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "42e01", "42e01f0", "42e0zz", "-2e01f",
        "+2e01f", " 2e01f", "４2e01f", "42e100", "42e001", "42e11f", "42e81f", "4d201f", "64801f", "2c001f", "00001f",
        "ffffff", "58401f"})
    void refusesWhatNamesNoProfileOrLevel(String text) {
        assertNull(H264ProfileLevel.parse(text));
    }

    @Test
    void comparesProfilesAndNotText() {
        assertTrue(parsed("42e01f").sameProfile(parsed("42c034")));
        assertTrue(parsed("42e01f").sameProfile(parsed("4d801f")));
        assertFalse(parsed("42e01f").sameProfile(parsed("42001f")));
        assertFalse(parsed("64001f").sameProfile(parsed("640c1f")));
    }

    @Test
    void level1bLiesBetween1And11() {
        assertTrue(parsed("42f00b").compareLevel(parsed("42e00a")) > 0);
        assertTrue(parsed("42f00b").compareLevel(parsed("42e00b")) < 0);
        assertEquals(0, parsed("42f00b").compareLevel(parsed("640009")));
        assertEquals(parsed("42e01f"), parsed("42e034").withLowerLevel(parsed("64001f")));
        assertEquals(parsed("42e01f"), parsed("42e01f").withLowerLevel(parsed("640034")));
    }

    @Test
    void writesTheUsualText() {
        for (String text : new String[] {"42e01f", "42001f", "4d001f", "58001f", "64001f", "640c1f", "f4001f", "42f00b",
            "42100b", "640009", "6e101f", "2c101f"}) {
            assertEquals(text, parsed(text).profileLevelId());
        }
        assertEquals("42e01f", parsed("4d801f").profileLevelId());
        assertEquals("42000a", H264ProfileLevel.ABSENT.profileLevelId());
    }

    @Test
    void everyTextThatIsReadIsWrittenAsTheSameValue() {
        int known = 0;
        for (String idc : new String[] {"42", "4d", "58", "64", "6e", "7a", "f4", "2c"}) {
            for (int constraintsAndLevel = 0; constraintsAndLevel < 0x10000; constraintsAndLevel++) {
                H264ProfileLevel value = H264ProfileLevel.parse(idc + HEX.toHexDigits((short) constraintsAndLevel));
                if (value != null) {
                    known++;
                    assertEquals(value, H264ProfileLevel.parse(value.profileLevelId()));
                }
            }
        }
        assertTrue(known > 100, "known: " + known);
    }

    @Test
    void higherProfilesDecodeTheConstrainedOnes() {
        for (Profile profile : Profile.values()) {
            assertTrue(profile.decodes(profile));
        }
        assertTrue(Profile.HIGH.decodes(Profile.CONSTRAINED_BASELINE));
        assertTrue(Profile.HIGH.decodes(Profile.MAIN));
        assertTrue(Profile.HIGH.decodes(Profile.CONSTRAINED_HIGH));
        assertTrue(Profile.BASELINE.decodes(Profile.CONSTRAINED_BASELINE));
        assertFalse(Profile.MAIN.decodes(Profile.BASELINE), "Baseline has tools that Main lacks");
        assertFalse(Profile.CONSTRAINED_HIGH.decodes(Profile.HIGH));
        assertFalse(Profile.CONSTRAINED_BASELINE.decodes(Profile.BASELINE));
        assertSame(Profile.BASELINE, H264ProfileLevel.ABSENT.profile());
    }
}
