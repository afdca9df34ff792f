package dev.sfu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {
    private static final List<String> SERVERS = List.of("sfu", "janus");

    @Test
    void serversAreSeparatedByCommas() {
        assertEquals(List.of("sfu"), Options.parse(List.of("webinar")).choices("target", SERVERS));
        assertEquals(SERVERS, Options.parse(List.of("webinar", "--target=sfu,janus")).choices("target", SERVERS));
        assertEquals(
                List.of("sfu", "sfu"), Options.parse(List.of("webinar", "--target=sfu,sfu")).choices("target", SERVERS));
    }

    @Test
    void unknownServersAreRefusedBeforeAnythingStarts() {
        for (String value : List.of("sfu,other", "", "sfu,", " sfu")) {
            Options options = Options.parse(List.of("webinar", "--target=" + value));
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> options.choices("target", SERVERS));
            assertTrue(String.valueOf(refused.getMessage()).startsWith("--target: " + value), refused.getMessage());
        }
    }

    @Test
    void numbersHaveALeastValue() {
        Options options = Options.parse(List.of("webinar", "--repeat=0", "--peers=x"));
        assertThrows(IllegalArgumentException.class, () -> options.numberFrom("repeat", 1, 1));
        assertThrows(IllegalArgumentException.class, () -> options.numberFrom("peers", 1, 200));
        assertEquals(7, options.numberFrom("seconds", 1, 7));
        assertEquals(3, Options.parse(List.of("webinar", "--repeat=3")).numberFrom("repeat", 1, 1));
    }

    @Test
    void whatNobodyAskedForIsRefused() {
        Options options = Options.parse(List.of("webinar", "--repeat=3", "--repaet=3"));
        options.number("repeat", 1);
        assertThrows(IllegalArgumentException.class, options::requireNoneLeft);
    }
}
