package dev.sfu.bench.trace;

import dev.sfu.core.codec.Codec;
import java.util.Locale;

/**
 * What sfu-core's tests of layer selection play: every codec with the layers that browsers give it, as the payload descriptor
 * alone tells of them and, where the name ends in {@code DESCRIBED}, with the dependency descriptor.
 *
 * <p>AV1 says nothing of its layers without that extension.
 */
enum LayerTraffic {
    VP8_SIMULCAST(Codec.VP8, 3, "", Extensions.NONE),
    VP8_SIMULCAST_DESCRIBED(Codec.VP8, 3, "L1T3", Extensions.DESCRIBED),
    VP8_SINGLE(Codec.VP8, 1, "", Extensions.NONE),
    VP8_L1T3(Codec.VP8, 1, "L1T3", Extensions.NONE),
    H264_SIMULCAST(Codec.H264, 3, "", Extensions.NONE),
    H264_SIMULCAST_L1T3_DESCRIBED(Codec.H264, 3, "L1T3", Extensions.DESCRIBED),
    VP9_SIMULCAST_L1T1(Codec.VP9, 3, "L1T1", Extensions.NONE),
    VP9_SIMULCAST_L1T3(Codec.VP9, 3, "L1T3", Extensions.NONE),
    VP9_SIMULCAST_L1T3_DESCRIBED(Codec.VP9, 3, "L1T3", Extensions.DESCRIBED),
    VP9_L1T3(Codec.VP9, 1, "L1T3", Extensions.NONE),
    VP9_L3T3(Codec.VP9, 1, "L3T3", Extensions.NONE),
    VP9_L3T3_DESCRIBED(Codec.VP9, 1, "L3T3", Extensions.DESCRIBED),
    VP9_L3T3_KEY(Codec.VP9, 1, "L3T3_KEY", Extensions.NONE),
    VP9_L3T3_KEY_DESCRIBED(Codec.VP9, 1, "L3T3_KEY", Extensions.DESCRIBED),
    AV1_SIMULCAST_L1T1(Codec.AV1, 3, "L1T1", Extensions.DESCRIBED),
    AV1_SIMULCAST_L1T3(Codec.AV1, 3, "L1T3", Extensions.DESCRIBED),
    AV1_L1T3(Codec.AV1, 1, "L1T3", Extensions.DESCRIBED),
    AV1_L3T3(Codec.AV1, 1, "L3T3", Extensions.DESCRIBED),
    AV1_L3T3_KEY(Codec.AV1, 1, "L3T3_KEY", Extensions.DESCRIBED),
    /** Firefox lets no page choose extensions or modes: it sends the dependency descriptor, and VP8 without picture ids. */
    FIREFOX_VP8_SIMULCAST(Codec.VP8, 3, "", Extensions.NONE);

    private enum Extensions {
        NONE("none"),
        DESCRIBED("dependency-descriptor,video-layers-allocation");

        private final String names;

        Extensions(String names) {
            this.names = names;
        }
    }

    /** The least that browsers send in three encodings. */
    private static final int WIDTH = 960;
    private static final int HEIGHT = 540;
    private static final int MAX_KBPS = 1500;

    private final Codec codec;
    private final int layers;
    private final String scalabilityMode;
    private final Extensions extensions;

    LayerTraffic(Codec codec, int layers, String scalabilityMode, Extensions extensions) {
        this.codec = codec;
        this.layers = layers;
        this.scalabilityMode = scalabilityMode;
        this.extensions = extensions;
    }

    Codec codec() {
        return codec;
    }

    boolean inFirefox() {
        return this == FIREFOX_VP8_SIMULCAST;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String fileName() {
        return label() + ".layers.gz";
    }

    /**
     * For {@link RecordingPage#url}.
     *
     * @param changesFromMillis when the page begins to switch layers off and on, after the connection is up
     */
    String wish(long changesFromMillis) {
        return "codec=" + codec.encodingName() + "&layers=" + layers + "&kbps=" + MAX_KBPS + "&mode=" + scalabilityMode
                + "&width=" + WIDTH + "&height=" + HEIGHT + "&extensions=" + extensions.names + "&changes="
                + changesFromMillis;
    }
}
