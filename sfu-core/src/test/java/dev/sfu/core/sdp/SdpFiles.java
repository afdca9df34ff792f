package dev.sfu.core.sdp;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Offers that real browsers and aiortc wrote, with documentation addresses in place of their own. */
final class SdpFiles {
    /** Chromium 156, Firefox ESR 153 and aiortc 1.4. */
    static final List<String> NAMES = List.of("chromium-publish", "chromium-room", "chromium-sendrecv",
            "chromium-watch", "firefox-publish", "firefox-room", "firefox-sendrecv", "firefox-watch",
            "aiortc-publish");

    private SdpFiles() {}

    static List<String> names() {
        return NAMES;
    }

    static String text(String name) {
        try (InputStream in = SdpFiles.class.getResourceAsStream(name + ".sdp")) {
            if (in == null) {
                throw new IllegalArgumentException(name + " (expected: one of " + NAMES + ")");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static SdpSession read(String name) throws SdpException {
        return SdpReader.read(text(name));
    }
}
