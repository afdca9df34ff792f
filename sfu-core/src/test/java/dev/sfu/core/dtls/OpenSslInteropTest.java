package dev.sfu.core.dtls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sfu.core.sdp.Fingerprint;
import dev.sfu.core.srtp.SrtpKeys;
import dev.sfu.core.srtp.SrtpProfile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both roles against the openssl command over UDP on loopback. */
class OpenSslInteropTest {
    private static final String KEYING_MATERIAL = "Keying material: ";

    @BeforeAll
    static void needsOpenSsl() throws Exception {
        boolean present;
        try {
            present = new ProcessBuilder("openssl", "version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            present = false;
        }
        if (!present && Boolean.getBoolean("sfu.tests.requireAll")) {
            throw new AssertionError("openssl is missing (expected: on the PATH, as sfu.tests.requireAll is set)");
        }
        assumeTrue(present, "SKIPPED: no openssl on the PATH, so no interoperability test of DTLS");
    }

    @ParameterizedTest(name = "we are {0}, openssl has a key of type {1} and offers or chooses {2}")
    @CsvSource({
        "SERVER, ec, AEAD_AES_128_GCM",
        "SERVER, rsa, AEAD_AES_128_GCM",
        "SERVER, ec, AES128_CM_HMAC_SHA1_80",
        "SERVER, ec, AEAD_AES_256_GCM",
        "CLIENT, ec, AEAD_AES_128_GCM",
        "CLIENT, rsa, AES128_CM_HMAC_SHA1_80",
    })
    void agreesWithOpenSsl(DtlsRole role, String keyType, SrtpProfile profile, @TempDir Path directory)
            throws Exception {
        Fingerprint peer = makeCertificate(directory, keyType);
        try (DtlsTestBed bed = new DtlsTestBed();
                DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            int opensslPort = role == DtlsRole.CLIENT ? freePort() : 0;
            DtlsEndpoint endpoint = bed.endpoint(DtlsConfig.of(
                    role,
                    role == DtlsRole.CLIENT ? DtlsTestBed.CLIENT_CERTIFICATE : DtlsTestBed.SERVER_CERTIFICATE,
                    List.of(peer)));
            pump(socket, endpoint, bed, opensslPort);
            endpoint.run(() -> endpoint.transport().start());
            Process openssl = new ProcessBuilder(command(role, profile, socket.getLocalPort(), opensslPort))
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .start();
            try (BufferedReader output = openssl.inputReader(StandardCharsets.US_ASCII);
                    OutputStream input = openssl.getOutputStream()) {
                SrtpKeys keys = endpoint.awaitConnected();

                assertEquals(profile, keys.profile());
                assertKeys(role, keys, HexFormat.of().parseHex(awaitLine(output, KEYING_MATERIAL)));
                assertEquals(
                        role == DtlsRole.CLIENT && keyType.equals("rsa")
                                ? "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
                                : "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                        endpoint.transport().cipherSuite());
                exchangeAndClose(endpoint, output, input, role);
            } finally {
                openssl.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
            }
        }
    }

    private static void exchangeAndClose(
            DtlsEndpoint endpoint, BufferedReader output, OutputStream input, DtlsRole role) throws IOException {
        input.write("over\n".getBytes(StandardCharsets.US_ASCII));
        input.flush();
        assertArrayEquals("over\n".getBytes(StandardCharsets.US_ASCII), endpoint.awaitApplicationData());
        byte[] back = "and back\n".getBytes(StandardCharsets.US_ASCII);
        assertTrue(endpoint.call(() -> endpoint.transport().sendApplicationData(back, 0, back.length)));
        assertEquals("", awaitLine(output, "and back"));
        if (role == DtlsRole.SERVER) {
            input.write("Q\n".getBytes(StandardCharsets.US_ASCII));
            input.flush();
            endpoint.awaitClosed();
        } else {
            endpoint.run(() -> endpoint.transport().close());
            assertEquals("", awaitLine(output, "DONE"));
        }
    }

    private static void assertKeys(DtlsRole ours, SrtpKeys keys, byte[] material) {
        SrtpKeys theirs = SrtpKeys.fromExporter(keys.profile(), material, ours == DtlsRole.SERVER);
        if (ours == DtlsRole.CLIENT) {
            DtlsHandshakeTest.assertSameKeys(keys, theirs);
        } else {
            DtlsHandshakeTest.assertSameKeys(theirs, keys);
        }
    }

    private static List<String> command(DtlsRole ours, SrtpProfile profile, int ourPort, int opensslPort) {
        String name = switch (profile) {
            case AEAD_AES_128_GCM -> "SRTP_AEAD_AES_128_GCM";
            case AES128_CM_HMAC_SHA1_80 -> "SRTP_AES128_CM_SHA1_80";
            case AEAD_AES_256_GCM -> "SRTP_AEAD_AES_256_GCM";
        };
        List<String> command = new ArrayList<>(switch (ours) {
            case SERVER -> List.of("openssl", "s_client", "-connect", "127.0.0.1:" + ourPort);
            case CLIENT -> List.of("openssl", "s_server", "-accept", "127.0.0.1:" + opensslPort, "-verify", "1");
        });
        command.addAll(List.of(
                "-dtls1_2", "-use_srtp", name, "-cert", "cert.pem", "-key", "key.pem",
                "-keymatexport", SrtpKeys.EXPORTER_LABEL,
                "-keymatexportlen", Integer.toString(SrtpKeys.exporterBytes(profile))));
        return command;
    }

    /** What follows {@code prefix} in the line that begins with it. */
    private static String awaitLine(BufferedReader output, String prefix) throws IOException {
        for (@Nullable String line = output.readLine(); line != null; line = output.readLine()) {
            int at = line.indexOf(prefix);
            if (at >= 0) {
                return line.substring(at + prefix.length()).strip();
            }
        }
        throw new AssertionError("openssl ended without a line with " + prefix);
    }

    /** Couples endpoint and socket; a port of 0 stands for wherever the first datagram comes from. */
    private static void pump(DatagramSocket socket, DtlsEndpoint endpoint, DtlsTestBed bed, int port) {
        SocketAddress[] remote = {new InetSocketAddress(InetAddress.getLoopbackAddress(), port)};
        endpoint.outgoing(datagram -> {
            try {
                socket.send(new DatagramPacket(datagram, datagram.length, remote[0]));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        Thread.ofVirtual().start(() -> {
            byte[] buffer = new byte[2048];
            try {
                while (true) {
                    DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                    socket.receive(packet);
                    byte[] datagram = Arrays.copyOf(buffer, packet.getLength());
                    SocketAddress source = packet.getSocketAddress();
                    bed.owner.execute(() -> {
                        remote[0] = source;
                        endpoint.receive(datagram);
                    });
                }
            } catch (SocketException e) {
                assertTrue(socket.isClosed(), e.toString());
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private static int freePort() throws IOException {
        try (DatagramSocket probe = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private static Fingerprint makeCertificate(Path directory, String keyType) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "openssl", "req", "-x509", "-nodes", "-days", "1", "-subj", "/CN=peer",
                "-keyout", "key.pem", "-out", "cert.pem", "-newkey"));
        command.addAll(
                keyType.equals("rsa")
                        ? List.of("rsa:2048")
                        : List.of(keyType, "-pkeyopt", "ec_paramgen_curve:P-256"));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("req.log").toFile())
                .start();
        assertEquals(0, process.waitFor(), () -> String.join(" ", command).toLowerCase(Locale.ROOT));
        try (InputStream pem = Files.newInputStream(directory.resolve("cert.pem"))) {
            byte[] der = CertificateFactory.getInstance("X.509").generateCertificate(pem).getEncoded();
            return new Fingerprint("sha-256", MessageDigest.getInstance("SHA-256").digest(der));
        }
    }
}
