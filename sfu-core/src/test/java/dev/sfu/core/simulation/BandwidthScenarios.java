package dev.sfu.core.simulation;

import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.List;

/**
 * The networks that bandwidth estimation, layer selection and repair are judged by. Times scale with the length of a
 * run.
 */
public final class BandwidthScenarios {
    private static final long SEED = Long.getLong("bandwidth.seed", 20_260_102);
    private static final long MS = Deadlines.MILLISECOND;
    private static final LinkConfig FAST = LinkConfig.of(20_000, 15);
    /** What every viewer should have whatever its network. */
    private static final List<Target> USUAL = usual(0.02, 0.85, 6);
    /** Where the network itself does harm, sound and picture still go on. */
    private static final List<Target> ROUGH = rough(0.1);

    private BandwidthScenarios() {}

    private static List<Target> usual(double frozen, double best, int switches) {
        return List.of(
                Target.atMost("wait p95, ms", ViewerResult::waitP95Millis, 130),
                Target.atMost("frozen share", ViewerResult::frozenShare, frozen),
                Target.atMost("layer switches per minute", ViewerResult::switchesPerMinute, switches),
                Target.atLeast("share of time with the best layer", ViewerResult::idealShare, best),
                Target.atMost("sound made up", ViewerResult::concealedShare, 0.02));
    }

    private static List<Target> rough(double frozen) {
        return List.of(
                Target.atMost("wait p95, ms", ViewerResult::waitP95Millis, 200),
                Target.atMost("frozen share", ViewerResult::frozenShare, frozen),
                Target.atMost("sound made up", ViewerResult::concealedShare, 0.1));
    }


    /** All of them. */
    public static List<BandwidthScenario> all() {
        List<BandwidthScenario> all = new ArrayList<>(List.of(
                unlimited(), half(), steps(), constantCross(), onOffCross(), greedyCross()));
        for (int percent : new int[] {1, 2, 5, 10, 20}) {
            all.add(randomLoss(percent));
        }
        all.addAll(List.of(
                bursts(), longWay(), bufferbloat(), wireless(), weakPublisher(), screen(), threePublishers(),
                twentyLimits(), soundOnThinLink()));
        return all;
    }

    static SyntheticBrowser publisher(SimulatedRoom room, String name) {
        return room.join(name, FAST, FAST)
                .publishVideo(VideoSource.CAMERA_720P)
                .publishMicrophone(false)
                .connect();
    }

    static SyntheticBrowser viewer(SimulatedRoom room, String name, LinkConfig downlink) {
        return room.join(name, LinkConfig.of(2_000, 15), downlink).receive(1, 1).connect();
    }

    private static BandwidthScenario scenario(
            String name, String what, List<Target> targets, BandwidthScenario.Script script) {
        return new BandwidthScenario(name, what, SEED, script, targets);
    }

    static BandwidthScenario unlimited() {
        return scenario("unlimited", "20 Mbit/s, 30 ms there and back.", USUAL, (room, seconds) -> {
            publisher(room, "ada");
            viewer(room, "ben", FAST);
        });
    }

    static BandwidthScenario half() {
        List<Target> targets = new ArrayList<>(USUAL);
        targets.add(Target.atMost("longest freeze, s", ViewerResult::longestFreezeSeconds, 0.5));
        // At the start, too, when everything has to be found out.
        targets.add(Target.atMost("settles within, s", ViewerResult::convergeMaxSeconds, 4));
        return scenario("half", "4 Mbit/s, in the second half 2 Mbit/s.", targets, (room, seconds) -> {
            publisher(room, "ada");
            SyntheticBrowser ben = viewer(room, "ben", LinkConfig.of(4_000, 20));
            room.time().at(seconds / 2, now -> ben.downlink().setRateBps(2_000_000));
        });
    }

    static BandwidthScenario steps() {
        return scenario(
                "steps",
                "4 Mbit/s, then 1 Mbit/s, 300 kbit/s, 2 Mbit/s and 4 Mbit/s for a fifth of the time each.",
                usual(0.03, 0.85, 6),
                (room, seconds) -> {
                    publisher(room, "ada");
                    SyntheticBrowser ben = viewer(room, "ben", LinkConfig.of(4_000, 20));
                    int[] kbps = {1_000, 300, 2_000, 4_000};
                    for (int i = 0; i < kbps.length; i++) {
                        long bps = kbps[i] * 1000L;
                        room.time().at(seconds * (i + 1) / 5, now -> ben.downlink().setRateBps(bps));
                    }
                });
    }

    static BandwidthScenario constantCross() {
        return scenario(
                "constant cross traffic",
                "2 Mbit/s, of which somebody else sends 1.2 Mbit/s in the middle third.",
                USUAL,
                (room, seconds) -> {
                    publisher(room, "ada");
                    SyntheticBrowser ben = viewer(room, "ben", LinkConfig.of(2_000, 20));
                    room.time().at(seconds / 3, now -> {
                        CrossTraffic traffic = CrossTraffic.constant(room.time(), ben.downlink(), 1_200_000);
                        room.time().at(2 * seconds / 3, end -> traffic.stop());
                    });
                });
    }

    static BandwidthScenario onOffCross() {
        return scenario(
                "cross traffic that comes and goes",
                "3 Mbit/s; somebody else sends 2 Mbit/s for 5 s on average and nothing for 10 s.",
                ROUGH,
                (room, seconds) -> {
                    publisher(room, "ada");
                    SyntheticBrowser ben = viewer(room, "ben", LinkConfig.of(3_000, 20));
                    CrossTraffic.onOff(room.time(), ben.downlink(), 2_000_000, 5 * Deadlines.SECOND,
                            10 * Deadlines.SECOND, room.nextSeed());
                });
    }

    static BandwidthScenario greedyCross() {
        return scenario(
                "download beside it",
                "3 Mbit/s, shared with a TCP download in the middle third.",
                // A download that fills the queue drives everybody out who minds the delay; sound goes on.
                rough(0.3),
                (room, seconds) -> {
                    publisher(room, "ada");
                    SyntheticBrowser ben = viewer(room, "ben", LinkConfig.of(3_000, 20));
                    room.time().at(seconds / 3, now -> {
                        GreedyFlow flow = GreedyFlow.start(room.time(), ben.downlink(), 20 * MS, 1 << 20);
                        room.time().at(2 * seconds / 3, end -> flow.stop());
                    });
                });
    }

    static BandwidthScenario randomLoss(int percent) {
        return scenario(
                percent + " % loss",
                "5 Mbit/s that lose " + percent + " % of the packets to the viewer, each by itself.",
                percent <= 5 ? USUAL : ROUGH,
                (room, seconds) -> {
                    publisher(room, "ada");
                    viewer(room, "ben", LinkConfig.of(5_000, 20).withLoss(Loss.random(percent / 100.0)));
                });
    }

    static BandwidthScenario bursts() {
        return scenario(
                "bursts", "3 Mbit/s that lose 3 % in bursts of 8 packets.", ROUGH, (room, seconds) -> {
                    publisher(room, "ada");
                    viewer(room, "ben", LinkConfig.of(3_000, 20).withLoss(Loss.bursts(0.03, 8)));
                });
    }

    static BandwidthScenario longWay() {
        return scenario(
                "long way", "1.5 Mbit/s, half a second there and back, 1 % loss.",
                // What is lost takes half a second to repair.
                rough(0.15), (room, seconds) -> {
                    publisher(room, "ada");
                    room.join("ben", LinkConfig.of(2_000, 250), LinkConfig.of(1_500, 250).withLoss(Loss.random(0.01)))
                            .receive(1, 1)
                            .connect();
                });
    }

    static BandwidthScenario bufferbloat() {
        return scenario(
                "bufferbloat", "1 Mbit/s behind a queue that holds two seconds.", USUAL, (room, seconds) -> {
                    publisher(room, "ada");
                    viewer(room, "ben", LinkConfig.of(1_000, 20).withQueueNanos(2_000 * MS));
                });
    }

    static BandwidthScenario wireless() {
        LinkConfig radio = LinkConfig.of(3_000, 10)
                .withJitterNanos(40 * MS, false)
                .withReordering(0.005, 8 * MS)
                .withDuplication(0.001)
                .withLoss(Loss.bursts(0.005, 3));
        return scenario(
                "wireless",
                "3 Mbit/s with 40 ms of jitter, 0.5 % lost in short bursts, some reordered, a few twice.",
                // Jitter is larger than the queues that tell what the path carries.
                usual(0.02, 0.75, 10),
                (room, seconds) -> {
                    publisher(room, "ada");
                    viewer(room, "ben", radio);
                });
    }

    static BandwidthScenario weakPublisher() {
        return scenario(
                "weak publisher",
                "The publisher has 800 kbit/s up, in the second half 300 kbit/s; the viewer lacks nothing.",
                // The freeze when the uplink narrows is the publisher's own.
                usual(0.08, 0.85, 6),
                (room, seconds) -> {
                    SyntheticBrowser ada = room.join("ada", LinkConfig.of(800, 20), FAST)
                            .publishVideo(VideoSource.CAMERA_720P)
                            .publishMicrophone(false)
                            .connect();
                    viewer(room, "ben", FAST);
                    room.time().at(seconds / 2, now -> ada.uplink().setRateBps(300_000));
                });
    }

    static BandwidthScenario screen() {
        return scenario(
                "screen", "A screen of 1080 lines, which changes every 8 s, over 1 Mbit/s.",
                // A change is 250 KB, which is two seconds of such a link.
                rough(0.3), (room, seconds) -> {
                    room.join("ada", FAST, FAST)
                            .publishVideo(VideoSource.SCREEN_1080P)
                            .publishMicrophone(true)
                            .connect();
                    // A screen and a microphone are not lips and voice, so they get slots of different pairs.
                    room.join("ben", LinkConfig.of(2_000, 15), LinkConfig.of(1_000, 20)).receive(2, 2).connect();
                });
    }

    static BandwidthScenario threePublishers() {
        return scenario(
                "three publishers", "Three cameras and microphones over 2 Mbit/s.", USUAL, (room, seconds) -> {
                    for (String name : List.of("ada", "ben", "cyd")) {
                        publisher(room, name);
                    }
                    room.join("dan", LinkConfig.of(2_000, 15), LinkConfig.of(2_000, 20)).receive(3, 3).connect();
                });
    }

    static BandwidthScenario twentyLimits() {
        return scenario(
                "twenty viewers", "One publisher, viewers with 200, 400 … 4000 kbit/s.",
                // The narrowest begin with a queue: until something is known more is sent than they have.
                usual(0.07, 0.85, 9), (room, seconds) -> {
                    publisher(room, "ada");
                    for (int i = 1; i <= 20; i++) {
                        viewer(room, 200 * i + " kbit/s", LinkConfig.of(200 * i, 20));
                    }
                });
    }

    static BandwidthScenario soundOnThinLink() {
        return scenario(
                "sound on a thin link",
                "100 kbit/s and 10 % loss: not enough for any picture, enough for sound.",
                List.of(
                        Target.atMost("wait p95, ms", ViewerResult::waitP95Millis, 130),
                        Target.atMost("sound made up", ViewerResult::concealedShare, 0.05)),
                (room, seconds) -> {
                    publisher(room, "ada");
                    viewer(room, "ben", LinkConfig.of(100, 20).withLoss(Loss.random(0.1)));
                });
    }
}
