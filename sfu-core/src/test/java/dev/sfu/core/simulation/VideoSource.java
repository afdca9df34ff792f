package dev.sfu.core.simulation;

import dev.sfu.core.api.TrackSource;
import java.util.List;

/**
 * What a browser films and how it encodes that.
 *
 * @param kind camera or screen
 * @param framesPerSecond of all layers
 * @param layers smallest first
 */
public record VideoSource(TrackSource kind, double framesPerSecond, List<Layer> layers) {
    /**
     * One simulcast layer with libwebrtc's limits for its size.
     *
     * @param rid its restriction identifier
     * @param minBps below, the layer is not sent
     * @param targetBps what it gets before a larger layer gets anything
     * @param maxBps what it gets at most
     */
    public record Layer(String rid, int width, int height, long minBps, long targetBps, long maxBps) {}

    private static final Layer Q = new Layer("q", 320, 180, 30_000, 150_000, 200_000);
    private static final Layer H = new Layer("h", 640, 360, 150_000, 500_000, 700_000);
    private static final Layer F = new Layer("f", 1280, 720, 600_000, 2_500_000, 2_500_000);

    /** A camera in three layers of 180, 360 and 720 lines. */
    public static final VideoSource CAMERA_720P = new VideoSource(TrackSource.CAMERA, 30, List.of(Q, H, F));

    /** A camera in one layer of 360 lines. */
    public static final VideoSource CAMERA_360P = new VideoSource(TrackSource.CAMERA, 30, List.of(H));

    /** A screen of 1080 lines in one layer: long stillness, large changes. */
    public static final VideoSource SCREEN_1080P = new VideoSource(
            TrackSource.SCREEN, 15, List.of(new Layer("", 1920, 1080, 50_000, 2_500_000, 2_500_000)));

    /** Copies the list. */
    public VideoSource {
        layers = List.copyOf(layers);
    }
}
