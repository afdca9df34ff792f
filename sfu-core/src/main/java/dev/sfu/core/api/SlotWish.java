package dev.sfu.core.api;

/**
 * What a viewer wants to get in one video slot. Nothing is sent beyond it, however much the network carries.
 *
 * @param mid the slot's m-section
 * @param paused whether nothing should be sent, for instance because the picture is out of sight
 * @param width of the picture on the screen in physical pixels, 0 when unknown
 * @param height of the picture on the screen in physical pixels, 0 when unknown
 * @param maxFramesPerSecond frames per second that are of use, 0 for all
 * @param maxLayer the highest quality layer wanted, 0 for the lowest; {@link #ALL_LAYERS} for no limit
 * @param priority against the viewer's other slots
 */
public record SlotWish(
        String mid,
        boolean paused,
        int width,
        int height,
        int maxFramesPerSecond,
        int maxLayer,
        SlotPriority priority) {
    /** No limit of layers. */
    public static final int ALL_LAYERS = Integer.MAX_VALUE;

    private static final int MAX_PIXELS = 1 << 15;

    /**
     * Checks ranges.
     *
     * @throws EngineException {@link ErrorCode#BAD_REQUEST}
     */
    public SlotWish {
        require(width, MAX_PIXELS, "width");
        require(height, MAX_PIXELS, "height");
        require(maxFramesPerSecond, 1000, "maxFramesPerSecond");
        require(maxLayer, ALL_LAYERS, "maxLayer");
    }

    private static void require(int value, int max, String name) {
        if (value < 0 || value > max) {
            throw new EngineException(ErrorCode.BAD_REQUEST, name + ": " + value + " (expected: 0 to " + max + ")");
        }
    }

    /** What a slot gets of which nothing was said: everything. */
    public static SlotWish everything(String mid) {
        return new SlotWish(mid, false, 0, 0, 0, ALL_LAYERS, SlotPriority.NORMAL);
    }
}
