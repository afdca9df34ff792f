package dev.sfu.core.simulation;

import java.util.Arrays;
import java.util.List;

/** What is noted of a viewer every second, and what that comes to. */
final class ViewerSamples {
    /** Until then everything starts. */
    private static final int WARM_UP_SECONDS = 10;
    private static final int STEADY_SECONDS = 10;
    private static final double CONVERGED = 0.25;
    private static final int STAYS_SECONDS = 3;
    /** A second in which the capacity is so different from the one before is a change. */
    private static final double CHANGE = 0.1;
    /** An estimator cannot know of more than so much above what there is to send. */
    private static final double APPLICATION_LIMIT = 1.2;
    private static final double AUDIO_BPS = 50_000;
    private static final double FITS = 1.1;

    private final SyntheticBrowser browser;
    private double[] estimates = new double[64];
    private int seconds;

    ViewerSamples(SyntheticBrowser browser) {
        this.browser = browser;
    }

    void sample() {
        sample(browser.connected() ? browser.serverEstimateBps() : -1);
    }

    /** Notes what the server thinks of the downlink now, or a negative number. */
    void sample(double estimateBps) {
        if (seconds == estimates.length) {
            estimates = Arrays.copyOf(estimates, 2 * seconds);
        }
        estimates[seconds++] = estimateBps;
    }

    ViewerResult result(List<Camera> cameras, int length) {
        LinkMeter meter = browser.downlink().meter();
        Convergence convergence = convergence(cameras, length);
        VideoSums video = new VideoSums(length);
        browser.videos().forEach(video::add);
        List<ReceivedAudio> heard =
                browser.audios().stream().filter(audio -> audio.packets() > 0).toList();
        double concealed = heard.stream().mapToDouble(ReceivedAudio::concealedShare).average().orElse(Double.NaN);
        double audioDelay = heard.stream().mapToDouble(ReceivedAudio::meanDelayMillis).average().orElse(Double.NaN);
        LinkMeter.Counts counts = meter.counts();
        return new ViewerResult(
                browser.name(),
                utilisation(cameras, length),
                counts.queueFull() / (double) Math.max(1, counts.offered()),
                meter.meanWaitMillis(),
                meter.waitMillis(0.95),
                meter.waitMillis(1),
                convergence.error,
                convergence.mean(),
                convergence.worst(),
                oscillation(length),
                video.slots == 0 ? Double.NaN : video.frames / (double) length / video.slots,
                video.slots == 0 ? Double.NaN : video.heights / (double) length / video.slots,
                idealShare(cameras, length),
                video.freezes,
                video.frozenSeconds / length / Math.max(1, video.slots),
                video.longestFreezeSeconds,
                video.switches * 60.0 / length,
                video.delayP95Millis,
                concealed,
                audioDelay,
                video.packets == 0 ? Double.NaN : video.retransmissions / (double) video.packets,
                video.keyframeRequests);
    }

    private double available(int second) {
        LinkMeter meter = browser.downlink().meter();
        double capacity = meter.capacityBps(second);
        return capacity == 0 ? Double.POSITIVE_INFINITY : Math.max(0, capacity - meter.crossBps(second));
    }

    private double utilisation(List<Camera> cameras, int length) {
        double used = 0;
        double available = 0;
        for (int second = WARM_UP_SECONDS; second < length; second++) {
            used += browser.downlink().meter().ownBps(second);
            available += usable(cameras, second, 1);
        }
        return available == Double.POSITIVE_INFINITY || available == 0 ? Double.NaN : used / available;
    }

    /** What the server could send at most in a second: all that fits of everybody's largest layers and sound. */
    private double usable(List<Camera> cameras, int second, double factor) {
        double wanted = AUDIO_BPS * browser.audios().size();
        for (Camera camera : cameras) {
            double largest = 0;
            for (SentVideoLayer layer : camera.layers()) {
                largest = Math.max(largest, layer.bps(second));
            }
            wanted += largest;
        }
        return Math.min(available(second), factor * wanted);
    }

    private static final class Convergence {
        double error = Double.NaN;
        double sum;
        double worst;
        int changes;

        double mean() {
            return changes == 0 ? Double.NaN : sum / changes;
        }

        double worst() {
            return changes == 0 ? Double.NaN : worst;
        }
    }

    /**
     * From the start and from every change of capacity to when the estimate is near what it could be and stays there.
     */
    private Convergence convergence(List<Camera> cameras, int length) {
        Convergence result = new Convergence();
        double errors = 0;
        int errorSeconds = 0;
        int since = 0;
        int near = 0;
        boolean pending = true;
        for (int second = 1; second < Math.min(length, seconds); second++) {
            if (estimates[second] < 0) {
                continue;
            }
            double usable = usable(cameras, second, APPLICATION_LIMIT);
            boolean limited = usable < available(second);
            double off = (estimates[second] - usable) / Math.max(1, usable);
            off = limited ? Math.min(0, off) : off;
            if (Math.abs(capacity(second) - capacity(second - 1)) > CHANGE * capacity(second - 1)) {
                count(result, pending, second - since);
                since = second;
                near = 0;
                pending = true;
            }
            near = Math.abs(off) <= CONVERGED ? near + 1 : 0;
            if (pending && near == STAYS_SECONDS) {
                pending = false;
                count(result, true, second - STAYS_SECONDS + 1 - since);
            }
            if (second >= WARM_UP_SECONDS) {
                errors += Math.abs(off);
                errorSeconds++;
            }
        }
        result.error = errorSeconds == 0 ? Double.NaN : errors / errorSeconds;
        count(result, pending && errorSeconds > 0, length - since);
        return result;
    }

    private static void count(Convergence result, boolean measured, int took) {
        if (measured) {
            result.sum += took;
            result.worst = Math.max(result.worst, took);
            result.changes++;
        }
    }

    private double capacity(int second) {
        return browser.downlink().meter().capacityBps(second);
    }

    private double oscillation(int length) {
        double sum = 0;
        int count = 0;
        int steadySince = 0;
        for (int second = 1; second < Math.min(length, seconds); second++) {
            if (Math.abs(capacity(second) - capacity(second - 1)) > CHANGE * capacity(second - 1)) {
                steadySince = second;
            }
            if (second - steadySince < STEADY_SECONDS) {
                continue;
            }
            boolean estimated = estimates[second] > 0 && estimates[second - 1] > 0;
            double now = estimated ? estimates[second] : browser.downlink().meter().ownBps(second);
            double before = estimated ? estimates[second - 1] : browser.downlink().meter().ownBps(second - 1);
            if (before > 0) {
                sum += Math.abs(now - before) / before;
                count++;
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }

    /** Of the seconds in which a layer fitted what the link had, those in which at least that layer was shown. */
    private double idealShare(List<Camera> cameras, int length) {
        List<ReceivedVideo> seen =
                browser.videos().stream().filter(video -> video.packets() > 0).toList();
        if (seen.size() != 1 || cameras.size() != 1) {
            return Double.NaN;
        }
        VideoPlayout playout = seen.getFirst().playout();
        int good = 0;
        int counted = 0;
        for (int second = WARM_UP_SECONDS; second < length; second++) {
            int ideal = 0;
            for (SentVideoLayer layer : cameras.getFirst().layers()) {
                double bps = layer.bps(second);
                if (bps > 0 && FITS * bps + AUDIO_BPS <= available(second)) {
                    ideal = layer.encoder().limits().height();
                }
            }
            counted += ideal > 0 ? 1 : 0;
            good += ideal > 0 && playout.height(second) >= ideal ? 1 : 0;
        }
        return counted == 0 ? Double.NaN : good / (double) counted;
    }

    private static final class VideoSums {
        private final int length;
        int slots;
        long frames;
        long heights;
        int freezes;
        double frozenSeconds;
        double longestFreezeSeconds;
        int switches;
        double delayP95Millis = Double.NaN;
        long packets;
        long retransmissions;
        int keyframeRequests;

        VideoSums(int length) {
            this.length = length;
        }

        void add(ReceivedVideo video) {
            if (video.packets() == 0) {
                return;
            }
            VideoPlayout playout = video.playout();
            slots++;
            frames += playout.shown();
            for (int second = 0; second < length; second++) {
                heights += playout.height(second);
            }
            freezes += playout.freezes();
            frozenSeconds += playout.frozenSeconds();
            longestFreezeSeconds = Math.max(longestFreezeSeconds, playout.longestFreezeSeconds());
            switches += playout.layerSwitches();
            delayP95Millis = Double.isNaN(delayP95Millis)
                    ? playout.delayMillis(0.95)
                    : Math.max(delayP95Millis, playout.delayMillis(0.95));
            packets += video.packets();
            retransmissions += video.recovered() + video.useless();
            keyframeRequests += video.keyframeRequests();
        }
    }
}
