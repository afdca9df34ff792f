package dev.sfu.server.rehearsal;

import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.dtls.DtlsCertificate;
import dev.sfu.core.dtls.DtlsConfig;
import dev.sfu.core.dtls.DtlsHandshakes;
import dev.sfu.core.dtls.DtlsRole;
import dev.sfu.core.dtls.DtlsTransport;
import dev.sfu.core.sdp.IceCandidate;
import dev.sfu.core.sdp.MediaSection;
import dev.sfu.core.sdp.SdpException;
import dev.sfu.core.sdp.SdpReader;
import dev.sfu.core.sdp.SdpSession;
import dev.sfu.core.sdp.TransportAttributes;
import dev.sfu.core.srtp.CryptoProviders;
import dev.sfu.core.srtp.SrtpKeys;
import dev.sfu.core.srtp.SrtpSender;
import dev.sfu.core.stun.StunClass;
import dev.sfu.core.stun.StunIntegrity;
import dev.sfu.core.stun.StunMessage;
import dev.sfu.core.stun.StunWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** As little of a browser as it takes to join: offer, one connectivity check at a time, DTLS client, SRTP. */
final class RehearsalPeer implements DtlsTransport.Output {
    private static final long PATIENCE_NANOS = 5_000_000_000L;
    private static final int POLL_MILLIS = 5;
    private static final int BUFFER_BYTES = 2_048;
    private static final int HEADER_BYTES = 20;
    private static final int PAYLOAD_BYTES = 1_100;
    private static final int VIDEO_TYPE = 96;
    private static final long PRIORITY = (110L << 24) + (0xFFFFL << 8) + 255;

    /** The first packet of a VP8 keyframe of 320 by 180 (RFC 7741 sections 4.2 and 4.3). */
    private static final byte[] KEYFRAME = {0x10, 0x10, 0, 0, (byte) 0x9D, 1, 0x2A, 0x40, 1, (byte) 0xB4, 0};

    private final DtlsCertificate certificate;
    private final DtlsHandshakes handshakes;
    private final SecureRandom random;
    private final DatagramSocket socket;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final byte[] in = new byte[BUFFER_BYTES];
    private final byte[] out = new byte[BUFFER_BYTES];
    private final String ufrag;
    private final int ssrc;
    private InetSocketAddress server = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private @Nullable DtlsTransport dtls;
    private @Nullable SrtpSender sender;
    private @Nullable String failure;
    private int sequence;

    RehearsalPeer(DtlsCertificate certificate, DtlsHandshakes handshakes, SecureRandom random) throws IOException {
        this.certificate = certificate;
        this.handshakes = handshakes;
        this.random = random;
        this.ufrag = "rehearsal" + random.nextInt(1_000_000);
        this.ssrc = random.nextInt(1, Integer.MAX_VALUE);
        this.socket = new DatagramSocket();
        socket.setSoTimeout(POLL_MILLIS);
    }

    /** An offer of one audio and one video section, as Chromium words it. */
    String offer(boolean sending) throws IOException {
        String text;
        try (InputStream file = Objects.requireNonNull(RehearsalPeer.class.getResourceAsStream("offer.sdp"))) {
            text = new String(file.readAllBytes(), StandardCharsets.US_ASCII);
        }
        return text.replace("{ufrag}", ufrag)
                .replace("{fingerprint}", certificate.fingerprint("sha-256").format())
                .replace("{direction}", sending ? "sendonly" : "recvonly")
                .replace("{source}", sending ? "a=ssrc:" + ssrc + " cname:rehearsal\n" : "")
                .replace("\n", "\r\n");
    }

    /** Checks connectivity and shakes hands; throws when that does not end well within five seconds. */
    void connect(String answer) throws IOException, SdpException {
        SdpSession session = SdpReader.read(answer);
        MediaSection section = session.media().getFirst();
        TransportAttributes transport = session.transportOf(section);
        IceCandidate candidate = section.candidates().stream()
                .filter(c -> c.protocol().equalsIgnoreCase("udp") && !c.address().contains(":"))
                .findFirst()
                .orElseThrow(() -> new IOException("no UDP candidate with an IPv4 address in the answer"));
        server = new InetSocketAddress(InetAddress.ofLiteral(candidate.address()), candidate.port());
        check(transport);
        long begin = System.nanoTime();
        while (sender == null) {
            if (failure != null || System.nanoTime() - begin > PATIENCE_NANOS) {
                throw new IOException("not connected: " + failure);
            }
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
            int length = read();
            if (length > 0 && dtls == null && StunMessage.looksLikeStun(in, 0, length)) {
                dtls = new DtlsTransport(
                        DtlsConfig.of(DtlsRole.CLIENT, certificate, transport.fingerprints()),
                        handshakes,
                        tasks::add,
                        this);
                dtls.start();
            } else if (length > 0 && dtls != null && in[0] >= 20 && in[0] < 64) {
                dtls.onDatagram(in, 0, length);
            }
        }
    }

    private void check(TransportAttributes transport) {
        byte[] id = new byte[StunMessage.TRANSACTION_ID_BYTES];
        random.nextBytes(id);
        StunWriter request = new StunWriter(out)
                .begin(StunClass.REQUEST, StunMessage.BINDING, id)
                .username((transport.iceUfrag() + ":" + ufrag).getBytes(StandardCharsets.US_ASCII))
                .priority(PRIORITY)
                .iceControlling(random.nextLong())
                .useCandidate()
                .integrity(StunIntegrity.ofPassword(Objects.requireNonNull(transport.icePwd())))
                .fingerprint();
        sendDtls(out, 0, request.length());
    }

    /** Sends a packet of a keyframe; only after {@link #connect}. */
    void sendVideo() {
        byte[] payload = new byte[PAYLOAD_BYTES];
        System.arraycopy(KEYFRAME, 0, payload, 0, KEYFRAME.length);
        Bytes.put32(out, 0, 0x9080_0000 | VIDEO_TYPE << 16 | sequence);
        Bytes.put32(out, 4, 3_000 * sequence);
        Bytes.put32(out, 8, ssrc);
        // One element of the one-byte form: id 4, MID "1" (RFC 8285 section 4.2, RFC 9143).
        Bytes.put32(out, 12, 0xBEDE_0001);
        Bytes.put32(out, 16, 0x4031_0000);
        int length = Objects.requireNonNull(sender)
                .protectRtp(sequence++, out, 0, HEADER_BYTES, 0, payload, 0, payload.length);
        sendDtls(out, 0, length);
    }

    /** How many datagrams with media came: 0 or 1. */
    int receive() throws IOException {
        return read() > 0 && in[0] < 0 ? 1 : 0;
    }

    /** The length of the next datagram, or -1 when none comes in time. */
    private int read() throws IOException {
        DatagramPacket packet = new DatagramPacket(in, in.length);
        try {
            socket.receive(packet);
            return packet.getLength();
        } catch (SocketTimeoutException none) {
            return -1;
        }
    }

    void close() {
        if (dtls != null) {
            dtls.close();
        }
        socket.close();
    }

    @Override
    public void sendDtls(byte[] array, int offset, int length) {
        try {
            socket.send(new DatagramPacket(array, offset, length, server));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    @Override
    public void onDtlsConnected(SrtpKeys keys) {
        sender = SrtpSender.create(keys, CryptoProviders.select());
    }

    @Override
    public void onDtlsClosed() {
        failure = "closed by the server";
    }

    @Override
    public void onDtlsFailed(String reason) {
        failure = reason;
    }
}
