package dev.sfu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {
    private enum Colour {
        RED,
        GREEN
    }

    @Test
    void choicesAreConstantsInLowerCase() {
        assertEquals(Colour.GREEN, Options.parse(List.of("webinar")).choice("colour", Colour.GREEN));
        assertEquals(Colour.RED, Options.parse(List.of("webinar", "--colour=red")).choice("colour", Colour.GREEN));
        Options options = Options.parse(List.of("webinar", "--colour=blue"));
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> options.choice("colour", Colour.RED));
        assertEquals("--colour: blue (expected: of [red, green])", refused.getMessage());
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
