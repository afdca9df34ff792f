package dev.sfu.core.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.time.Deadlines;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The real room in the simulated network, and that the simulation is what it says. */
class SimulatedRoomTest {
    private static final long SEED = 4711;
    private static final long MS = Deadlines.MILLISECOND;
    private static final LinkConfig FAST = LinkConfig.of(20_000, 15);
    private static final double SECONDS = 30;

    private final SimulatedRoom room = new SimulatedRoom(SEED, EngineConfig.Bandwidth.FIXED);

    @AfterEach
    void nothingIsLeft() {
        List<String> faults = room.browsers().stream().flatMap(browser -> browser.faults().stream()).toList();
        BufferPool pool = room.pool();
        room.close();
        assertEquals(List.of(), faults, "seed " + room.seed());
        assertEquals(0, pool.outstanding(), "buffers that nobody gave back, seed " + room.seed());
    }

    @Test
    void onAPerfectNetworkEverythingIsShownAndHeardInTheBestLayer() {
        SyntheticBrowser ada = publisher(FAST);
        SyntheticBrowser ben = viewer(FAST);
        room.time().run(SECONDS);
        VideoPlayout playout = ben.video(0).playout();
        assertEquals(ConnectionState.CONNECTED, ben.serverConnection().connectionState());
        assertEquals(30 * SECONDS, (double) playout.shown(), 5.0);
        assertEquals(0, playout.freezes());
        assertEquals(0, playout.skipped());
        assertEquals(720, playout.height(20));
        assertTrue(playout.firstShownSeconds() < 0.5, playout.firstShownSeconds() + " s");
        assertEquals(0, ben.audio(0).concealedShare());
        assertEquals(3, ada.camera(0).activeLayers());
        assertEquals(0, ada.camera(0).retransmissions());
        assertTrue(playout.delayMillis(0.95) < 120, playout.delayMillis(0.95) + " ms");
    }

    @Test
    void theSameSeedGivesTheSameRunAndAnotherAnother() {
        long first = traceOf(1);
        assertEquals(first, traceOf(1));
        assertNotEquals(first, traceOf(2));
    }

    /** A hash over when which packet arrived, with all that can be random in it. */
    private static long traceOf(long seed) {
        long[] hash = {1};
        LinkConfig bad = LinkConfig.of(3_000, 20)
                .withLoss(Loss.bursts(0.03, 4))
                .withJitterNanos(20 * MS, true)
                .withDuplication(0.01);
        try (SimulatedRoom room = new SimulatedRoom(seed, EngineConfig.Bandwidth.FIXED)) {
            room.join("ada", bad, bad).publishVideo(VideoSource.CAMERA_720P).publishMicrophone(true).connect();
            SyntheticBrowser ben = room.join("ben", bad, bad).receive(1, 1).connect();
            ben.setTap(packet -> hash[0] = 31 * hash[0] + traced(packet, room.time().nowNanos()));
            room.time().run(20);
            assertTrue(ben.video(0).packets() > 1_000, ben.video(0).packets() + " packets");
        }
        return hash[0];
    }

    private static long traced(RtpPacket packet, long now) {
        return now + packet.ssrc() * 31L + packet.sequenceNumber() * 961L + packet.timestamp() + packet.payloadBytes();
    }

    @Test
    void fivePercentLossToAViewerIsRepairedByTheServer() {
        SyntheticBrowser ada = publisher(FAST);
        SyntheticBrowser ben = viewer(FAST.withLoss(Loss.random(0.05)));
        SyntheticBrowser cyd = viewer(FAST);
        room.time().run(SECONDS);
        LinkMeter.Counts counts = ben.downlink().meter().counts();
        assertEquals(0.05, counts.lost() / (double) counts.offered(), 0.01);
        ReceivedVideo video = ben.video(0);
        assertTrue(video.recovered() > 0.03 * video.packets(), video.recovered() + " packets recovered");
        assertEquals(0, video.givenUp());
        assertTrue(video.playout().shown() > 0.95 * 30 * SECONDS, video.playout().shown() + " frames shown");
        assertEquals(0, ada.camera(0).retransmissions(), "the publisher has nothing to do with it");
        assertEquals(0, cyd.video(0).recovered() + cyd.video(0).useless(), "nor has another viewer");
    }

    @Test
    void lossFromAPublisherIsRepairedOnceForAll() {
        SyntheticBrowser ada = publisher(FAST.withLoss(Loss.random(0.05)));
        SyntheticBrowser ben = viewer(FAST);
        room.time().run(SECONDS);
        assertTrue(ada.camera(0).retransmissions() > 100, ada.camera(0).retransmissions() + " sent again");
        assertTrue(
                ben.video(0).playout().shown() > 0.95 * 30 * SECONDS, ben.video(0).playout().shown() + " frames shown");
        assertEquals(0, ben.video(0).givenUp());
    }

    @Test
    void aHoleInTheNetworkIsAFreezeAndPictureAndSoundComeBack() {
        publisher(FAST);
        SyntheticBrowser ben = viewer(FAST);
        room.time().at(10, now -> ben.downlink().configure(FAST.withLoss(Loss.random(1))));
        room.time().at(14, now -> ben.downlink().configure(FAST));
        room.time().run(13);
        VideoPlayout playout = ben.video(0).playout();
        assertEquals(1, playout.freezes(), "it lasts");
        room.time().run(17);
        // The hole, and until the next of the keyframes that the server asks for, which are rare by then.
        assertEquals(4.75, playout.frozenSeconds(), 0.75);
        assertEquals(0, playout.frames(12));
        assertEquals(30.0, playout.frames(25), 3.0);
        assertEquals(4 / SECONDS, ben.audio(0).concealedShare(), 0.03);
    }

    @Test
    void aHoleTooLargeToRepairMakesTheServerAskForAKeyframeWhetherSomebodyWatchesOrNot() {
        SyntheticBrowser ada = publisher(FAST);
        room.time().at(10, now -> ada.uplink().configure(FAST.withLoss(Loss.random(1))));
        room.time().at(13, now -> ada.uplink().configure(FAST));
        room.time().run(13);
        int before = ada.camera(0).keyframeRequests();
        room.time().run(0.3);
        assertTrue(ada.camera(0).keyframeRequests() > before, ada.camera(0).keyframeRequests() + " requests");
    }

    @Test
    void aWeakUplinkSilencesLargeLayersAndTheViewerGoesOnWithSmallerOnes() {
        SyntheticBrowser ada = publisher(FAST);
        SyntheticBrowser ben = viewer(FAST);
        room.time().at(10, now -> ada.uplink().configure(LinkConfig.of(600, 20)));
        room.time().run(40);
        assertTrue(ada.camera(0).activeLayers() < 3, ada.camera(0).activeLayers() + " layers flow");
        assertTrue(ada.uplinkEstimateBps() < 700_000, ada.uplinkEstimateBps() + " bit/s");
        assertEquals(720, ben.video(0).playout().height(8));
        assertEquals(360, ben.video(0).playout().height(38));
        assertTrue(ben.video(0).playout().frames(38) > 20, ben.video(0).playout().frames(38) + " frames");
    }

    @Test
    void aThinLinkDeliversItsRateAndRefusesTheRest() {
        publisher(FAST);
        SyntheticBrowser ben = viewer(LinkConfig.of(1_000, 20).withQueueNanos(300 * MS));
        room.time().run(SECONDS);
        LinkMeter meter = ben.downlink().meter();
        assertEquals(1_000_000, meter.capacityBps(20), 1.0);
        assertTrue(meter.ownBps(20) <= 1_010_000, meter.ownBps(20) + " bit/s");
        assertTrue(meter.waitMillis(1) <= 300, meter.waitMillis(1) + " ms");
        LinkMeter.Counts counts = meter.counts();
        assertEquals(ben.downlink().held(), counts.inside());
    }

    @Test
    void duplicatesOfTheNetworkAreRefusedAndReorderingIsHarmless() {
        publisher(FAST);
        SyntheticBrowser ben = viewer(FAST.withDuplication(0.05).withReordering(0.02, 3 * MS));
        room.time().run(SECONDS);
        long twice = ben.downlink().meter().counts().duplicated();
        assertTrue(twice > 100, twice + " packets came twice");
        assertEquals((double) twice, (double) ben.undecryptablePackets(), 20.0);
        assertEquals(30 * SECONDS, (double) ben.video(0).playout().shown(), 6.0);
    }

    @Test
    void discontinuousSoundIsSilenceNotLoss() {
        SyntheticBrowser ada = room.join("ada", FAST, FAST).publishMicrophone(true).connect();
        SyntheticBrowser ben = room.join("ben", FAST, FAST).receive(1, 0).connect();
        room.time().run(60);
        long packets = ben.audio(0).packets();
        assertTrue(packets > 200 && packets < 2_500, packets + " packets in 3000 places");
        assertTrue(ben.audio(0).concealedShare() < 0.005, ben.audio(0).concealedShare() + " made up");
        assertEquals(ada.uplink().meter().counts().lost(), 0);
    }

    @Test
    void aViewerWhoComesLateSeesAPictureSoon() {
        SyntheticBrowser ada = publisher(FAST);
        room.time().run(20);
        int before = ada.camera(0).keyframes();
        SyntheticBrowser ben = viewer(FAST);
        room.time().run(2);
        assertTrue(ada.camera(0).keyframes() > before, "a keyframe for the newcomer");
        double took = ben.video(0).playout().firstShownSeconds() - 20;
        assertTrue(took > 0 && took < 0.5, took + " s");
    }

    private SyntheticBrowser publisher(LinkConfig uplink) {
        return room.join("ada", uplink, FAST)
                .publishVideo(VideoSource.CAMERA_720P)
                .publishMicrophone(false)
                .connect();
    }

    private SyntheticBrowser viewer(LinkConfig downlink) {
        return room.join("viewer" + room.browsers().size(), FAST, downlink).receive(1, 1).connect();
    }
}
