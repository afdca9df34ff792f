package dev.sfu.bench.trace;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/** What was recorded from Chromium and lies beside this class, ten seconds each; {@link TraceRecorder} makes them. */
public enum RecordedTraffic {
    /** A lively camera, 1280x720 at 30 frames a second. */
    VP8_720P("VP8", 1, 2000),
    /** The same in three encodings, each half as wide and high as the next: 180p, 360p, 720p. */
    VP8_SIMULCAST("VP8", 3, 2500),
    /** The camera in VP9. */
    VP9_720P("VP9", 1, 1800),
    /** The camera in H.264. */
    H264_720P("H264", 1, 2000),
    /** The camera in AV1. */
    AV1_720P("AV1", 1, 1500),
    /** Speech with pauses, in which Opus falls silent (DTX). */
    OPUS_SPEECH("opus", 1, 32);

    private final String codec;
    private final int layers;
    private final int maxKbps;

    RecordedTraffic(String codec, int layers, int maxKbps) {
        this.codec = codec;
        this.layers = layers;
        this.maxKbps = maxKbps;
    }

    /** Encoding name as in SDP. */
    public String codec() {
        return codec;
    }

    /** Simulcast encodings, 1 for none. */
    int layers() {
        return layers;
    }

    /** For {@link RecordingPage#url}: what is sent, and how many kilobits per second all layers together may take. */
    String wish() {
        return "codec=" + codec + "&layers=" + layers + "&kbps=" + maxKbps;
    }

    boolean audio() {
        return codec.equals("opus");
    }

    /** For reports and file names: {@code vp8-720p} and so on. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The name of its file. */
    String fileName() {
        return label() + ".trace.gz";
    }

    /**
     * Reads the recording.
     *
     * @throws IOException if it is not there or damaged
     */
    public Trace load() throws IOException {
        InputStream file = RecordedTraffic.class.getResourceAsStream(fileName());
        if (file == null) {
            throw new IOException(fileName() + ": missing (expected: beside " + RecordedTraffic.class.getName() + ")");
        }
        return TraceFile.read(file);
    }
}
