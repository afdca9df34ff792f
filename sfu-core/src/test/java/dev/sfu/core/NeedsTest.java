package dev.sfu.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

class NeedsTest {
    private final String before = System.getProperty("sfu.tests.requireAll", "");

    @AfterEach
    void restore() {
        System.setProperty("sfu.tests.requireAll", before);
    }

    @Test
    void whatIsThereIsFound() {
        assertEquals("sh", String.valueOf(Needs.executable("no-such-program", "sh").getFileName()));
    }

    @Test
    void whatIsMissingSkipsTheTest() {
        System.setProperty("sfu.tests.requireAll", "false");
        assertThrows(TestAbortedException.class, () -> Needs.executable("no-such-program"));
    }

    @Test
    void whatIsMissingFailsWhereNothingMayBeMissing() {
        System.setProperty("sfu.tests.requireAll", "true");
        AssertionFailedError failure =
                assertThrows(AssertionFailedError.class, () -> Needs.executable("no-such-program"));
        assertEquals("missing on this machine: no-such-program", failure.getMessage());
    }
}
