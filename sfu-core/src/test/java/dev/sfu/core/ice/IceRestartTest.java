package dev.sfu.core.ice;

import static dev.sfu.core.ice.IceScene.LOW;
import static dev.sfu.core.ice.IceScene.MS;
import static dev.sfu.core.ice.IceScene.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.ice.IceScene.Check;
import dev.sfu.core.stats.DropReason;
import dev.sfu.core.stun.StunIntegrity;
import java.util.List;
import org.junit.jupiter.api.Test;

class IceRestartTest {
    private final IceScene scene = IceScene.signalled();
    private final TestPath a = TestPath.udp(1);
    private final TestPath b = TestPath.udp(2);
    private final IceCredentials first = scene.agent.localCredentials();
    private final IceCredentials second = IceCredentials.create(scene.random);

    private void connectAndRestart() {
        scene.check(a, Check.PLAIN);
        scene.check(a, Check.NOMINATE);
        scene.events.clear();
        scene.agent.restart(second, scene.now);
    }

    @Test
    void oldCredentialsAnswerForTenSecondsAndThenRetire() {
        connectAndRestart();
        assertEquals(List.of("CONNECTED"), scene.events);
        assertEquals(second, scene.agent.localCredentials());
        assertNull(scene.agent.remoteCredentials());
        assertNull(scene.checkWith(first, a, Check.NOMINATE));
        assertTrue(scene.lastAnswer().verifies(StunIntegrity.ofPassword(first.password())));
        assertEquals(IceState.CONNECTED, scene.agent.state(), "completed only with new credentials");
        scene.advance(5 * SECOND);
        assertNull(scene.checkWith(first, a, Check.NOMINATE));
        scene.advance(5 * SECOND - 1);
        assertNull(scene.checkWith(first, a, Check.NOMINATE));
        scene.events.clear();
        scene.advance(1);
        assertEquals(List.of("retired " + first.ufrag()), scene.events);
        assertEquals(DropReason.STUN_UNAUTHORIZED, scene.checkWith(first, a, Check.NOMINATE));
        assertSame(a, scene.agent.selectedPath());
        assertTrue(scene.agent.isValid(a));
    }

    @Test
    void mediaStaysOnTheOldPathUntilANewNomination() {
        connectAndRestart();
        scene.events.clear();
        for (int i = 0; i < 20; i++) {
            scene.checkWith(first, a, Check.NOMINATE);
            scene.check(b, Check.PLAIN);
            scene.advance(100 * MS);
        }
        assertEquals(List.of("valid " + b), scene.events);
        assertSame(a, scene.agent.selectedPath());
        scene.check(b, Check.NOMINATE.priority(LOW));
        assertSame(b, scene.agent.selectedPath());
        assertEquals(IceState.COMPLETED, scene.agent.state());
        assertTrue(scene.lastAnswer().verifies(StunIntegrity.ofPassword(second.password())));
    }

    @Test
    void oldCredentialsHaveNoSayAfterANewNomination() {
        connectAndRestart();
        scene.check(b, Check.PLAIN);
        scene.check(b, Check.NOMINATE.priority(LOW));
        scene.advance(9 * SECOND);
        assertNull(scene.checkWith(first, a, Check.NOMINATE));
        assertNull(scene.checkWith(first, a, Check.nomination(9)));
        assertSame(b, scene.agent.selectedPath());
    }

    @Test
    void oldCredentialsDoNotTakeBackANewNomination() {
        connectAndRestart();
        scene.check(b, Check.PLAIN);
        scene.check(b, Check.NOMINATE);
        assertNull(scene.checkWith(first, b, Check.NOMINATE.priority(1)));
        scene.check(a, Check.NOMINATE.priority(LOW));
        assertSame(b, scene.agent.selectedPath(), "still held, by its priority in the new generation");
    }

    @Test
    void howThePeerNominatesIsLearntAnew() {
        connectAndRestart();
        scene.check(b, Check.NOMINATE);
        scene.advance(SECOND);
        scene.check(a, Check.NOMINATE.priority(LOW));
        assertSame(b, scene.agent.selectedPath(), "every check of this generation nominates: the highest wins");
    }

    @Test
    void beforeANewNominationOldCredentialsStillMovePaths() {
        connectAndRestart();
        scene.advance(SECOND);
        scene.checkWith(first, b, Check.NOMINATE);
        assertSame(b, scene.agent.selectedPath());
    }

    @Test
    void nominationValuesStartAgain() {
        scene.check(a, Check.nomination(7));
        scene.agent.restart(second, scene.now);
        scene.check(b, Check.nomination(1));
        assertSame(b, scene.agent.selectedPath());
        scene.check(a, Check.nomination(2));
        assertSame(a, scene.agent.selectedPath());
    }

    @Test
    void theSamePathCanBeNominatedAgain() {
        connectAndRestart();
        scene.events.clear();
        scene.check(a, Check.PLAIN);
        scene.check(a, Check.NOMINATE);
        assertEquals(List.of("COMPLETED"), scene.events);
    }

    @Test
    void aSilentOldPathGivesWayToNewChecksWithoutNomination() {
        connectAndRestart();
        scene.advance(PathSelection.QUIET_NANOS);
        scene.check(b, Check.PLAIN);
        assertSame(b, scene.agent.selectedPath());
    }

    @Test
    void remoteCredentialsOfEachGenerationAreKeptApart() {
        connectAndRestart();
        IceCredentials newClient = IceCredentials.create(scene.random);
        scene.agent.setRemoteCredentials(newClient, scene.now);
        assertNull(scene.receive(a, scene.request(newClient, second, Check.PLAIN)));
        assertNull(scene.receive(a, scene.request(scene.client, first, Check.PLAIN)));
        assertEquals(DropReason.STUN_UNAUTHORIZED,
                scene.receive(a, scene.request(scene.client, second, Check.PLAIN)));
        assertEquals(DropReason.STUN_UNAUTHORIZED, scene.receive(a, scene.request(newClient, first, Check.PLAIN)));
    }

    @Test
    void onlyOneOldGenerationIsKept() {
        connectAndRestart();
        scene.events.clear();
        IceCredentials third = IceCredentials.create(scene.random);
        scene.agent.restart(third, scene.now);
        assertEquals(List.of("retired " + first.ufrag()), scene.events);
        assertEquals(DropReason.STUN_UNAUTHORIZED, scene.checkWith(first, a, Check.PLAIN));
        assertNull(scene.checkWith(second, a, Check.PLAIN));
        assertNull(scene.checkWith(third, a, Check.NOMINATE));
        assertEquals(IceState.COMPLETED, scene.agent.state());
    }

    @Test
    void aDisconnectedAgentGoesBackToChecking() {
        scene.check(a, Check.NOMINATE);
        scene.advance(8 * SECOND);
        scene.events.clear();
        scene.agent.restart(second, scene.now);
        assertEquals(List.of("CHECKING"), scene.events);
        scene.check(b, Check.NOMINATE);
        assertEquals(List.of("CHECKING", "valid " + b, "selected " + b, "CONNECTED", "COMPLETED"), scene.events);
    }

    @Test
    void aFailedAgentComesBackOnlyWithNewCredentials() {
        scene.check(a, Check.NOMINATE);
        scene.advance(25 * SECOND);
        assertEquals(IceState.FAILED, scene.agent.state());
        scene.events.clear();
        scene.agent.restart(second, scene.now);
        assertEquals(List.of("retired " + first.ufrag(), "CHECKING"), scene.events);
        assertEquals(DropReason.STUN_UNAUTHORIZED, scene.checkWith(first, a, Check.NOMINATE));
        scene.check(a, Check.NOMINATE);
        assertEquals(IceState.COMPLETED, scene.agent.state());
    }

    @Test
    void aRestartThatNobodyAnswersFailsInTheEnd() {
        connectAndRestart();
        scene.advance(7 * SECOND);
        assertEquals(IceState.DISCONNECTED, scene.agent.state());
        scene.advance(18 * SECOND);
        assertEquals(IceState.FAILED, scene.agent.state());
        scene.agent.restart(IceCredentials.create(scene.random), scene.now);
        scene.advance(30 * SECOND - 1);
        assertEquals(IceState.CHECKING, scene.agent.state());
        scene.advance(1);
        assertEquals(IceState.FAILED, scene.agent.state());
    }

    @Test
    void aNewAgentMayRestart() {
        IceScene fresh = new IceScene();
        fresh.agent.restart(second, fresh.now);
        assertEquals(IceState.NEW, fresh.agent.state());
        fresh.check(a, Check.NOMINATE);
        assertEquals(IceState.COMPLETED, fresh.agent.state());
    }
}
