package dev.sfu.bench.janus;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;

/**
 * What Janus is told at start: one event loop, the VideoRoom plugin and the HTTP transport and nothing else, ICE lite on one
 * address.
 *
 * @param httpPort where its API listens, on loopback
 * @param mediaAddress where media goes; Janus gathers no loopback address, but what is sent to an own address does not
 *     leave the machine either
 * @param eventLoops threads for media; 1 is its best for one core
 */
record JanusConfig(int httpPort, InetAddress mediaAddress, int eventLoops) {
    /** Below the ports that the kernel gives away, which the peers' sockets have. */
    private static final String MEDIA_PORTS = "20000-31999";
    private static final String VIDEO_ROOM = "libjanus_videoroom.so";
    private static final String HTTP = "libjanus_http.so";
    private static final Path LIBRARIES = Path.of("/usr/lib");

    /** The first IPv4 address of this machine that is not loopback. */
    static InetAddress ownAddress() throws IOException {
        for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            if (!network.isUp() || network.isLoopback()) {
                continue;
            }
            for (InterfaceAddress address : network.getInterfaceAddresses()) {
                if (address.getAddress() instanceof Inet4Address) {
                    return address.getAddress();
                }
            }
        }
        throw new IOException("interfaces: no IPv4 address beside loopback (expected: one, since Janus wants no loopback)");
    }

    /**
     * Writes the files that {@code janus --configs-folder} reads, and folders with links to the libraries to load.
     *
     * @throws IOException if it cannot be written or Janus' libraries are not where Debian puts them
     */
    void write(Path folder) throws IOException {
        Path installed = installed();
        Path plugins = Files.createDirectories(folder.resolve("plugins"));
        Path transports = Files.createDirectories(folder.resolve("transports"));
        Path none = Files.createDirectories(folder.resolve("none"));
        Files.createSymbolicLink(plugins.resolve(VIDEO_ROOM), installed.resolve("plugins").resolve(VIDEO_ROOM));
        Files.createSymbolicLink(transports.resolve(HTTP), installed.resolve("transports").resolve(HTTP));
        Files.writeString(folder.resolve("janus.jcfg"), """
                general: {
                    configs_folder = "%s"
                    plugins_folder = "%s"
                    transports_folder = "%s"
                    events_folder = "%s"
                    loggers_folder = "%s"
                    debug_level = 2
                    debug_colors = false
                    event_loops = %d
                }
                media: {
                    rtp_port_range = "%s"
                    no_media_timer = 0
                }
                nat: {
                    ice_lite = true
                    ice_enforce_list = "%s"
                }
                """.formatted(
                folder, plugins, transports, none, none, eventLoops, MEDIA_PORTS, mediaAddress.getHostAddress()));
        Files.writeString(folder.resolve("janus.transport.http.jcfg"), """
                general: {
                    json = "compact"
                    base_path = "/janus"
                    http = true
                    ip = "127.0.0.1"
                    port = %d
                    https = false
                }
                admin: {
                    admin_http = false
                }
                """.formatted(httpPort));
        Files.writeString(folder.resolve("janus.plugin.videoroom.jcfg"), """
                general: {
                    string_ids = true
                }
                """);
    }

    /** The folder with plugins and transports: {@code /usr/lib/<triplet>/janus}. */
    private static Path installed() throws IOException {
        return find(LIBRARIES).orElseThrow(
                () -> new IOException(LIBRARIES + "/*/janus: missing (expected: apt-get install janus)"));
    }

    private static Optional<Path> find(Path libraries) throws IOException {
        try (DirectoryStream<Path> triplets = Files.newDirectoryStream(libraries, "*-linux-gnu*")) {
            for (Path triplet : triplets) {
                Path janus = triplet.resolve("janus");
                if (Files.exists(janus.resolve("plugins").resolve(VIDEO_ROOM))) {
                    return Optional.of(janus);
                }
            }
        }
        return Optional.empty();
    }
}
