package dev.sfu.bench.trace;

import dev.sfu.bench.trace.RecordingBrowser.Capture;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Command line: records what Chromium sends, as the server receives it, or says what recordings are like.
 *
 * <p>{@code record FOLDER [LABEL...]} writes the traces of {@link RecordedTraffic} (all without labels) to a folder; it
 * starts Chromium with ffmpeg's and espeak-ng's output for camera and microphone. {@code open FOLDER LABEL} prints an
 * address to open in a browser by hand instead. {@code layers FOLDER [LABEL...]} and {@code open-layers FOLDER LABEL} do the
 * same for the traces of {@link LayerTraffic}, from Chromium and Firefox, which are test resources of sfu-core. {@code describe
 * [LABEL...]} prints {@link TraceStatistics} of what is bundled. A busy machine tears bursts apart and loses frames: record on an idle one, and look at the frame rate.
 *
 * <pre>
 * ./mvnw -q -pl sfu-bench -am -Precord verify -Dmaven.test.skip=true \
 *     -Drecord.args="record src/main/resources/dev/sfu/bench/trace"
 * ./mvnw -q -pl sfu-bench -am -Precord verify -Dmaven.test.skip=true \
 *     -Drecord.args="layers ../sfu-core/src/test/resources/dev/sfu/core/trace"
 * </pre>
 */
public final class TraceRecorder {
    private static final long DURATION_SECONDS = 10;
    private static final long WARM_UP_SECONDS = 8;
    private static final long CHANGES_AFTER_MILLIS = 1000;
    private static final long TIMEOUT_SECONDS = 60;
    private static final long BY_HAND_TIMEOUT_SECONDS = 600;

    private TraceRecorder() {}

    /** Runs the command line. */
    public static void main(String[] arguments) throws Exception {
        List<String> words = Arrays.asList(arguments);
        String command = words.isEmpty() ? "" : words.getFirst();
        switch (command) {
            case "record", "open" -> {
                if (words.size() < 2 || (command.equals("open") && words.size() != 3)) {
                    throw usage();
                }
                List<RecordedTraffic> wanted = wanted(words.subList(2, words.size()));
                for (RecordedTraffic traffic : wanted) {
                    record(traffic, Path.of(words.get(1)), command.equals("open"));
                }
            }
            case "layers", "open-layers" -> {
                if (words.size() < 2) {
                    throw usage();
                }
                for (LayerTraffic traffic : LayerTraffic.values()) {
                    if (words.size() == 2 || words.subList(2, words.size()).contains(traffic.label())) {
                        recordLayers(traffic, Path.of(words.get(1)), command.equals("open-layers"));
                    }
                }
            }
            case "describe" -> {
                for (RecordedTraffic traffic : wanted(words.subList(1, words.size()))) {
                    describe(traffic.load());
                }
            }
            default -> throw usage();
        }
    }

    private static IllegalArgumentException usage() {
        return new IllegalArgumentException(
                "usage: record FOLDER [LABEL...] | open FOLDER LABEL | layers FOLDER [LABEL...] | open-layers FOLDER LABEL"
                        + " | describe [LABEL...], labels: "
                        + Arrays.stream(RecordedTraffic.values()).map(RecordedTraffic::label).toList()
                        + Arrays.stream(LayerTraffic.values()).map(LayerTraffic::label).toList());
    }

    private static List<RecordedTraffic> wanted(List<String> labels) {
        List<RecordedTraffic> wanted = new ArrayList<>();
        for (RecordedTraffic traffic : RecordedTraffic.values()) {
            if (labels.isEmpty() || labels.contains(traffic.label())) {
                wanted.add(traffic);
            }
        }
        if (!labels.isEmpty() && wanted.size() != labels.size()) {
            throw usage();
        }
        return wanted;
    }

    private static void record(RecordedTraffic traffic, Path folder, boolean byHand)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        Recording recording = new Recording(traffic.label(), DURATION_SECONDS);
        listen(recording, traffic.label(), traffic.wish(), traffic.audio() ? Capture.MICROPHONE : Capture.CAMERA, byHand);
        Trace trace = Objects.requireNonNull(recording.finished());
        Files.createDirectories(folder);
        Path file = folder.resolve(traffic.fileName());
        TraceFile.write(trace, Files.newOutputStream(file));
        System.out.println("  " + file + ": " + Files.size(file) + " bytes");
        describe(trace);
    }

    private static void recordLayers(LayerTraffic traffic, Path folder, boolean byHand)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        LayerRecording recording = new LayerRecording(traffic.codec());
        long changesFromMillis = TimeUnit.SECONDS.toMillis(WARM_UP_SECONDS) + CHANGES_AFTER_MILLIS;
        Capture capture = traffic.inFirefox() ? Capture.FIREFOX : Capture.CAMERA;
        listen(recording, traffic.label(), traffic.wish(changesFromMillis), capture, byHand);
        Files.createDirectories(folder);
        Path file = folder.resolve(traffic.fileName());
        recording.write(Files.newOutputStream(file));
        System.out.println("  " + file + ": " + Files.size(file) + " bytes, " + recording.describe());
    }

    private static void listen(PacketLog log, String label, String wish, Capture capture, boolean byHand)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        try (RecordingPeer peer = new RecordingPeer(log, address(capture), WARM_UP_SECONDS);
                RecordingPage page = new RecordingPage(peer)) {
            String url = page.url(wish);
            System.out.println(label + ": " + url);
            if (byHand) {
                await(peer, page.failed(), new CompletableFuture<>(), BY_HAND_TIMEOUT_SECONDS);
            } else {
                try (RecordingBrowser browser = RecordingBrowser.open(url, capture)) {
                    await(peer, page.failed(), browser.exited(), TIMEOUT_SECONDS);
                }
            }
        }
    }

    private static InetAddress address(Capture capture) throws IOException {
        // Firefox sends no connectivity checks to loopback.
        return capture == Capture.FIREFOX ? interfaceAddress() : InetAddress.getLoopbackAddress();
    }

    private static InetAddress interfaceAddress() throws IOException {
        for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InetAddress address : Collections.list(network.getInetAddresses())) {
                if (network.isUp() && !network.isLoopback() && address instanceof Inet4Address) {
                    return address;
                }
            }
        }
        throw new IOException("interfaces: none (expected: one that is not loopback, with an IPv4 address)");
    }

    private static void await(
            RecordingPeer peer, CompletableFuture<Void> pageFailed, CompletableFuture<Void> browserExited, long seconds)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture.anyOf(peer.finished(), pageFailed, browserExited).get(seconds, TimeUnit.SECONDS);
    }

    private static void describe(Trace trace) {
        System.out.println(trace.name() + ", " + trace.durationMicros() / 1000 + " ms");
        System.out.println("  all: " + TraceStatistics.of(trace, -1));
        for (int stream = 0; stream < trace.streams().size() && trace.streams().size() > 1; stream++) {
            System.out.println("  " + trace.streams().get(stream).rid() + ": " + TraceStatistics.of(trace, stream));
        }
    }
}
