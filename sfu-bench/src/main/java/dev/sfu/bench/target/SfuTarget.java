package dev.sfu.bench.target;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * This server as it ships: the application and the JVM's cache that the build of the bench, or another checkout's, laid out. With
 * JVM flags that the cache was not made for, such as another collector, it runs without.
 */
public final class SfuTarget implements Target {
    /** How peers come in. */
    public enum Join {
        /** By WHIP and WHEP. */
        WHIP,
        /** By WebSocket, as the browser client does. */
        WS
    }

    private static final Pattern READY = Pattern.compile("SFU is ready: http://[^:]+:(\\d+).*admin: (http://[^)]+)\\)");
    private static final Duration HTTP_TIMEOUT = Duration.ofSeconds(60);
    private static final int CREATED = 201;
    private static final int STOP_SECONDS = 5;
    private static final Map<String, String> SERVER_FLAGS = Map.of(
            "--http.host", "127.0.0.1",
            "--http.port", "0",
            "--admin.port", "0",
            "--rtc.port", "0",
            "--rtc.tcpPort", "off",
            "--rtc.shards", "1",
            "--rtc.advertise", "127.0.0.1",
            "--http.limits.joinsPerMinutePerAddress", "1000000",
            "--log.level", "warn");

    private final ServerSpec spec;
    private final Join join;
    private final Process process;
    private final Path safepoints;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(HTTP_TIMEOUT)
            .build();
    private final URI url;
    private final URI adminUrl;

    private SfuTarget(ServerSpec spec, Join join, Process process, Path safepoints, URI url, URI adminUrl) {
        this.spec = spec;
        this.join = join;
        this.process = process;
        this.safepoints = safepoints;
        this.url = url;
        this.adminUrl = adminUrl;
    }

    /**
     * Starts the server and waits until it is ready.
     *
     * @param core which processor it may use, all of its threads
     * @param jvmFlags instead of those of the run profile, if not empty
     * @param spec what is special about it
     * @throws IOException if it does not start
     */
    public static SfuTarget start(int core, List<String> jvmFlags, ServerSpec spec, Join join) throws IOException {
        Path safepoints = Files.createTempFile("sfu-safepoints", ".log");
        Path module = spec.checkout(checkout()).resolve("sfu-server");
        Path application = module.resolve("target").resolve("app");
        ServerSpec full = spec.over(jvmFlags.isEmpty() ? runFlags(module) : jvmFlags, SERVER_FLAGS);
        List<String> command = new ArrayList<>(List.of(
                "taskset", "-c", String.valueOf(core), Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(full.jvmFlags());
        command.addAll(List.of(
                Pause.LOG_FLAG.formatted(safepoints),
                "-Dsfu.stopWithParent=true",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:AOTCache=" + application.resolve("sfu.aot"),
                "-jar",
                application.resolve("sfu-server.jar").toString()));
        new LinkedHashMap<>(full.serverFlags()).forEach((flag, value) -> command.add(flag + "=" + value));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            Matcher ready = READY.matcher(line);
            if (ready.find()) {
                // Not a virtual thread: it blocks in a read for as long as the server is silent, and on the load's one processor
                // there is one carrier, for which the JDK stands in for 30 s only. Joins then waited for ever.
                Thread.ofPlatform().daemon().name("server output").start(() -> out.lines().forEach(System.err::println));
                return new SfuTarget(
                        spec,
                        join,
                        process,
                        safepoints,
                        URI.create("http://127.0.0.1:" + ready.group(1) + "/"),
                        URI.create(ready.group(2) + "/"));
            }
            System.err.println(line);
        }
        throw new IOException("the server ended before it was ready");
    }

    /** Those of the profile run, one by one, so that others can take the place of some. */
    private static List<String> runFlags(Path module) throws IOException {
        return Files.readAllLines(module.resolve("jvm.options")).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
    }

    /** Where this module was built: its classes are in {@code sfu-bench/target/classes} or a jar beside them. */
    private static Path checkout() {
        Path classes = Path.of(SfuTarget.class.getProtectionDomain().getCodeSource().getLocation().getPath());
        Path module = classes.resolve("../..").normalize();
        return module.resolve("..").normalize();
    }

    @Override
    public String name() {
        return spec.settings().isEmpty() ? "this server" : "this server, " + spec.settings();
    }

    @Override
    public long serverPid() {
        return process.pid();
    }

    @Override
    public Session publish(String room, SdpPeer peer) throws IOException, InterruptedException {
        return join == Join.WS ? participate(room, peer) : post("whip/" + room, peer);
    }

    @Override
    public Session view(String room, SdpPeer peer) throws IOException, InterruptedException {
        return join == Join.WS ? participate(room, peer) : post("whep/" + room, peer);
    }

    @Override
    public Session participate(String room, SdpPeer peer) throws IOException, InterruptedException {
        RoomSocket socket = RoomSocket.join(http, URI.create("ws://" + url.getAuthority() + "/ws"), room);
        try {
            socket.negotiate(peer);
        } catch (IOException | InterruptedException | RuntimeException e) {
            socket.vanish();
            throw e;
        }
        return socket;
    }

    private Session post(String path, SdpPeer peer) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(url.resolve(path))
                .timeout(HTTP_TIMEOUT)
                .header("Content-Type", "application/sdp")
                .POST(HttpRequest.BodyPublishers.ofString(peer.offer()))
                .build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != CREATED) {
            throw new IOException(path + ": " + response.statusCode() + " " + response.body());
        }
        peer.onAnswer(response.body());
        URI session = url.resolve(response.headers().firstValue("Location").orElseThrow());
        return () -> http.send(
                HttpRequest.newBuilder(session).timeout(HTTP_TIMEOUT).DELETE().build(),
                HttpResponse.BodyHandlers.discarding());
    }

    @Override
    public Map<String, Double> metrics() throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(adminUrl.resolve("metrics")).timeout(HTTP_TIMEOUT).build();
        Map<String, Double> samples = new HashMap<>();
        for (String line : http.send(request, HttpResponse.BodyHandlers.ofString()).body().split("\n", -1)) {
            int end = line.lastIndexOf(' ');
            if (end > 0 && !line.startsWith("#")) {
                String labelled = line.substring(0, end);
                String name = labelled.replaceFirst("\\{.*", "");
                double value = Double.parseDouble(line.substring(end + 1));
                samples.merge(name, value, Double::sum);
                if (!name.equals(labelled)) {
                    samples.put(labelled, value);
                }
            }
        }
        return samples;
    }

    @Override
    public List<Pause> pauses(long fromNanos, long toNanos) throws IOException {
        return Pause.read(Files.readAllLines(safepoints)).stream()
                .filter(pause -> pause.atNanos() > fromNanos && pause.atNanos() <= toNanos)
                .toList();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            Files.deleteIfExists(safepoints);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
