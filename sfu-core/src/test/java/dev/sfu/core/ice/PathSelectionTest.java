package dev.sfu.core.ice;

import static dev.sfu.core.ice.IceScene.HIGH;
import static dev.sfu.core.ice.IceScene.LOW;
import static dev.sfu.core.ice.IceScene.MS;
import static dev.sfu.core.ice.IceScene.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.sfu.core.ice.IceScene.Check;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** Which path carries media, by what browsers send. */
class PathSelectionTest {
    private static final Check FIREFOX_CONSENT = Check.PLAIN.priority((126L << 24) + (0xFFFFL << 8) + 255);

    private final IceScene scene = IceScene.signalled();
    private final TestPath a = TestPath.udp(1);
    private final TestPath b = TestPath.udp(2);
    private final TestPath c = TestPath.udp(3);
    private final TestPath tcp = TestPath.tcp(9);

    private void assertSelected(TestPath path) {
        assertSame(path, scene.agent.selectedPath());
    }

    private long changes() {
        return scene.agent.stats().selectedCandidatePairChanges();
    }

    // --- one nomination at a time: Chromium, RFC 8445

    @Test
    void beforeANominationTheFirstValidPathStays() {
        scene.check(a, Check.PLAIN.priority(LOW));
        for (int i = 0; i < 20; i++) {
            scene.advance(48 * MS);
            scene.check(b, Check.PLAIN);
            scene.check(a, Check.PLAIN.priority(LOW));
        }
        assertSelected(a);
        assertEquals(1, changes());
    }

    @Test
    void beforeANominationASilentPathGivesWay() {
        scene.check(a, Check.PLAIN);
        scene.check(b, Check.PLAIN);
        scene.advance(PathSelection.QUIET_NANOS - 1);
        scene.check(b, Check.PLAIN);
        assertSelected(a);
        scene.advance(1);
        scene.check(b, Check.PLAIN);
        assertSelected(b);
    }

    @Test
    void aNominationReplacesTheProvisionalPathAtOnceWhateverItsPriority() {
        scene.check(a, Check.PLAIN);
        scene.check(b, Check.NOMINATE.priority(LOW));
        assertSelected(b);
    }

    @Test
    void chromiumMovesToAPathOfLowerPriorityWhileTheOldOneLives() {
        scene.check(a, Check.PLAIN);
        scene.check(b, Check.PLAIN.priority(LOW));
        scene.check(a, Check.NOMINATE);
        scene.advance(2_500 * MS);
        scene.check(a, Check.NOMINATE);
        scene.advance(100 * MS);
        scene.check(b, Check.NOMINATE.priority(LOW));
        assertSelected(b);
        for (int i = 0; i < 20; i++) {
            scene.check(a, Check.PLAIN);
            scene.advance(500 * MS);
            scene.check(b, Check.NOMINATE.priority(LOW));
        }
        assertSelected(b);
        assertEquals(2, changes());
    }

    @Test
    void chromiumStartingOnTcpMovesToUdpAtOnce() {
        scene.check(tcp, Check.PLAIN.priority(LOW));
        scene.check(tcp, Check.NOMINATE.priority(LOW));
        scene.advance(50 * MS);
        scene.check(a, Check.PLAIN);
        assertSelected(tcp);
        scene.check(a, Check.NOMINATE);
        assertSelected(a);
    }

    @Test
    void chromiumFallingBackToTcpIsFollowed() {
        scene.check(a, Check.PLAIN);
        scene.check(a, Check.NOMINATE);
        scene.advance(SECOND);
        scene.check(tcp, Check.NOMINATE.priority(LOW));
        assertSelected(tcp);
    }

    @Test
    void anOvertakenNominationDoesNotWinBack() {
        scene.check(a, Check.PLAIN);
        scene.check(a, Check.NOMINATE);
        scene.advance(5 * SECOND);
        byte[] delayed = scene.request(scene.client, scene.agent.localCredentials(), Check.NOMINATE);
        scene.check(a, Check.NOMINATE);
        scene.check(b, Check.NOMINATE);
        assertSelected(b);
        scene.advance(PathSelection.HOLD_NANOS - 1);
        scene.receive(a, delayed);
        assertSelected(b);
        scene.advance(1);
        scene.check(a, Check.NOMINATE);
        assertSelected(a);
    }

    @Test
    void chromiumBehindARebindingNatIsFollowedAtOnce() {
        scene.check(a, Check.PLAIN);
        scene.check(a, Check.NOMINATE);
        scene.advance(2_500 * MS);
        scene.check(a, Check.NOMINATE);
        scene.advance(2_500 * MS);
        scene.check(b, Check.NOMINATE);
        assertSelected(b);
        assertEquals(2, changes());
    }

    @Test
    void aNominatedPathThatIsLostGivesWayToAnyCheck() {
        scene.check(a, Check.PLAIN);
        scene.check(a, Check.NOMINATE);
        scene.advance(7 * SECOND - 1);
        scene.check(b, Check.PLAIN);
        assertSelected(a);
        scene.advance(1);
        scene.check(b, Check.PLAIN);
        assertSelected(b);
        assertEquals(IceState.COMPLETED, scene.agent.state());
    }

    // --- nominations in order: Chromium with renomination

    @Test
    void theGreatestNominationValueWins() {
        scene.check(a, Check.PLAIN);
        scene.check(a, Check.nomination(1));
        assertEquals(IceState.COMPLETED, scene.agent.state());
        scene.check(b, Check.nomination(2).priority(LOW));
        assertSelected(b);
        scene.check(a, Check.nomination(1));
        assertSelected(b);
        scene.check(a, Check.nomination(2));
        assertSelected(b);
        scene.check(a, Check.nomination(3));
        assertSelected(a);
        scene.check(b, Check.nomination(0xFFFF_FFFFL));
        assertSelected(b);
        assertEquals(4, changes());
    }

    @Test
    void afterNominationValuesAPlainUseCandidateOnlyWinsOverSilence() {
        scene.check(a, Check.nomination(5).priority(LOW));
        scene.check(b, Check.NOMINATE);
        assertSelected(a);
        scene.advance(PathSelection.QUIET_NANOS);
        scene.check(b, Check.NOMINATE);
        assertSelected(b);
    }

    @Test
    void anOldNominationValueOnlyWinsOverSilence() {
        scene.check(a, Check.PLAIN);
        scene.check(a, Check.nomination(5));
        scene.advance(PathSelection.QUIET_NANOS - 1);
        scene.check(b, Check.nomination(4));
        assertSelected(a);
        scene.advance(1);
        scene.check(b, Check.nomination(4));
        assertSelected(b);
    }

    @Test
    void acknowledgedNominationsStayAlthoughChecksNoLongerCarryThem() {
        scene.check(a, Check.PLAIN);
        scene.check(b, Check.PLAIN.priority(LOW));
        scene.check(b, Check.nomination(1).priority(LOW));
        for (int i = 0; i < 20; i++) {
            scene.advance(2_500 * MS);
            scene.check(a, Check.PLAIN);
            scene.check(b, Check.PLAIN.priority(LOW));
        }
        assertSelected(b);
    }

    // --- aggressive nomination: Firefox

    @Test
    void firefoxGetsItsNominatedPathOfHighestPriorityInAnyOrder() {
        TestPath[][] orders = {{a, b, c}, {a, c, b}, {b, a, c}, {b, c, a}, {c, a, b}, {c, b, a}};
        for (TestPath[] order : orders) {
            IceScene fresh = IceScene.signalled();
            for (int round = 0; round < 5; round++) {
                for (TestPath path : order) {
                    fresh.check(path, Check.NOMINATE.priority(HIGH - path.remote().getPort()));
                    fresh.advance(20 * MS);
                }
            }
            assertSame(a, fresh.agent.selectedPath());
            assertEquals(order[0] == a ? 1 : order[0] == b || order[1] == a ? 2 : 3,
                    fresh.agent.stats().selectedCandidatePairChanges(), "never back");
        }
    }

    @Test
    void firefoxPrefersUdpOverTcpAtEqualPriority() {
        scene.check(tcp, Check.NOMINATE);
        scene.check(a, Check.NOMINATE);
        assertSelected(a);
        scene.check(tcp, Check.NOMINATE);
        assertSelected(a);
    }

    @Test
    void firefoxConsentChecksShowThePathItUses() {
        // It weighs our candidates' priorities too, so it may have chosen b where we chose a.
        scene.check(a, Check.NOMINATE);
        scene.check(b, Check.NOMINATE.priority(LOW));
        assertSelected(a);
        for (int i = 0; i < 20; i++) {
            scene.advance(5 * SECOND);
            scene.check(b, FIREFOX_CONSENT);
            assertSelected(b);
        }
        assertEquals(2, changes());
        assertEquals(IceState.COMPLETED, scene.agent.state());
    }

    @Test
    void firefoxConsentPriorityIsNotComparedWithThatOfChecks() {
        scene.check(a, Check.NOMINATE.priority(LOW));
        scene.advance(SECOND);
        scene.check(a, FIREFOX_CONSENT);
        scene.check(b, Check.NOMINATE);
        assertSelected(b);
    }

    @Test
    void firefoxBehindARebindingNatIsFollowedWithItsNextConsentCheck() {
        scene.check(a, Check.NOMINATE);
        scene.advance(5 * SECOND);
        scene.check(a, FIREFOX_CONSENT);
        scene.advance(4 * SECOND);
        scene.check(b, FIREFOX_CONSENT);
        assertSelected(b);
    }

    @Test
    void anAggressivePeerBehindARebindingNatIsFollowedAtOnce() {
        scene.check(a, Check.NOMINATE);
        scene.advance(100 * MS);
        scene.check(a, Check.NOMINATE);
        scene.advance(100 * MS);
        scene.check(b, Check.NOMINATE);
        assertSelected(b);
        // Both alive after all: two sockets, not a rebinding. No flapping.
        for (int i = 0; i < 50; i++) {
            scene.advance(50 * MS);
            scene.check(a, Check.NOMINATE);
            scene.check(b, Check.NOMINATE);
        }
        assertSelected(b);
        assertEquals(2, changes());
    }

    @Test
    void equalPriorityAtAnotherAddressOfOursIsNoRebinding() {
        TestPath other = new TestPath(
                Transport.UDP, new InetSocketAddress("192.0.2.99", 3478), new InetSocketAddress("198.51.100.7", 5));
        scene.check(a, Check.NOMINATE);
        scene.check(other, Check.NOMINATE);
        assertSelected(a);
    }

    @Test
    void equalPriorityOverAnotherTransportIsNoRebinding() {
        scene.check(a, Check.NOMINATE);
        scene.check(tcp, Check.NOMINATE);
        assertSelected(a);
    }

    @Test
    void checksWithoutPrioritySayNothingAboutRebinding() {
        scene.check(a, Check.NOMINATE.priority(0));
        scene.check(b, Check.NOMINATE.priority(0));
        assertSelected(a);
    }

    @Test
    void anAggressivePeersLowerPriorityWinsOnlyOverSilence() {
        scene.check(a, Check.NOMINATE);
        scene.advance(PathSelection.QUIET_NANOS - 1);
        scene.check(b, Check.NOMINATE.priority(LOW));
        assertSelected(a);
        scene.advance(1);
        scene.check(b, Check.NOMINATE.priority(LOW));
        assertSelected(b);
        scene.advance(100 * MS);
        scene.check(a, Check.NOMINATE);
        assertSelected(a);
    }

    @Test
    void onePathWithEveryKindOfCheckNeverChanges() {
        for (int i = 0; i < 100; i++) {
            scene.check(a, i % 3 == 0 ? Check.PLAIN : i % 3 == 1 ? Check.NOMINATE : Check.nomination(i));
            scene.advance(20 * MS * i);
        }
        assertSelected(a);
        assertEquals(1, changes());
    }
}
