package dev.sfu.bench.janus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.bench.target.Target;
import dev.sfu.core.Needs;
import dev.sfu.core.srtp.SrtpProfile;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real Janus, where it is installed. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class JanusTargetTest {
    @Test
    void writesWhatJanusReads(@TempDir Path folder) throws IOException {
        Needs.executable("janus");
        new JanusConfig(4711, InetAddress.getByName("192.0.2.1"), 1).write(folder);
        String general = Files.readString(folder.resolve("janus.jcfg"));
        assertTrue(general.contains("event_loops = 1"), general);
        assertTrue(general.contains("ice_lite = true"), general);
        assertTrue(general.contains("ice_enforce_list = \"192.0.2.1\""), general);
        assertTrue(general.contains("plugins_folder = \"" + folder.resolve("plugins") + "\""), general);
        assertTrue(Files.readString(folder.resolve("janus.transport.http.jcfg")).contains("port = 4711"));
        assertTrue(Files.exists(folder.resolve("plugins/libjanus_videoroom.so")));
    }

    @Test
    void forwardsWhatAPublisherSendsAndStops() throws Exception {
        needJanus();
        Needs.executable("taskset");
        ProcessHandle janus;
        try (JanusTarget target = JanusTarget.start(0);
                LoopbackPeer publisher = new LoopbackPeer(true);
                LoopbackPeer first = new LoopbackPeer(false);
                LoopbackPeer second = new LoopbackPeer(false)) {
            assertTrue(target.name().startsWith("Janus "), target.name());
            janus = ProcessHandle.of(target.serverPid()).orElseThrow();
            assertTrue(janus.info().command().orElse("").endsWith("janus"), janus.info().toString());

            Target.Session publishing = target.publish("room", publisher);
            Target.Session firstView = target.view("room", first);
            target.view("room", second);
            first.awaitPackets(20);
            second.awaitPackets(20);
            assertEquals(SrtpProfile.AEAD_AES_128_GCM, first.srtpProfile());
            assertEquals(SrtpProfile.AEAD_AES_128_GCM, publisher.srtpProfile());

            firstView.leave();
            second.awaitPackets(40);
            publishing.leave();
            IOException nobody = assertThrows(IOException.class, () -> target.view("room", first));
            assertTrue(String.valueOf(nobody.getMessage()).contains("nobody publishes"), nobody.getMessage());
        }
        assertFalse(janus.isAlive());
    }

    @Test
    void saysWhatJanusRefuses() throws Exception {
        needJanus();
        try (JanusTarget target = JanusTarget.start(-1);
                LoopbackPeer peer = new LoopbackPeer(true)) {
            peer.offerNonsense();
            IOException refused = assertThrows(IOException.class, () -> target.publish("room", peer));
            assertTrue(String.valueOf(refused.getMessage()).startsWith("janus: "), refused.getMessage());
        }
    }

    private static void needJanus() throws SocketException {
        Needs.executable("janus");
        Needs.that(
                NetworkInterface.networkInterfaces()
                        .flatMap(NetworkInterface::inetAddresses)
                        .anyMatch(address -> address instanceof Inet4Address && !address.isLoopbackAddress()),
                "an IPv4 address beside loopback");
    }
}
