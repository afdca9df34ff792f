package dev.sfu.bench.trace;

import dev.sfu.core.codec.Codec;
import java.util.Locale;

/** What sfu-core's tests of layer selection play: every codec with the layers that Chromium can give it. */
enum LayerTraffic {
    VP8_SIMULCAST_L1T3(Codec.VP8, 3, "L1T3"),
    VP9_SIMULCAST_L1T3(Codec.VP9, 3, "L1T3"),
    H264_SIMULCAST_L1T3(Codec.H264, 3, "L1T3"),
    AV1_SIMULCAST_L1T3(Codec.AV1, 3, "L1T3"),
    VP9_L3T3(Codec.VP9, 1, "L3T3"),
    VP9_L3T3_KEY(Codec.VP9, 1, "L3T3_KEY"),
    AV1_L3T3(Codec.AV1, 1, "L3T3"),
    AV1_L3T3_KEY(Codec.AV1, 1, "L3T3_KEY"),
    /** Firefox has neither the dependency descriptor nor scalability modes. */
    FIREFOX_VP8_SIMULCAST(Codec.VP8, 3, "");

    /** The least that browsers send in three encodings. */
    private static final int WIDTH = 960;
    private static final int HEIGHT = 540;
    private static final int MAX_KBPS = 1800;

    private final Codec codec;
    private final int layers;
    private final String scalabilityMode;

    LayerTraffic(Codec codec, int layers, String scalabilityMode) {
        this.codec = codec;
        this.layers = layers;
        this.scalabilityMode = scalabilityMode;
    }

    Codec codec() {
        return codec;
    }

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String fileName() {
        return label() + ".layers.gz";
    }

    /** For {@link RecordingPage#url}. */
    String wish() {
        return "codec=" + codec.encodingName() + "&layers=" + layers + "&kbps=" + MAX_KBPS + "&mode=" + scalabilityMode
                + "&width=" + WIDTH + "&height=" + HEIGHT + "&extensions=dependency-descriptor,video-layers-allocation";
    }
}
