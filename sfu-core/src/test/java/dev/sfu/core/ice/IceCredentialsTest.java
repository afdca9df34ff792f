package dev.sfu.core.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IceCredentialsTest {
    private static final String PASSWORD = "0123456789abcdefghijkl";

    @Test
    void createdOnesAreLongEnoughAndDiffer() {
        Random random = new Random(1);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            IceCredentials credentials = IceCredentials.create(random);
            assertTrue(credentials.ufrag().matches("[A-Za-z0-9+/]{8}"));
            assertTrue(credentials.password().matches("[A-Za-z0-9+/]{24}"));
            assertTrue(seen.add(credentials.ufrag()) && seen.add(credentials.password()));
        }
    }

    @Test
    void rfc8839BoundsAreChecked() {
        new IceCredentials("abcd", PASSWORD);
        new IceCredentials("a".repeat(256), "b".repeat(256));
        assertThrows(IllegalArgumentException.class, () -> new IceCredentials("abc", PASSWORD));
        assertThrows(IllegalArgumentException.class, () -> new IceCredentials("a".repeat(257), PASSWORD));
        assertThrows(IllegalArgumentException.class, () -> new IceCredentials("ab:d", PASSWORD));
        assertThrows(IllegalArgumentException.class, () -> new IceCredentials("abcd", PASSWORD.substring(1)));
        String bad = "secret-with-dashes-in-it!";
        String message = assertThrows(IllegalArgumentException.class, () -> new IceCredentials("abcd", bad))
                .getMessage();
        assertEquals("ice-pwd: 25 characters (expected: 22 to 256 of A-Z a-z 0-9 + /)", message);
    }

    @Test
    void textShowsNeitherValue() {
        String text = new IceCredentials("abcd", PASSWORD).toString();
        assertFalse(text.contains("abcd") || text.contains(PASSWORD));
    }
}
