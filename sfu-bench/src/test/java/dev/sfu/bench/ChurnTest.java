package dev.sfu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChurnTest {
    @Test
    void theRateFollowsTheLoadInSteps() {
        assertEquals(125, Churn.rate(100, 10, 50));
        assertEquals(80, Churn.rate(100, 100, 50));
        assertEquals(100, Churn.rate(100, 50, 50));
        assertEquals(110, Churn.rate(100, 50, 55), 1e-9);
    }

    @Test
    void theRateIsBounded() {
        assertEquals(400, Churn.rate(390, 1, 50));
        assertEquals(2, Churn.rate(2, 100, 50));
    }

    @Test
    void theRateSettlesWhereTheLoadIsAsWanted() {
        double perSecond = 2;
        for (int second = 0; second < 40; second++) {
            perSecond = Churn.rate(perSecond, 15 + perSecond * 0.4, 50);
        }
        assertTrue(Math.abs(15 + perSecond * 0.4 - 50) < 1, () -> "settled elsewhere");
    }

    @Test
    void membersDoEverythingAndViewersGo() {
        assertEquals(
                EnumSet.of(
                        Churn.Operation.LEAVE, Churn.Operation.VANISH, Churn.Operation.MUTE, Churn.Operation.SLOTS),
                operations(true));
        assertEquals(EnumSet.of(Churn.Operation.LEAVE, Churn.Operation.VANISH), operations(false));
    }

    private static Set<Churn.Operation> operations(boolean member) {
        return IntStream.range(0, 100).mapToObj(dice -> Churn.choose(member, dice)).collect(Collectors.toSet());
    }
}
