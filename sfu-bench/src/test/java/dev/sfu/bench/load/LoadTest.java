package dev.sfu.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.bench.target.SdpPeer;
import dev.sfu.bench.trace.SyntheticTraces;
import dev.sfu.bench.trace.Trace;
import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.ParticipantHandle;
import dev.sfu.core.shard.Engine;
import dev.sfu.core.srtp.SrtpProfile;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The load generator against an engine in this process. */
@Timeout(60)
class LoadTest {
    private final LoadLoop loop;
    private final Load load;
    private final Engine engine;

    LoadTest() throws Exception {
        loop = new LoadLoop(false);
        load = new Load(loop);
        engine = Engine.start(new EngineConfig(0, 1, -1, List.of(), EngineConfig.Limits.DEFAULT));
    }

    @BeforeEach
    void alive() {
        loop.check();
    }

    @AfterEach
    void close() {
        load.close();
        loop.close();
        engine.close();
    }

    private ParticipantHandle join(JoinRequest.Role role, SdpPeer peer) {
        ParticipantHandle handle = engine.join(new JoinRequest("room", "peer", role, true), event -> {})
                .toCompletableFuture()
                .join();
        negotiate(handle, peer);
        return handle;
    }

    private static void negotiate(ParticipantHandle handle, SdpPeer peer) {
        peer.onAnswer(handle.offer(peer.offer(), List.of()).toCompletableFuture().join());
    }

    /** What the peers do takes real time; the test's own timeout ends a wait in vain. */
    private void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            loop.check();
            Thread.onSpinWait();
        }
    }

    private void publish(Trace trace) {
        join(JoinRequest.Role.PUBLISHER, load.newPublisher(trace));
        await(() -> load.connectedPublishers() == 1);
    }

    @Test
    void viewersReceiveDecryptAndTimeWhatIsPublished() {
        Trace trace = SyntheticTraces.frames(1_500_000);
        publish(trace);
        for (int i = 0; i < 3; i++) {
            join(JoinRequest.Role.VIEWER, load.newViewer(Track.of(trace)));
        }
        await(() -> load.totals().packets() > 900);
        LoadTotals totals = load.totals();
        assertEquals(3, totals.connected());
        assertEquals(0, totals.failed(), () -> load.failures().toString());
        assertEquals(0, totals.decryptionFailures());
        assertEquals(0, totals.duplicates());
        assertTrue(totals.samples() >= 6, () -> totals.samples() + " samples");
        assertTrue(load.latencyNanos(0.5) > 1_000 && load.latencyNanos(0.5) < 5_000_000_000L);
        assertEquals(3, load.connectNanos().size());
        assertTrue(load.latenessNanos(0.5) > 0);
    }

    /** The kernel hands over a frame's packets in one piece, with the length of all but the last. */
    @Test
    void runsThatArriveUncutAreToldApart() throws Exception {
        Trace trace = SyntheticTraces.frames(1_500_000);
        publish(trace);
        try (LoadLoop uncutLoop = new LoadLoop(true);
                Load uncut = new Load(uncutLoop)) {
            join(JoinRequest.Role.VIEWER, uncut.newViewer(Track.of(trace)));
            await(() -> uncut.totals().packets() > 900);
            LoadTotals totals = uncut.totals();
            assertEquals(0, totals.lost());
            assertEquals(0, totals.decryptionFailures());
            assertTrue(totals.samples() >= 6, () -> totals.samples() + " samples");
            assertTrue(uncut.latencyNanos(0.5) > 1_000 && uncut.latencyNanos(0.5) < 5_000_000_000L);
            assertTrue(CompletableFuture.supplyAsync(uncutLoop::pieces, uncutLoop).join() < totals.packets(), "some pieces had several packets");
        }
    }

    @Test
    void allPeersUseTheSameSrtpProfile() {
        Trace trace = SyntheticTraces.voice();
        publish(trace);
        join(JoinRequest.Role.VIEWER, load.newViewer(Track.of(trace)));
        await(() -> load.totals().connected() == 1);
        assertEquals(Set.of(SrtpProfile.AEAD_AES_128_GCM), load.srtpProfiles());
    }

    @Test
    void whatDismissedViewersCountedStaysCountedAndPublishersStay() {
        Trace trace = SyntheticTraces.voice();
        publish(trace);
        LoadPeer viewer = load.newViewer(Track.of(trace));
        join(JoinRequest.Role.VIEWER, viewer);
        await(() -> load.totals().packets() > 5);
        load.dismiss(List.of(viewer));
        assertEquals(0, load.totals().connected());
        long packets = load.totals().packets();
        assertTrue(packets > 5);
        assertEquals(1, load.connectedPublishers());
        join(JoinRequest.Role.VIEWER, load.newViewer(Track.of(trace)));
        await(() -> load.totals().packets() > packets + 5);
        assertEquals(1, load.totals().connected());
    }

    @Test
    void simulcastIsOneTrackForAViewer() {
        Trace trace = SyntheticTraces.simulcast();
        assertEquals(List.of("q", "h", "f"), Track.of(trace).getFirst().rids());
        publish(trace);
        join(JoinRequest.Role.VIEWER, load.newViewer(Track.of(trace)));
        await(() -> load.totals().packets() > 300);
        assertEquals(0, load.totals().decryptionFailures());
    }

    @Test
    void audioNeedsNoKeyframe() {
        Trace trace = SyntheticTraces.voice();
        publish(trace);
        join(JoinRequest.Role.VIEWER, load.newViewer(Track.of(trace)));
        await(() -> load.totals().packets() > 50);
        assertEquals(0, load.totals().decryptionFailures());
    }

    @Test
    void membersSendAndReceiveOverOneConnection() {
        Trace trace = SyntheticTraces.call(300_000);
        List<Track> slots = Track.of(trace);
        for (int i = 0; i < 2; i++) {
            join(JoinRequest.Role.PARTICIPANT, load.newMember(trace, slots));
        }
        await(() -> load.totals().packets() > 200);
        assertEquals(2, load.totals().connected());
        assertEquals(0, load.totals().decryptionFailures());
    }

    @Test
    void anotherOfferHasMoreSlotsOrFewer() {
        Trace trace = SyntheticTraces.voice();
        publish(trace);
        LoadPeer viewer = load.newViewer(Track.of(trace));
        ParticipantHandle handle = join(JoinRequest.Role.PARTICIPANT, viewer);
        await(() -> load.totals().packets() > 5);
        viewer.setActiveSlots(3, Track.of(trace));
        assertEquals(3, viewer.offer().split("a=recvonly", -1).length - 1);
        negotiate(handle, viewer);
        viewer.setActiveSlots(0, Track.of(trace));
        String offer = viewer.offer();
        assertEquals(3, offer.split("a=inactive", -1).length - 1);
        assertTrue(offer.contains("o=- 4611731400430051336 4 "), offer);
        negotiate(handle, viewer);
        long before = load.totals().packets();
        viewer.setActiveSlots(2, Track.of(trace));
        negotiate(handle, viewer);
        await(() -> load.totals().packets() > before + 20);
    }

    @Test
    void whoVanishesIsGoneAndCannotGoOn() {
        Trace trace = SyntheticTraces.voice();
        publish(trace);
        LoadPeer viewer = load.newViewer(Track.of(trace));
        join(JoinRequest.Role.VIEWER, viewer);
        await(() -> load.totals().packets() > 5);
        load.abandon(viewer);
        assertEquals(0, load.totals().connected());
        assertThrows(CompletionException.class, () -> viewer.onAnswer("v=0"));
    }
}
