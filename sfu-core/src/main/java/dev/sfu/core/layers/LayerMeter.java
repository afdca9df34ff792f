package dev.sfu.core.layers;

import dev.sfu.core.codec.PacketLayers;
import dev.sfu.core.codec.VideoLayersAllocation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what there is to choose from in a published video track: which encodings and layers flow, what they cost, how large
 * and how fluent the picture is. One per track, however many subscribe.
 *
 * <p>Everything is read off the packets. Sizes come from keyframes, from a dependency structure or from a
 * video-layers-allocation; where none says, each encoding is taken for twice as wide as the one below and the largest for 1280 ×
 * 720. A stream does not flow once it has been silent for half a second (for four frames, if they are rarer) while others of
 * the track went on, or as soon as the sender says that it has stopped; or when only a few of its frames arrive while others keep
 * their pace, because the sender's own network is too narrow for it and what was lost of it trickles in. When the whole track is
 * silent, as a screen on which nothing moves, all stays as it was.
 *
 * <p>Measuring allocates nothing. Lists are made when something changed by more than a twentieth, else the former is given again:
 * who sees the same list has nothing to decide anew.
 */
public final class LayerMeter {
    private static final int DEFAULT_WIDTH = 1280;
    private static final int DEFAULT_HEIGHT = 720;
    /** Cost that is no news: its part of what it was. */
    private static final int NOTABLE = 20;
    /** An encoding is above another whose size is not known when its bitrate is so much higher, in tenths. */
    private static final int CLEARLY_TENTHS = 12;
    private static final long MAX_ACTIVE_STEP_NANOS = 250_000_000;
    /** While there is neither a measurement nor an announcement. */
    private static final int STARTING_FACTOR = 2;
    /** Of the usual frames, an encoding stalls with less than the first, until it has the second, while another has the third. */
    private static final double STALLED_PACE = 0.34;
    private static final double RESUMED_PACE = 0.6;
    private static final double KEPT_PACE = 0.7;

    private final @Nullable EncodingMeter[] encodings = new EncodingMeter[LayerSelector.MAX_ENCODINGS];
    /** Which encoding a stream of a video-layers-allocation is. */
    private final int[] encodingOfStream = new int[VideoLayersAllocation.MAX_STREAMS];
    /** Encodings from the lowest to the highest. */
    private final int[] order = new int[LayerSelector.MAX_ENCODINGS];
    private final long windowNanos;
    private int count;
    private long latestNanos;
    /** How long the track has been active: silences of all its streams count little. */
    private long activeNanos;
    private List<LayerChoice> choices = List.of();

    /** Nothing has been seen; what is measured is a {@code screen} or a camera. */
    public LayerMeter(boolean screen) {
        windowNanos = screen ? EncodingMeter.SCREEN_WINDOW_NANOS : EncodingMeter.CAMERA_WINDOW_NANOS;
        Arrays.fill(encodingOfStream, LayerSelector.NO_ENCODING);
    }

    /**
     * Measures a packet with media.
     *
     * @param encoding number of its stream, below {@link LayerSelector#MAX_ENCODINGS}
     * @param bytes of the packet as a subscriber gets it
     * @return whether it is the first of its stream, or the first after a silence in which the stream did not flow, so that the
     *     choices are others now
     */
    public boolean onPacket(int encoding, PacketLayers packet, int bytes, long nowNanos) {
        EncodingMeter meter = encodings[encoding];
        boolean appears;
        if (meter == null) {
            meter = new EncodingMeter(windowNanos);
            encodings[encoding] = meter;
            order[count++] = encoding;
            appears = true;
        } else {
            appears = !meter.flows(activeNanos);
        }
        activeNanos += Math.clamp(nowNanos - latestNanos, 0, MAX_ACTIVE_STEP_NANOS);
        latestNanos = nowNanos;
        meter.onPacket(packet, bytes, activeNanos, nowNanos);
        return appears;
    }

    /**
     * Notes what the sender says of its streams.
     *
     * @param encoding number of the stream whose packet brought it
     */
    public void onAllocation(int encoding, VideoLayersAllocation allocation) {
        encodingOfStream[allocation.streamIndex()] = encoding;
        for (int stream = 0; stream < VideoLayersAllocation.MAX_STREAMS; stream++) {
            int of = encodingOfStream[stream];
            EncodingMeter meter = of == LayerSelector.NO_ENCODING ? null : encodings[of];
            if (meter != null) {
                meter.onAllocation(allocation, stream);
            }
        }
    }

    /** A stream is known to flow before anything of it has been seen; does nothing when something has. */
    public void onKnown(int encoding, long bitrateBps, long nowNanos) {
        if (encodings[encoding] == null) {
            EncodingMeter meter = new EncodingMeter(windowNanos);
            encodings[encoding] = meter;
            order[count++] = encoding;
            latestNanos = nowNanos;
            meter.begin(bitrateBps, activeNanos, nowNanos);
        }
    }

    /** The sender says that it has switched a stream off. */
    public void onStopped(int encoding) {
        EncodingMeter meter = encodings[encoding];
        if (meter != null) {
            meter.stop();
        }
    }

    /** Forgets a stream that has ended. */
    public void onEnded(int encoding) {
        encodings[encoding] = null;
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (order[i] != encoding) {
                order[kept++] = order[i];
            }
        }
        count = kept;
        for (int stream = 0; stream < encodingOfStream.length; stream++) {
            if (encodingOfStream[stream] == encoding) {
                encodingOfStream[stream] = LayerSelector.NO_ENCODING;
            }
        }
    }

    /**
     * What there is to choose from, the lowest quality first: lower encodings before higher ones, within an encoding spatial before
     * temporal layers.
     *
     * @return the same object as the last time if nothing changed that matters
     */
    public List<LayerChoice> choices(long nowNanos) {
        for (int i = 0; i < count; i++) {
            at(i).refresh(nowNanos);
        }
        findStalled();
        sort(nowNanos);
        List<LayerChoice> now = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            add(i, nowNanos, now);
        }
        estimateSizes(now);
        if (differ(now, choices)) {
            choices = List.copyOf(now);
        }
        return choices;
    }

    private void findStalled() {
        boolean kept = false;
        for (int i = 0; i < count; i++) {
            kept |= at(i).flows(activeNanos) && at(i).pace() >= KEPT_PACE;
        }
        for (int i = 0; i < count; i++) {
            EncodingMeter meter = at(i);
            meter.setStalled(kept && meter.pace() < (meter.stalled() ? RESUMED_PACE : STALLED_PACE));
        }
    }

    private EncodingMeter at(int place) {
        EncodingMeter meter = encodings[order[place]];
        assert meter != null;
        return meter;
    }

    /** Few and nearly always in order. */
    private void sort(long nowNanos) {
        for (int i = 1; i < count; i++) {
            for (int j = i; j > 0 && above(at(j - 1), at(j), nowNanos); j--) {
                int lower = order[j];
                order[j] = order[j - 1];
                order[j - 1] = lower;
            }
        }
    }

    private static boolean above(EncodingMeter one, EncodingMeter other, long nowNanos) {
        if (one.pixels() > 0 && other.pixels() > 0) {
            return one.pixels() > other.pixels();
        }
        return 10 * one.topBitrateBps(nowNanos) > CLEARLY_TENTHS * other.topBitrateBps(nowNanos);
    }

    private void add(int place, long nowNanos, List<LayerChoice> to) {
        EncodingMeter meter = at(place);
        boolean flows = meter.flows(activeNanos) && !meter.stalled();
        long below = to.isEmpty() ? 0 : to.getLast().bitrateBps();
        for (int spatial = 0; spatial < meter.spatialLayers(); spatial++) {
            for (int temporal = 0; temporal < meter.temporalLayers(spatial); temporal++) {
                long bps = meter.bitrateBps(spatial, temporal);
                if (meter.starting(nowNanos)) {
                    long announced = meter.announcedBps(spatial, temporal);
                    bps = Math.max(bps, announced > 0 ? announced : STARTING_FACTOR * below);
                }
                to.add(new LayerChoice(
                        order[place],
                        spatial,
                        temporal,
                        bps,
                        meter.width(spatial),
                        meter.height(spatial),
                        meter.framesPerSecond(spatial, temporal),
                        flows));
            }
        }
    }

    /** Gives choices without a size one that fits to the nearest that has one. */
    private static void estimateSizes(List<LayerChoice> choices) {
        int levels = 0;
        int known = -1;
        int knownLevel = 0;
        for (int i = 0; i < choices.size(); i++) {
            levels += i == 0 || !choices.get(i).sameLevel(choices.get(i - 1)) ? 1 : 0;
            if (choices.get(i).pixels() > 0) {
                known = i;
                knownLevel = levels;
            }
        }
        int width = known < 0 ? DEFAULT_WIDTH : choices.get(known).width();
        int height = known < 0 ? DEFAULT_HEIGHT : choices.get(known).height();
        knownLevel = known < 0 ? levels : knownLevel;
        int level = 0;
        LayerChoice former = null;
        for (int i = 0; i < choices.size(); i++) {
            LayerChoice choice = choices.get(i);
            level += former == null || !choice.sameLevel(former) ? 1 : 0;
            former = choice;
            if (choice.pixels() == 0) {
                double scale = Math.pow(2, level - knownLevel);
                choices.set(i, new LayerChoice(
                        choice.encoding(),
                        choice.spatial(),
                        choice.temporal(),
                        choice.bitrateBps(),
                        (int) Math.ceil(width * scale),
                        (int) Math.ceil(height * scale),
                        choice.framesPerSecond(),
                        choice.flows()));
            }
        }
    }

    private static boolean differ(List<LayerChoice> now, List<LayerChoice> before) {
        if (now.size() != before.size()) {
            return true;
        }
        for (int i = 0; i < now.size(); i++) {
            LayerChoice one = now.get(i);
            LayerChoice other = before.get(i);
            if (!one.sameLayers(other)
                    || one.flows() != other.flows()
                    || one.width() != other.width()
                    || one.height() != other.height()
                    || Math.abs(one.bitrateBps() - other.bitrateBps()) * NOTABLE > other.bitrateBps()
                    || Math.abs(one.framesPerSecond() - other.framesPerSecond()) > 1 + other.framesPerSecond() / NOTABLE) {
                return true;
            }
        }
        return false;
    }
}
