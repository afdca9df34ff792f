package dev.sfu.core.layers;

import dev.sfu.core.codec.DependencyDescriptor;
import dev.sfu.core.codec.DependencyStructure;
import dev.sfu.core.codec.PacketLayers;
import dev.sfu.core.codec.VideoLayersAllocation;
import dev.sfu.core.codec.Vp9Descriptor;
import java.util.Arrays;

/**
 * Measures the layers of one stream: bytes and frames of each spatial and temporal layer over the last two seconds, so that a
 * keyframe counts little; of a screen over eight, so that a change of the picture does.
 *
 * <p>What a choice costs is the sum of the layers that its receiver is sent. Frames of lower spatial layers that no higher one
 * refers to (K-SVC between key pictures) are sent to receivers of that very layer only, so they are kept apart.
 */
final class EncodingMeter {
    static final int SPATIAL_LAYERS = 4;
    static final int TEMPORAL_LAYERS = 4;
    static final int CELLS = SPATIAL_LAYERS * TEMPORAL_LAYERS;

    private static final long MILLISECOND = 1_000_000;
    static final long CAMERA_WINDOW_NANOS = 250 * MILLISECOND;
    static final long SCREEN_WINDOW_NANOS = 1000 * MILLISECOND;
    private static final int WINDOWS = 8;
    /** Less time than that says nothing of a rate: a stream begins with a keyframe. */
    private static final long LEAST_NANOS = 500 * MILLISECOND;
    /** So long after its first packet, or its first after a silence, a stream is known. */
    private static final long STARTING_NANOS = 1000 * MILLISECOND;
    /** A rate that falls is believed slowly, */
    private static final long FALL_NANOS = 3000 * MILLISECOND;
    /** one that rises sooner, but not at once: what a keyframe takes is paid back by the frames after it. */
    private static final long RISE_NANOS = 1000 * MILLISECOND;
    /** A layer that has been silent for so long, or for four frames, does not flow. */
    private static final long SILENCE_NANOS = 500 * MILLISECOND;
    private static final long MAX_SILENCE_NANOS = 3000 * MILLISECOND;
    private static final int SILENT_FRAMES = 4;
    /** Windows, the present one included, whose frames are the pace of late. */
    private static final int PACE_WINDOWS = 3;
    /** The pace that is usual rises with the present one within a second, and falls slowly. */
    private static final double USUAL_RISE_NANOS = 1000.0 * MILLISECOND;
    private static final double USUAL_FALL_NANOS = 8000.0 * MILLISECOND;
    /** Of so few frames a second those that are missing are not missed. */
    private static final double MIN_USUAL_FRAMES_PER_SECOND = 5;

    /** By window, then cell: bytes that receivers of this and of higher spatial layers are sent. */
    private final int[] sharedBytes = new int[WINDOWS * CELLS];
    /** Bytes that only receivers of this spatial layer are sent. */
    private final int[] ownBytes = new int[WINDOWS * CELLS];
    private final int[] frames = new int[WINDOWS * CELLS];
    private final long[] bitratesBps = new long[CELLS];
    private final int[] framesPerSecond = new int[CELLS];
    private final long[] announcedBps = new long[CELLS];
    private final int[] widths = new int[SPATIAL_LAYERS];
    private final int[] heights = new int[SPATIAL_LAYERS];
    private final long[] lastNanos = new long[SPATIAL_LAYERS];
    private final int[] temporalLayers = new int[SPATIAL_LAYERS];
    private final long windowNanos;
    private int spatialLayers = 1;
    private long window;
    private long startNanos;
    private long lastPacketNanos;
    private long lastActiveNanos;
    private boolean stopped;
    private double paceFramesPerSecond;
    private double usualFramesPerSecond;
    private boolean stalled;
    private long refreshedNanos;
    private boolean started;
    private long lastFrame = Long.MIN_VALUE;
    private long unusedFrame = Long.MIN_VALUE;

    /** {@code windowNanos} is an eighth of the time that rates are taken over. */
    EncodingMeter(long windowNanos) {
        this.windowNanos = windowNanos;
    }

    /** {@code activeNanos} is the time for which the track as a whole has been active. */
    void onPacket(PacketLayers packet, int bytes, long activeNanos, long nowNanos) {
        long at = Math.floorDiv(nowNanos, windowNanos);
        if (at != window || !started) {
            roll(at, nowNanos);
        }
        int spatial = Math.min(packet.spatial(), SPATIAL_LAYERS - 1);
        int cell = spatial * TEMPORAL_LAYERS + Math.min(packet.temporal(), TEMPORAL_LAYERS - 1);
        int index = index(at) * CELLS + cell;
        // An encoder that starts anew may count from the beginning.
        if (packet.frame() > lastFrame || (packet.keyframeStart() && packet.frame() != lastFrame)) {
            lastFrame = packet.frame();
            frames[index]++;
            if (unusedAbove(packet)) {
                unusedFrame = packet.frame();
            }
        }
        if (packet.frame() == unusedFrame) {
            ownBytes[index] += bytes;
        } else {
            sharedBytes[index] += bytes;
        }
        if (packet.width() > 0) {
            readSizes(packet);
        }
        lastNanos[spatial] = activeNanos;
        lastActiveNanos = activeNanos;
        lastPacketNanos = nowNanos;
        stopped = false;
    }

    private static int index(long window) {
        return (int) window & (WINDOWS - 1);
    }

    private void roll(long at, long nowNanos) {
        long steps = at - window;
        if (!started || steps >= WINDOWS) {
            started = true;
            startNanos = nowNanos;
            Arrays.fill(sharedBytes, 0);
            Arrays.fill(ownBytes, 0);
            Arrays.fill(frames, 0);
        } else {
            for (long next = window + 1; next <= at; next++) {
                int from = index(next) * CELLS;
                Arrays.fill(sharedBytes, from, from + CELLS, 0);
                Arrays.fill(ownBytes, from, from + CELLS, 0);
                Arrays.fill(frames, from, from + CELLS, 0);
            }
        }
        window = at;
    }

    /** Whether receivers of higher spatial layers are not sent the frame. */
    private static boolean unusedAbove(PacketLayers packet) {
        DependencyDescriptor dependencies = packet.dependencies();
        if (dependencies == null) {
            return packet.unusedAbove() && packet.interPicture();
        }
        DependencyStructure structure = dependencies.structure();
        for (int target = 0; target < structure.targetCount(); target++) {
            if (structure.targetSpatial(target) > packet.spatial()
                    && dependencies.indication(target) != DependencyDescriptor.NOT_PRESENT) {
                return false;
            }
        }
        return true;
    }

    private void readSizes(PacketLayers packet) {
        DependencyDescriptor dependencies = packet.dependencies();
        Vp9Descriptor vp9 = packet.vp9();
        if (dependencies != null && dependencies.hasStructure()) {
            for (int i = 0; i < SPATIAL_LAYERS; i++) {
                setSize(i, dependencies.structure().width(i), dependencies.structure().height(i));
            }
        } else if (vp9 != null) {
            for (int i = 0; i < Math.min(SPATIAL_LAYERS, vp9.structureLayers()); i++) {
                setSize(i, vp9.width(i), vp9.height(i));
            }
        } else {
            setSize(0, packet.width(), packet.height());
        }
    }

    private void setSize(int spatial, int width, int height) {
        if (width > 0 && height > 0) {
            widths[spatial] = width;
            heights[spatial] = height;
        }
    }

    /** What the sender announces of this stream. */
    void onAllocation(VideoLayersAllocation allocation, int stream) {
        boolean sent = false;
        for (int spatial = 0; spatial < SPATIAL_LAYERS; spatial++) {
            int layers = allocation.temporalLayers(stream, spatial);
            sent |= layers > 0;
            setSize(spatial, allocation.width(stream, spatial), allocation.height(stream, spatial));
            for (int temporal = 0; temporal < TEMPORAL_LAYERS; temporal++) {
                int cell = spatial * TEMPORAL_LAYERS + temporal;
                announcedBps[cell] = layers == 0
                        ? 0
                        : 1000L * allocation.bitrateKbps(stream, spatial, Math.min(temporal, layers - 1))
                                + (spatial > 0 ? announcedBps[cell - TEMPORAL_LAYERS] : 0);
            }
        }
        stopped = !sent;
    }

    /** It flows, at such a rate, although nothing of it has been seen here. */
    void begin(long bitrateBps, long activeNanos, long nowNanos) {
        roll(Math.floorDiv(nowNanos, windowNanos), nowNanos);
        Arrays.fill(announcedBps, bitrateBps);
        Arrays.fill(lastNanos, activeNanos);
        lastActiveNanos = activeNanos;
        lastPacketNanos = nowNanos;
        stopped = false;
    }

    /** It does not flow until its next packet. */
    void stop() {
        stopped = true;
    }

    /** Works the rates out; what is asked for afterwards is as of now. */
    void refresh(long nowNanos) {
        if (!started || nowNanos == refreshedNanos) {
            return;
        }
        // Up to its latest packet, because of a silent stream the last rates stay: it may come back.
        long nanos = Math.min(
                lastPacketNanos - startNanos, (WINDOWS - 1) * windowNanos + lastPacketNanos - window * windowNanos);
        double fall = Math.min(1.0, (nowNanos - refreshedNanos) / (double) FALL_NANOS);
        double rise = starting(nowNanos) ? 1 : Math.min(1.0, (nowNanos - refreshedNanos) / (double) RISE_NANOS);
        measurePace(nowNanos);
        refreshedNanos = nowNanos;
        findLayers();
        // There is one frame more than intervals between them; the windows cut on average half of one off.
        nanos = Math.max(nanos + nanos / (2 * Math.max(1, framesOf(spatialLayers - 1))), LEAST_NANOS);
        for (int spatial = 0; spatial < spatialLayers; spatial++) {
            long frameCount = 0;
            for (int temporal = 0; temporal < TEMPORAL_LAYERS; temporal++) {
                int cell = spatial * TEMPORAL_LAYERS + temporal;
                frameCount += sum(frames, cell);
                long bps = 8 * bytesOf(spatial, temporal) * 1_000_000_000L / nanos;
                long change = bps - bitratesBps[cell];
                bitratesBps[cell] += (long) (change * (change > 0 ? rise : fall));
                framesPerSecond[cell] = (int) ((frameCount * 1_000_000_000L + nanos / 2) / nanos);
            }
        }
    }

    private void measurePace(long nowNanos) {
        long at = Math.floorDiv(nowNanos, windowNanos);
        long first = at - PACE_WINDOWS + 1;
        long count = 0;
        for (long past = Math.max(first, window - WINDOWS + 1); past <= window; past++) {
            int from = index(past) * CELLS;
            for (int cell = 0; cell < CELLS; cell++) {
                count += frames[from + cell];
            }
        }
        paceFramesPerSecond = count * 1.0e9 / (nowNanos - first * windowNanos);
        double step = nowNanos - refreshedNanos;
        double change = paceFramesPerSecond - usualFramesPerSecond;
        usualFramesPerSecond +=
                change * Math.min(1, step / (change > 0 ? USUAL_RISE_NANOS : USUAL_FALL_NANOS));
    }

    /** Frames of late, as a part of what is usual. */
    double pace() {
        return usualFramesPerSecond < MIN_USUAL_FRAMES_PER_SECOND ? 1 : paceFramesPerSecond / usualFramesPerSecond;
    }

    boolean stalled() {
        return stalled;
    }

    void setStalled(boolean newStalled) {
        stalled = newStalled;
    }

    private void findLayers() {
        spatialLayers = 1;
        long silence = silenceNanos();
        for (int spatial = 0; spatial < SPATIAL_LAYERS; spatial++) {
            temporalLayers[spatial] = 1;
            for (int temporal = 0; temporal < TEMPORAL_LAYERS; temporal++) {
                if (sum(frames, spatial * TEMPORAL_LAYERS + temporal) > 0) {
                    temporalLayers[spatial] = temporal + 1;
                    if (lastActiveNanos - lastNanos[spatial] < silence) {
                        spatialLayers = spatial + 1;
                    }
                }
            }
        }
    }

    private long framesOf(int spatial) {
        long count = 0;
        for (int temporal = 0; temporal < TEMPORAL_LAYERS; temporal++) {
            count += sum(frames, spatial * TEMPORAL_LAYERS + temporal);
        }
        return count;
    }

    private long bytesOf(int spatial, int temporal) {
        long bytes = 0;
        for (int t = 0; t <= temporal; t++) {
            bytes += sum(ownBytes, spatial * TEMPORAL_LAYERS + t);
            for (int s = 0; s <= spatial; s++) {
                bytes += sum(sharedBytes, s * TEMPORAL_LAYERS + t);
            }
        }
        return bytes;
    }

    private static long sum(int[] ring, int cell) {
        long sum = 0;
        for (int at = cell; at < ring.length; at += CELLS) {
            sum += ring[at];
        }
        return sum;
    }

    /** A stream of few frames is silent between them. */
    private long silenceNanos() {
        int rate = Math.max(1, framesPerSecond[(spatialLayers - 1) * TEMPORAL_LAYERS + TEMPORAL_LAYERS - 1]);
        return Math.clamp(SILENT_FRAMES * 1_000_000_000L / rate, SILENCE_NANOS, MAX_SILENCE_NANOS);
    }

    /** Whether it arrives, given for how long the track as a whole has been active. */
    boolean flows(long activeNanos) {
        return started && !stopped && activeNanos - lastActiveNanos < silenceNanos();
    }

    /** Whether it has not flowed for long enough to be measured. */
    boolean starting(long nowNanos) {
        return nowNanos - startNanos < STARTING_NANOS;
    }

    int spatialLayers() {
        return spatialLayers;
    }

    int temporalLayers(int spatial) {
        return temporalLayers[spatial];
    }

    long bitrateBps(int spatial, int temporal) {
        return bitratesBps[spatial * TEMPORAL_LAYERS + temporal];
    }

    /** What the sender meant to spend, or 0. */
    long announcedBps(int spatial, int temporal) {
        return announcedBps[spatial * TEMPORAL_LAYERS + temporal];
    }

    int framesPerSecond(int spatial, int temporal) {
        return framesPerSecond[spatial * TEMPORAL_LAYERS + temporal];
    }

    /** In pixels, or 0. */
    int width(int spatial) {
        return widths[spatial];
    }

    /** In pixels, or 0. */
    int height(int spatial) {
        return heights[spatial];
    }

    /** The largest picture, in pixels, or 0. */
    long pixels() {
        return (long) widths[spatialLayers - 1] * heights[spatialLayers - 1];
    }

    /** What it takes or is meant to take in all. */
    long topBitrateBps(long nowNanos) {
        int cell = spatialLayers * TEMPORAL_LAYERS - 1;
        return starting(nowNanos) ? Math.max(bitratesBps[cell], announcedBps[cell]) : bitratesBps[cell];
    }
}
