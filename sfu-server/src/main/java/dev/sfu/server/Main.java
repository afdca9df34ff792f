package dev.sfu.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.shard.Engine;
import dev.sfu.core.srtp.CryptoSelection;
import dev.sfu.server.rehearsal.Rehearsal;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.LoggerFactory;

/**
 * Starts the server and keeps it running until SIGINT or SIGTERM.
 *
 * <p>Exit status: 1 when something cannot start, 2 when the configuration cannot be used.
 */
public final class Main {
    private static final org.slf4j.Logger log = LoggerFactory.getLogger(Main.class);

    static final int CANNOT_START = 1;
    static final int BAD_CONFIG = 2;

    /** System property, true when the server is to end with the process that started it. */
    private static final String STOP_WITH_PARENT = "sfu.stopWithParent";

    /** System property, true when the JVM is to learn what it will need from a rehearsal and the server then ends. */
    private static final String REHEARSE = "sfu.rehearse";

    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;

    Main(Map<String, String> environment, PrintStream out, PrintStream err) {
        this.environment = environment;
        this.out = out;
        this.err = err;
    }

    /** Runs the server with {@code --key=value} arguments; {@code --help} lists them. */
    public static void main(String[] arguments) {
        OptionalInt status = new Main(System.getenv(), System.out, System.err).run(arguments);
        if (status.isPresent()) {
            System.exit(status.getAsInt());
        }
    }

    /** The exit status, or empty when the server runs. */
    OptionalInt run(String... arguments) {
        Flags flags = new Flags(version(), arguments);
        Optional<String> information = flags.information();
        if (information.isPresent()) {
            out.print(information.get());
            out.flush();
            return OptionalInt.of(0);
        }
        try {
            ServerConfig config = flags.config(environment);
            logFrom(config.log().level());
            Server server = Server.start(config, rtc -> engine(rtc, config.crypto()));
            Runtime.getRuntime().addShutdownHook(new Thread(server::stop, "stop"));
            if (Boolean.getBoolean(REHEARSE)) {
                return OptionalInt.of(rehearse(server));
            }
            if (Boolean.getBoolean(STOP_WITH_PARENT)) {
                stopWithParent();
            }
            out.println("SFU is ready: " + server.httpUrl() + "  (admin: " + server.adminUrl() + ")");
            out.flush();
            // Afterwards, because the first use of java.lang.foreign takes a while.
            log.debug("{} threads of the JVM give way", BackgroundThreads.giveWay());
            return OptionalInt.empty();
        } catch (ConfigException refused) {
            refused.problems().forEach(err::println);
            return OptionalInt.of(BAD_CONFIG);
        } catch (StartException failure) {
            err.println(failure.getMessage());
            log.debug("cannot start", failure);
            return OptionalInt.of(CANNOT_START);
        }
    }

    /** The engine to serve with. */
    private static Server.RunningEngine engine(EngineConfig config, String crypto) throws IOException {
        Engine engine = Engine.start(config, crypto(crypto));
        return new Server.RunningEngine(engine, engine::close);
    }

    private static CryptoSelection crypto(String choice) {
        try {
            return CryptoSelection.of(choice);
        } catch (IllegalStateException absent) {
            throw new IllegalStateException(
                    "rtc.crypto: " + choice + " (expected: one that works here; " + absent.getMessage() + ")", absent);
        }
    }

    /** Always exit status 0: a server starts without what is learnt here, only slower. */
    private int rehearse(Server server) {
        BackgroundThreads.giveWay();
        try {
            int packets = Rehearsal.run(URI.create(server.httpUrl()), URI.create(server.adminUrl()));
            log.info("rehearsed with {} packets", packets);
        } catch (IOException | RuntimeException failed) {
            err.println("rehearsal: " + failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }

    /** A build tool that is killed does not pass the signal on. */
    private static void stopWithParent() {
        ProcessHandle.current().parent().ifPresent(parent -> Thread.startVirtualThread(() -> {
            parent.onExit().join();
            System.exit(0);
        }));
    }

    /** Libraries speak up from warnings on; our own packages as asked. */
    private static void logFrom(String text) {
        Level level = Level.toLevel(text);
        ((Logger) LoggerFactory.getLogger("dev.sfu")).setLevel(level);
        ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME))
                .setLevel(level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN);
    }

    private static String version() {
        try (InputStream in = Objects.requireNonNull(Main.class.getResourceAsStream("version.txt"))) {
            return new String(in.readAllBytes(), UTF_8).trim();
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
