package dev.sfu.core.ice;

import static dev.sfu.core.ice.IceScene.MS;
import static dev.sfu.core.ice.IceScene.SECOND;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.ice.IceScene.Check;
import dev.sfu.core.stats.DropReason;
import dev.sfu.core.stun.StunClass;
import dev.sfu.core.stun.StunIntegrity;
import dev.sfu.core.stun.StunMessage;
import dev.sfu.core.stun.StunWriter;
import dev.sfu.core.time.Deadlines;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IceLiteAgentTest {
    private final IceScene scene = IceScene.signalled();
    private final TestPath path = TestPath.udp(1);

    private StunIntegrity localKey() {
        return StunIntegrity.ofPassword(scene.agent.localCredentials().password());
    }

    @Test
    void answersAnAuthenticatedRequestWithItsAddress() {
        for (TestPath from : List.of(path, new TestPath(Transport.UDP, new InetSocketAddress("2001:db8::1", 9),
                new InetSocketAddress("2001:db8::7", 50_000)))) {
            byte[] request = scene.request(scene.client, scene.agent.localCredentials(), Check.NOMINATE);
            assertNull(scene.receive(from, request));
            StunMessage answer = scene.lastAnswer();
            assertSame(from, scene.sent.getLast().path());
            assertEquals(StunClass.SUCCESS, answer.stunClass());
            assertEquals(from.remote(), answer.xorMappedAddress());
            assertTrue(answer.hasFingerprint());
            assertTrue(answer.verifies(localKey()));
            assertArrayEquals(Arrays.copyOfRange(request, 8, 20),
                    Arrays.copyOfRange(scene.sent.getLast().bytes(), 8, 20));
            assertTrue(answer.length() <= request.length, "an answer must not amplify");
        }
        assertEquals(new IceStats(2, 2, 0, 1, scene.now, 2), scene.agent.stats());
    }

    @Test
    void firstCheckConnectsAndNominationCompletes() {
        assertFalse(scene.agent.isValid(path));
        scene.check(path, Check.PLAIN);
        assertEquals(List.of("valid " + path, "selected " + path, "CONNECTED"), scene.events);
        assertTrue(scene.agent.isValid(path));
        assertFalse(scene.agent.isValid(TestPath.udp(1)), "another object is another path");
        assertSame(path, scene.agent.selectedPath());
        scene.check(path, Check.NOMINATE);
        assertEquals(List.of("valid " + path, "selected " + path, "CONNECTED", "COMPLETED"), scene.events);
    }

    @Test
    void checksBeforeSignalingAreAnswered() {
        IceScene early = new IceScene();
        assertEquals(IceState.NEW, early.agent.state());
        assertEquals(Deadlines.NEVER, early.agent.nextDeadlineNanos());
        assertNull(early.check(path, Check.NOMINATE));
        assertEquals(StunClass.SUCCESS, early.lastAnswer().stunClass());
        assertEquals(IceState.COMPLETED, early.agent.state());
        early.agent.setRemoteCredentials(early.client, early.now);
        assertEquals(early.client, early.agent.remoteCredentials());
        assertEquals(IceState.COMPLETED, early.agent.state());
        assertNull(early.check(path, Check.NOMINATE));
    }

    @Test
    void strangersGetNoByteAndChangeNothing() {
        IceCredentials local = scene.agent.localCredentials();
        IceCredentials other = IceCredentials.create(scene.random);
        List<byte[]> requests = new ArrayList<>();
        requests.add(scene.request(scene.client, other, Check.NOMINATE));
        requests.add(scene.request(scene.client, new IceCredentials(local.ufrag(), other.password()), Check.NOMINATE));
        requests.add(scene.request(scene.client, new IceCredentials(other.ufrag(), local.password()), Check.NOMINATE));
        requests.add(scene.request(other, local, Check.NOMINATE));
        requests.add(unsigned(local.ufrag() + ":" + scene.client.ufrag()));
        byte[] array = new byte[100];
        int length = new StunWriter(array).begin(StunClass.REQUEST, StunMessage.BINDING, new byte[12])
                .integrity(localKey()).fingerprint().length();
        requests.add(Arrays.copyOf(array, length));
        for (byte[] request : requests) {
            assertEquals(DropReason.STUN_UNAUTHORIZED, scene.receive(path, request));
        }
        assertEquals(List.of(), scene.events);
        assertEquals(0, scene.sent.size());
        assertFalse(scene.agent.isValid(path));
        assertEquals(0, scene.agent.stats().requestsReceived());
    }

    private static byte[] unsigned(String username) {
        byte[] array = new byte[100];
        int length = new StunWriter(array).begin(StunClass.REQUEST, StunMessage.BINDING, new byte[12])
                .username(username.getBytes(US_ASCII)).useCandidate().fingerprint().length();
        return Arrays.copyOf(array, length);
    }

    @Test
    void otherMessagesAreCountedByWhatTheyAre() {
        byte[] array = new byte[100];
        StunWriter writer = new StunWriter(array);
        writer.begin(StunClass.INDICATION, StunMessage.BINDING, new byte[12]).fingerprint();
        assertNull(scene.agent.onStun(path, array, 0, writer.length(), scene.now));
        writer.begin(StunClass.SUCCESS, StunMessage.BINDING, new byte[12]).integrity(localKey());
        assertEquals(DropReason.STUN_UNAUTHORIZED, scene.agent.onStun(path, array, 0, writer.length(), scene.now));
        writer.begin(StunClass.ERROR, StunMessage.BINDING, new byte[12]).integrity(localKey());
        assertEquals(DropReason.STUN_UNAUTHORIZED, scene.agent.onStun(path, array, 0, writer.length(), scene.now));
        writer.begin(StunClass.REQUEST, 3, new byte[12]).integrity(localKey());
        assertEquals(DropReason.STUN_MALFORMED, scene.agent.onStun(path, array, 0, writer.length(), scene.now));
        assertEquals(DropReason.STUN_MALFORMED, scene.agent.onStun(path, array, 0, 19, scene.now));
        byte[] wrongFingerprint = scene.request(scene.client, scene.agent.localCredentials(), Check.PLAIN);
        wrongFingerprint[wrongFingerprint.length - 1] ^= 1;
        assertEquals(DropReason.STUN_MALFORMED, scene.receive(path, wrongFingerprint));
        assertEquals(0, scene.sent.size());
        assertEquals(List.of(), scene.events);
    }

    @Test
    void aControlledPeerGetsARoleConflict() {
        assertNull(scene.check(path, new Check(true, -1, 1, true, 0)));
        assertEquals(StunClass.ERROR, scene.lastAnswer().stunClass());
        assertEquals(487, scene.lastAnswer().errorCode());
        assertTrue(scene.lastAnswer().verifies(localKey()));
        assertEquals(List.of(), scene.events);
        assertNull(scene.agent.selectedPath());
        assertEquals(1, scene.agent.stats().errorResponsesSent());
        scene.check(path, Check.PLAIN);
        assertEquals(IceState.CONNECTED, scene.agent.state());
    }

    @Test
    void unknownRequiredAttributesAreRefusedByName() {
        assertNull(scene.check(path, new Check(true, -1, 1, false, 0x7ABC)));
        assertEquals(420, scene.lastAnswer().errorCode());
        assertArrayEquals(new int[] {0x7ABC}, scene.lastAnswer().unknownAttributes());
        assertTrue(scene.lastAnswer().verifies(localKey()));
        assertEquals(List.of(), scene.events);
        assertNull(scene.check(path, new Check(true, -1, 1, false, 0xC057)));
        assertEquals(StunClass.SUCCESS, scene.lastAnswer().stunClass());
    }

    @Test
    void theLongestRefusalFits() {
        byte[] array = new byte[200];
        IceCredentials local = scene.agent.localCredentials();
        StunWriter writer = new StunWriter(array).begin(StunClass.REQUEST, StunMessage.BINDING, new byte[12])
                .username((local.ufrag() + ":" + scene.client.ufrag()).getBytes(US_ASCII));
        for (int type = 0x7000; type < 0x7010; type++) {
            writer.attribute(type, new byte[0]);
        }
        writer.integrity(localKey()).fingerprint();
        assertNull(scene.agent.onStun(path, array, 0, writer.length(), scene.now));
        assertEquals(420, scene.lastAnswer().errorCode());
        assertTrue(scene.lastAnswer().length() <= writer.length());
    }

    @Test
    void silenceDisconnectsThenFailsAndCheckingRecovers() {
        scene.check(path, Check.NOMINATE);
        scene.events.clear();
        scene.advance(7 * SECOND - 1);
        assertEquals(IceState.COMPLETED, scene.agent.state());
        scene.advance(1);
        assertEquals(IceState.DISCONNECTED, scene.agent.state());
        assertTrue(scene.agent.isValid(path), "media may go on");
        scene.advance(10 * SECOND);
        scene.check(path, Check.PLAIN);
        assertEquals(List.of("DISCONNECTED", "CONNECTED"), scene.events);
        scene.check(path, Check.NOMINATE);
        assertEquals(IceState.COMPLETED, scene.agent.state());

        scene.events.clear();
        scene.advance(25 * SECOND);
        assertEquals(List.of("DISCONNECTED", "selected null", "removed " + path, "FAILED"), scene.events);
        assertFalse(scene.agent.isValid(path));
        assertNull(scene.agent.selectedPath());
        assertEquals(Deadlines.NEVER, scene.agent.nextDeadlineNanos());
        assertEquals(DropReason.STUN_UNAUTHORIZED, scene.check(path, Check.NOMINATE),
                "lost consent needs new credentials");
        assertEquals(IceState.FAILED, scene.agent.state());
    }

    @Test
    void consentChecksOfRfc7675KeepItConnected() {
        scene.check(path, Check.NOMINATE);
        scene.events.clear();
        for (int i = 0; i < 100; i++) {
            scene.advance(4 * SECOND + i % 3 * SECOND);
            scene.check(path, Check.PLAIN);
        }
        assertEquals(List.of(), scene.events);
    }

    @Test
    void withoutAnyCheckItFails() {
        scene.advance(30 * SECOND - 1);
        assertEquals(List.of(), scene.events);
        scene.advance(1);
        assertEquals(List.of("FAILED"), scene.events);
    }

    @Test
    void aLateTimerStillFailsOnTime() {
        scene.check(path, Check.NOMINATE);
        scene.now += 40 * SECOND;
        scene.agent.onDeadline(scene.now);
        assertEquals(IceState.FAILED, scene.agent.state());
    }

    @Test
    void anEarlyTimerDoesNothing() {
        scene.check(path, Check.NOMINATE);
        long deadline = scene.agent.nextDeadlineNanos();
        scene.agent.onDeadline(deadline - 1);
        assertEquals(IceState.COMPLETED, scene.agent.state());
        assertEquals(deadline, scene.agent.nextDeadlineNanos());
    }

    @Test
    void unusedPathsExpireAlone() {
        TestPath spare = TestPath.udp(2);
        scene.check(spare, Check.PLAIN);
        scene.check(path, Check.NOMINATE);
        scene.events.clear();
        for (int i = 0; i < 12; i++) {
            scene.advance(2 * SECOND);
            scene.check(path, Check.NOMINATE);
        }
        assertTrue(scene.agent.isValid(spare));
        scene.advance(SECOND);
        assertEquals(List.of("removed " + spare), scene.events);
        scene.check(spare, Check.PLAIN);
        assertTrue(scene.agent.isValid(spare), "it may come back");
    }

    @Test
    void aClosedPathIsReplacedByTheBestSpareOne() {
        TestPath plain = TestPath.udp(2);
        TestPath nominated = TestPath.udp(3);
        scene.check(plain, Check.PLAIN);
        scene.check(nominated, Check.NOMINATE);
        scene.advance(SECOND);
        scene.check(path, Check.NOMINATE);
        scene.check(plain, Check.PLAIN);
        scene.events.clear();
        scene.agent.onPathClosed(path, scene.now);
        assertEquals(List.of("selected " + nominated, "removed " + path), scene.events);
        scene.agent.onPathClosed(nominated, scene.now);
        scene.events.clear();
        scene.agent.onPathClosed(plain, scene.now);
        assertEquals(List.of("selected null", "removed " + plain, "DISCONNECTED"), scene.events);
        scene.agent.onPathClosed(plain, scene.now);
        scene.check(path, Check.NOMINATE);
        assertEquals(IceState.COMPLETED, scene.agent.state());
    }

    @Test
    void aSpareThatIsSilentComesAfterOneThatIsNot() {
        TestPath silentButNominated = TestPath.udp(2);
        TestPath lively = TestPath.udp(3);
        scene.check(lively, Check.PLAIN);
        scene.check(silentButNominated, Check.NOMINATE);
        scene.advance(SECOND);
        scene.check(path, Check.NOMINATE);
        for (int i = 0; i < 4; i++) {
            scene.advance(2 * SECOND);
            scene.check(path, Check.NOMINATE);
            scene.check(lively, Check.PLAIN);
        }
        scene.agent.onPathClosed(path, scene.now);
        assertSame(lively, scene.agent.selectedPath());
    }

    @Test
    void withoutPathsItFailsWhenConsentRunsOut() {
        scene.check(path, Check.NOMINATE);
        scene.agent.onPathClosed(path, scene.now);
        scene.advance(25 * SECOND - 1);
        assertEquals(IceState.DISCONNECTED, scene.agent.state());
        scene.advance(1);
        assertEquals(IceState.FAILED, scene.agent.state());
    }

    @Test
    void tooManyPathsPushOutTheLongestSilentButNotTheSelected() {
        scene.check(path, Check.PLAIN);
        scene.check(path, Check.NOMINATE);
        List<TestPath> others = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            scene.advance(10 * MS);
            others.add(TestPath.udp(100 + i));
            scene.check(others.get(i), Check.PLAIN);
        }
        scene.advance(10 * MS);
        scene.check(others.get(0), Check.PLAIN);
        assertEquals(16, scene.agent.stats().validPaths());
        scene.events.clear();
        scene.check(TestPath.udp(200), Check.PLAIN);
        assertEquals(List.of("removed " + others.get(1), "valid " + TestPath.udp(200)), scene.events);
        assertEquals(16, scene.agent.stats().validPaths());
        assertSame(path, scene.agent.selectedPath());
    }

    @Test
    void answersAreRateLimitedButLifeIsNoticed() {
        scene.check(path, Check.NOMINATE);
        for (int i = 1; i < 100; i++) {
            assertNull(scene.check(path, Check.PLAIN));
        }
        assertEquals(DropReason.STUN_RATE_LIMITED, scene.check(path, Check.PLAIN));
        TestPath other = TestPath.udp(2);
        assertEquals(DropReason.STUN_RATE_LIMITED, scene.check(other, Check.NOMINATE));
        assertFalse(scene.agent.isValid(other));
        assertEquals(100, scene.sent.size());
        scene.advance(10 * MS);
        assertNull(scene.check(path, Check.PLAIN));
        assertEquals(DropReason.STUN_RATE_LIMITED, scene.check(path, Check.PLAIN));
        int answered = 0;
        for (int i = 0; i < 10_000; i++) {
            scene.advance(MS);
            answered += scene.check(path, Check.PLAIN) == null ? 1 : 0;
        }
        assertEquals(1000, answered, 1);
        assertEquals(IceState.COMPLETED, scene.agent.state());
        assertEquals(scene.now, scene.agent.stats().lastRequestReceivedNanos());
    }

    @Test
    void aRequestSeenOnAnotherPathIsAReplay() {
        byte[] request = scene.request(scene.client, scene.agent.localCredentials(), Check.NOMINATE);
        TestPath attacker = TestPath.udp(666);
        assertNull(scene.receive(path, request));
        scene.events.clear();
        assertEquals(DropReason.STUN_UNAUTHORIZED, scene.receive(attacker, request));
        assertNull(scene.receive(path, request), "a retransmission is answered");
        scene.agent.onPathClosed(path, scene.now);
        scene.events.clear();
        assertEquals(DropReason.STUN_UNAUTHORIZED, scene.receive(attacker, request));
        assertEquals(DropReason.STUN_UNAUTHORIZED, scene.receive(path, request), "its path is gone");
        assertEquals(List.of(), scene.events);
        assertFalse(scene.agent.isValid(attacker));
    }

    @Test
    void closingGivesEverythingUpOnce() {
        TestPath spare = TestPath.udp(2);
        scene.check(path, Check.NOMINATE);
        scene.check(spare, Check.PLAIN);
        scene.events.clear();
        scene.agent.close();
        scene.agent.close();
        assertEquals(List.of("removed " + spare, "selected null", "removed " + path,
                "retired " + scene.agent.localCredentials().ufrag(), "CLOSED"), scene.events);
        assertEquals(DropReason.STUN_UNAUTHORIZED, scene.check(path, Check.NOMINATE));
        scene.agent.restart(IceCredentials.create(scene.random), scene.now);
        scene.agent.setRemoteCredentials(scene.client, scene.now);
        assertEquals(IceState.CLOSED, scene.agent.state());
        assertEquals(Deadlines.NEVER, scene.agent.nextDeadlineNanos());
    }

    @Test
    void consentTimeoutIsConfigurable() {
        IceScene quick = new IceScene(IceConfig.DEFAULT.withConsentTimeoutNanos(3 * SECOND));
        quick.check(path, Check.NOMINATE);
        quick.advance(SECOND);
        assertEquals(IceState.DISCONNECTED, quick.agent.state());
        quick.advance(2 * SECOND);
        assertEquals(IceState.FAILED, quick.agent.state());
    }

    @Test
    void mutatedRequestsNeverThrowAndNeverMoveTheConnection() {
        scene.check(path, Check.NOMINATE);
        scene.events.clear();
        long seed = 20_260_101;
        Random random = new Random(seed);
        TestPath attacker = TestPath.udp(666);
        for (int i = 0; i < 20_000; i++) {
            byte[] request = scene.request(scene.client, scene.agent.localCredentials(), Check.NOMINATE);
            // Without FINGERPRINT, so that the change gets as far as it can.
            byte[] changed = Arrays.copyOf(request, request.length - 8);
            changed[3] = (byte) (changed.length - StunMessage.HEADER_BYTES);
            int at = random.nextInt(changed.length);
            changed[at] ^= (byte) (1 + random.nextInt(255));
            scene.receive(attacker, changed);
            scene.agent.onStun(attacker, request, 0, random.nextInt(request.length), scene.now);
            assertEquals(List.of(), scene.events, "seed " + seed + " round " + i + " byte " + at);
        }
        assertEquals(1, scene.sent.size());
        assertEquals(1, scene.agent.stats().requestsReceived());
    }
}
