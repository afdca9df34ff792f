package dev.sfu.server.rehearsal;

import dev.sfu.core.dtls.DtlsCertificate;
import dev.sfu.core.dtls.DtlsHandshakes;
import dev.sfu.core.sdp.SdpException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** One publisher by WHIP, viewers by WHEP one after the other, and a look at the pages. */
public final class Rehearsal {
    private static final int VIEWERS = 30;
    private static final int PACKETS_FOR_EACH = 30;
    private static final int CREATED = 201;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final URI http;
    private final URI admin;
    private final SecureRandom random = new SecureRandom();

    private Rehearsal(URI http, URI admin) {
        this.http = http;
        this.admin = admin;
    }

    /**
     * Takes some two seconds.
     *
     * @param http where signaling listens, without TLS
     * @param admin where the admin interface listens
     * @return how many packets the viewers received
     * @throws IOException if the server does not play its part
     */
    public static int run(URI http, URI admin) throws IOException, InterruptedException {
        return new Rehearsal(http, admin).run();
    }

    private int run() throws IOException, InterruptedException {
        DtlsCertificate certificate = DtlsCertificate.generate(random, Instant.now());
        List<RehearsalPeer> peers = new ArrayList<>();
        int received = 0;
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
                DtlsHandshakes handshakes = new DtlsHandshakes(random, 1, 1)) {
            look(client, http.resolve("/"));
            look(client, http.resolve("/sfu-client.js"));
            try {
                RehearsalPeer publisher = join(client, "whip", certificate, handshakes, peers);
                for (int i = 0; i < VIEWERS; i++) {
                    RehearsalPeer viewer = join(client, "whep", certificate, handshakes, peers);
                    for (int packet = 0; packet < PACKETS_FOR_EACH; packet++) {
                        publisher.sendVideo();
                        received += viewer.receive();
                    }
                }
                look(client, admin.resolve("/metrics"));
                look(client, admin.resolve("/api/connections"));
                look(client, admin.resolve("/"));
            } finally {
                peers.forEach(RehearsalPeer::close);
            }
        }
        return received;
    }

    private RehearsalPeer join(
            HttpClient client,
            String endpoint,
            DtlsCertificate certificate,
            DtlsHandshakes handshakes,
            List<RehearsalPeer> peers)
            throws IOException, InterruptedException {
        RehearsalPeer peer = new RehearsalPeer(certificate, handshakes, random);
        peers.add(peer);
        HttpRequest request = HttpRequest.newBuilder(http.resolve("/" + endpoint + "/rehearsal"))
                .timeout(TIMEOUT)
                .header("Content-Type", "application/sdp")
                .POST(HttpRequest.BodyPublishers.ofString(peer.offer(endpoint.equals("whip"))))
                .build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != CREATED) {
            throw new IOException(endpoint + ": " + response.statusCode() + " (expected: " + CREATED + ")");
        }
        try {
            peer.connect(response.body());
        } catch (SdpException malformed) {
            throw new IOException(endpoint + ": the answer cannot be read", malformed);
        }
        return peer;
    }

    private static void look(HttpClient client, URI page) throws IOException, InterruptedException {
        client.send(
                HttpRequest.newBuilder(page).timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.discarding());
    }
}
