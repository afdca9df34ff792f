package dev.sfu.server;

import dev.sfu.admin.AdminServer;
import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.MediaEngine;
import dev.sfu.signaling.SignalingConfig;
import dev.sfu.signaling.SignalingServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The running parts: media engine, signaling, admin. */
final class Server {
    private static final Logger log = LoggerFactory.getLogger(Server.class);

    private static final int START_SECONDS = 15;

    /** Clients get this long for their goodbye, so that all is over within two seconds. */
    private static final long PART_STOP_MILLIS = 1_200;

    private static final long STOP_MILLIS = 1_800;
    private static final long LAST_PART_STOP_MILLIS = 100;

    /** Starts the engine. */
    interface EngineStarter {
        /** The engine, serving; throws when it cannot, with {@link java.net.BindException} for a port that is taken. */
        RunningEngine start(EngineConfig config) throws Exception;
    }

    /**
     * An engine that serves.
     *
     * @param engine its public face
     * @param close ends it
     */
    record RunningEngine(MediaEngine engine, Runnable close) {}

    private interface Stopping {
        void within(long millis) throws Exception;
    }

    private record Part(String name, Stopping stopping) {}

    private final ServerConfig config;
    private final Deque<Part> started = new ArrayDeque<>();
    private int httpPort;
    private int adminPort;

    private Server(ServerConfig config) {
        this.config = config;
    }

    /** Starts everything, or stops what has started and throws. */
    static Server start(ServerConfig config, EngineStarter starter) throws StartException {
        Server server = new Server(config);
        try {
            server.startParts(starter);
            return server;
        } catch (StartException failure) {
            server.stop();
            throw failure;
        }
    }

    private void startParts(EngineStarter starter) throws StartException {
        RunningEngine running;
        try {
            running = starter.start(config.rtc());
        } catch (Exception failure) {
            EngineConfig rtc = config.rtc();
            throw new StartException(failure(
                    "rtc", "rtc.port: " + rtc.port() + ", rtc.tcpPort: " + rtc.tcpPort(), "rtc", failure), failure);
        }
        started.push(new Part("engine", millis -> running.close().run()));
        MediaEngine engine = running.engine();
        // Signaling and admin have one event loop each; files and certificates are read by a worker.
        Vertx vertx = vertx(new VertxOptions().setEventLoopPoolSize(2).setWorkerPoolSize(4));
        started.push(new Part("vertx", millis -> await(vertx.close(), millis)));
        SignalingServer signaling = new SignalingServer(vertx, engine, config.http());
        httpPort = listen("http", config.http().host(), config.http().port(), signaling.start());
        started.push(new Part("signaling", millis -> await(signaling.stop(), millis)));
        AdminServer admin = new AdminServer(vertx, engine, config.admin());
        adminPort = listen("admin", config.admin().host(), config.admin().port(), admin.start());
        started.push(new Part("admin", millis -> await(admin.stop(), millis)));
    }

    /** Stops everything, last started first, within about two seconds; idempotent. */
    synchronized void stop() {
        long begin = System.nanoTime();
        while (!started.isEmpty()) {
            Part part = started.pop();
            long left = STOP_MILLIS - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
            long millis = Math.clamp(left, LAST_PART_STOP_MILLIS, PART_STOP_MILLIS);
            try {
                part.stopping().within(millis);
            } catch (TimeoutException late) {
                log.warn("{} did not stop within {} ms", part.name(), millis);
            } catch (Exception failure) {
                log.warn("{} did not stop cleanly", part.name(), failure);
            }
        }
    }

    /** Where to point the browser. */
    String httpUrl() {
        boolean plain = config.http().tls() instanceof SignalingConfig.Tls.None;
        return url(plain ? "http" : "https", config.http().host(), httpPort);
    }

    /** Where the admin page is. */
    String adminUrl() {
        return url("http", config.admin().host(), adminPort);
    }

    private static String url(String scheme, String host, int port) {
        String shown = host;
        try {
            InetAddress address = InetAddress.ofLiteral(host);
            if (address.isAnyLocalAddress() || address.isLoopbackAddress()) {
                shown = "localhost";
            } else if (host.contains(":")) {
                shown = "[" + host + "]";
            }
        } catch (IllegalArgumentException aName) {
            shown = host;
        }
        return scheme + "://" + shown + ":" + port + "/";
    }

    /** Vert.x copies the pages there, to send them as files. */
    private static Vertx vertx(VertxOptions options) throws StartException {
        try {
            return Vertx.vertx(options);
        } catch (IllegalStateException failure) {
            throw new StartException("java.io.tmpdir: " + System.getProperty("java.io.tmpdir")
                    + " (expected: a directory that can be written)", failure);
        }
    }

    private static int listen(String section, String host, int port, Future<Integer> starting) throws StartException {
        try {
            return starting.await(START_SECONDS, TimeUnit.SECONDS);
        } catch (Exception failure) {
            throw new StartException(
                    failure(section, section + ".port: " + port, section + ".host: " + host, failure), failure);
        }
    }

    private static String failure(String section, String port, String host, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            if (message.contains("already in use")) {
                return port + " (in use; expected: a free port)";
            }
            if (message.contains("assign requested address")) {
                return host + " (expected: an address of this machine)";
            }
            if (message.contains("Permission denied")) {
                return port + " (not permitted; expected: a port that this user may open)";
            }
        }
        return section + ": cannot start: " + failure.getMessage();
    }

    private static void await(Future<?> stopping, long millis) throws TimeoutException {
        stopping.await(millis, TimeUnit.MILLISECONDS);
    }
}
