package dev.sfu.core.peerconnection;

import org.jspecify.annotations.Nullable;

/**
 * What is sent of a video track, and why not more; for statistics.
 *
 * @param rid the publisher's simulcast encoding, or null when there is one or none plays
 * @param spatial highest spatial layer, 0 without
 * @param temporal highest temporal layer, 0 without
 * @param width of the picture in pixels, 0 when nothing is sent
 * @param height of the picture in pixels, 0 when nothing is sent
 * @param framesPerSecond 0 when nothing is sent
 * @param targetBps what it costs, 0 when nothing is sent
 * @param reason why not more, a word in upper case
 * @param bandwidthLimited whether more bandwidth would bring more
 */
public record SentVideo(
        @Nullable String rid,
        int spatial,
        int temporal,
        int width,
        int height,
        int framesPerSecond,
        long targetBps,
        String reason,
        boolean bandwidthLimited) {
    /** Encoding and layers in a few characters, such as {@code f/0/2}; empty when nothing is sent. */
    public String layer() {
        return width == 0 ? "" : (rid == null ? "" : rid + "/") + spatial + "/" + temporal;
    }
}
