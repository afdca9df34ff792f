package dev.sfu.core.ice;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RecentTransactionsTest {
    private final RecentTransactions transactions = new RecentTransactions();
    private final TestPath a = TestPath.udp(1);
    private final TestPath b = TestPath.udp(2);

    @Test
    void theSameIdOnAnotherPathIsAReplay() {
        assertFalse(transactions.isReplay(0, a));
        assertFalse(transactions.isReplay(0, a));
        assertTrue(transactions.isReplay(0, b));
        assertFalse(transactions.isReplay(1, b));
    }

    @Test
    void requestsOfAForgottenPathStayKnown() {
        transactions.isReplay(7, a);
        transactions.forget(a);
        assertTrue(transactions.isReplay(7, b));
        assertTrue(transactions.isReplay(7, a), "the path that comes back is not the one that went");
    }

    @Test
    void memoryIsBounded() {
        for (int id = 0; id <= 64; id++) {
            assertFalse(transactions.isReplay(id, a));
        }
        assertTrue(transactions.isReplay(1, b));
        assertTrue(transactions.isReplay(64, b));
        assertFalse(transactions.isReplay(0, b), "the oldest made room");
    }
}
