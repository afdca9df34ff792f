package dev.sfu.core.peerconnection;

/**
 * Makes the packets of a frame equally long by RTP padding, so that they leave as one segmented write.
 *
 * <p>Browsers cut a frame into packets whose sizes differ by at most one byte, the longer ones last (seen with VP8, VP9 and
 * H.264 of Chromium 156): the one order that UDP segmentation offload cannot take, since only the last segment may differ,
 * and only by being shorter. One byte of padding on the earlier ones makes the whole frame one run.
 */
final class RunLeveller {
    /** More is not needed, and every byte is sent. */
    static final int MAX_PADDING_BYTES = 4;
    /** Frames of one or two small packets gain nothing. */
    private static final int MIN_PACKET_BYTES = 300;

    private int runBytes;

    /**
     * How many bytes of padding to give a packet.
     *
     * @param bytes its length without padding
     * @param moreFollow whether it is not the last one of its frame
     */
    int padding(int bytes, boolean moreFollow) {
        int lacking = runBytes - bytes;
        if (lacking >= 0 && lacking <= MAX_PADDING_BYTES) {
            return lacking;
        }
        runBytes = moreFollow && bytes >= MIN_PACKET_BYTES ? bytes + 1 : bytes;
        return runBytes - bytes;
    }
}
