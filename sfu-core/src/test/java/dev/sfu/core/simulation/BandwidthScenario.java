package dev.sfu.core.simulation;

import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A room, its networks and what happens to them, run to its end and measured.
 *
 * @param name short
 * @param what happens, in words
 * @param seed of everything random
 * @param script joins publishers and viewers and schedules what happens
 * @param targets what every viewer should have in the end
 */
public record BandwidthScenario(String name, String what, long seed, Script script, List<Target> targets) {
    /** Sets a scenario up; called before time passes. */
    @FunctionalInterface
    public interface Script {
        /**
         * Joins and connects browsers, and schedules changes.
         *
         * @param seconds how long the scenario will take
         */
        void prepare(SimulatedRoom room, double seconds);
    }

    /**
     * What came out.
     *
     * @param viewers everybody who had slots, in the order of joining
     * @param faults what no network excuses, in words
     */
    public record Outcome(BandwidthScenario scenario, double seconds, List<ViewerResult> viewers, List<String> faults) {
        /** The targets that were missed, in words. */
        public List<String> misses() {
            List<String> misses = new ArrayList<>();
            for (ViewerResult viewer : viewers) {
                for (Target target : scenario.targets()) {
                    String miss = target.miss(viewer);
                    if (!miss.isEmpty()) {
                        misses.add(miss);
                    }
                }
            }
            return misses;
        }
    }

    /** Copies the list. */
    public BandwidthScenario {
        targets = List.copyOf(targets);
    }

    /** Names the seed, so that every failure does. */
    @Override
    public String toString() {
        return name + " (seed " + seed + ")";
    }

    /** Lets so many seconds of virtual time pass. */
    public Outcome run(double seconds) {
        SimulatedRoom room = new SimulatedRoom(seed);
        try (room) {
            Map<SyntheticBrowser, ViewerSamples> samples = new HashMap<>();
            room.time().every(Deadlines.SECOND, now -> {
                for (SyntheticBrowser browser : room.browsers()) {
                    samples.computeIfAbsent(browser, ViewerSamples::new).sample();
                }
            });
            script.prepare(room, seconds);
            room.time().run(seconds);
            return outcome(room, samples, seconds);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(this + " after " + room.time().seconds() + " s", e);
        }
    }

    private Outcome outcome(SimulatedRoom room, Map<SyntheticBrowser, ViewerSamples> samples, double seconds) {
        List<ViewerResult> viewers = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        List<Camera> cameras = room.browsers().stream().flatMap(browser -> browser.cameras().stream()).toList();
        for (SyntheticBrowser browser : room.browsers()) {
            faults.addAll(browser.faults());
            checkBooks(browser.name() + " up", browser.uplink(), faults);
            checkBooks(browser.name() + " down", browser.downlink(), faults);
            if (!browser.videos().isEmpty() || !browser.audios().isEmpty()) {
                ViewerSamples sampled = samples.computeIfAbsent(browser, ViewerSamples::new);
                viewers.add(sampled.result(cameras, (int) seconds));
            }
        }
        return new Outcome(this, seconds, viewers, faults);
    }

    private static void checkBooks(String name, SimulatedLink link, List<String> faults) {
        long inside = link.meter().counts().inside() + link.meter().crossCounts().inside();
        if (inside != link.held()) {
            faults.add(name + ": " + link.held() + " packets in the link (expected: " + inside + ")");
        }
    }
}
