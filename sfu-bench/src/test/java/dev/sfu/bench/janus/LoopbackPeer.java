package dev.sfu.bench.janus;

import dev.sfu.bench.target.SdpPeer;
import dev.sfu.core.dtls.DtlsCertificate;
import dev.sfu.core.dtls.DtlsConfig;
import dev.sfu.core.dtls.DtlsHandshakes;
import dev.sfu.core.dtls.DtlsRole;
import dev.sfu.core.dtls.DtlsTransport;
import dev.sfu.core.ice.ControllingIcePeer;
import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.rtcp.RtcpPacket;
import dev.sfu.core.rtp.RtpHeaderWriter;
import dev.sfu.core.sdp.IceCandidate;
import dev.sfu.core.sdp.MediaSection;
import dev.sfu.core.sdp.SdpException;
import dev.sfu.core.sdp.SdpReader;
import dev.sfu.core.sdp.SdpSession;
import dev.sfu.core.sdp.Setup;
import dev.sfu.core.sdp.TransportAttributes;
import dev.sfu.core.srtp.CryptoProviders;
import dev.sfu.core.srtp.SrtpKeys;
import dev.sfu.core.srtp.SrtpProfile;
import dev.sfu.core.srtp.SrtpReceiver;
import dev.sfu.core.srtp.SrtpSender;
import dev.sfu.core.stun.StunClass;
import dev.sfu.core.stun.StunIntegrity;
import dev.sfu.core.stun.StunMessage;
import dev.sfu.core.stun.StunWriter;
import dev.sfu.core.time.Deadlines;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A peer with a thread and a socket of its own that sends VP8 packets or counts what it decrypts. */
final class LoopbackPeer implements SdpPeer, AutoCloseable {
    private static final int SSRC = 0x1234;
    private static final int PAYLOAD_TYPE = 96;
    private static final int TURN_MILLIS = 10;
    private static final int PATIENCE_SECONDS = 20;

    private final boolean sends;
    private final SecureRandom random = new SecureRandom();
    private final DtlsCertificate certificate = DtlsCertificate.generate(random, Instant.now());
    private final DtlsHandshakes handshakes = new DtlsHandshakes(random, 1, 1);
    private final IceCredentials credentials = IceCredentials.create(random);
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final DatagramSocket socket;
    private final Semaphore received = new Semaphore(0);
    private final byte[] in = new byte[4096];
    private final byte[] out = new byte[4096];
    private final RtpHeaderWriter headers = new RtpHeaderWriter();
    private final Thread thread = new Thread(this::turns, "loopback-peer");
    private String offer;
    private InetSocketAddress server = new InetSocketAddress(0);
    private volatile boolean closed;
    private volatile @Nullable SrtpProfile profile;
    private @Nullable ControllingIcePeer ice;
    private @Nullable DtlsTransport dtls;
    private @Nullable SrtpSender sender;
    private @Nullable SrtpReceiver receiver;
    private int sequence;

    LoopbackPeer(boolean sends) throws IOException {
        this.sends = sends;
        this.socket = new DatagramSocket();
        socket.setSoTimeout(TURN_MILLIS);
        this.offer = session() + section("sendonly", "actpass", "0") + "a=ssrc:" + SSRC + " cname:x\r\n";
        thread.start();
    }

    private static String session() {
        return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n";
    }

    private String section(String direction, String setup, String mid) {
        return "m=video 9 UDP/TLS/RTP/SAVPF " + PAYLOAD_TYPE + "\r\nc=IN IP4 0.0.0.0\r\na=rtcp-mux\r\na=mid:" + mid
                + "\r\na=" + direction + "\r\na=setup:" + setup + "\r\na=ice-ufrag:" + credentials.ufrag()
                + "\r\na=ice-pwd:" + credentials.password()
                + "\r\na=candidate:1 1 udp 2113937151 127.0.0.1 " + socket.getLocalPort() + " typ host\r\na=end-of-candidates"
                + "\r\na=fingerprint:" + certificate.fingerprint("sha-256").format()
                + "\r\na=rtpmap:" + PAYLOAD_TYPE + " VP8/90000\r\n";
    }

    void offerNonsense() {
        offer = "nonsense";
    }

    @Override
    public String offer() {
        return offer;
    }

    @Override
    public void onAnswer(String answer) {
        connect(answer, null);
    }

    /** Stays DTLS server, which is who chooses the SRTP profile. */
    @Override
    public String answer(String offered) {
        String mid = connect(offered, DtlsRole.SERVER);
        return session() + section("recvonly", "passive", mid);
    }

    private String connect(String description, @Nullable DtlsRole role) {
        try {
            SdpSession session = SdpReader.read(description);
            MediaSection section = session.media().getFirst();
            TransportAttributes remote = session.transportOf(section);
            IceCandidate candidate = section.candidates().getFirst();
            server = new InetSocketAddress(InetAddress.getByName(candidate.address()), candidate.port());
            socket.connect(server);
            DtlsRole own = role != null ? role : remote.setup() == Setup.ACTIVE ? DtlsRole.SERVER : DtlsRole.CLIENT;
            tasks.add(() -> {
                dtls = new DtlsTransport(
                        new DtlsConfig(
                                own,
                                certificate,
                                remote.fingerprints(),
                                List.of(SrtpProfile.values()),
                                DtlsConfig.Timing.DEFAULT),
                        handshakes,
                        tasks::add,
                        new Output());
                ice = new ControllingIcePeer(
                        credentials,
                        new IceCredentials(
                                Objects.requireNonNull(remote.iceUfrag()), Objects.requireNonNull(remote.icePwd())),
                        random,
                        Deadlines.SECOND / 4,
                        this::send);
                ice.start(System.nanoTime());
            });
            return Objects.requireNonNull(section.mid());
        } catch (SdpException | IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** Waits until that many packets have been decrypted since the last call. */
    void awaitPackets(int count) throws InterruptedException {
        if (!received.tryAcquire(count, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("packets received: " + received.availablePermits() + " (expected: " + count + ")");
        }
    }

    @Nullable SrtpProfile srtpProfile() {
        return profile;
    }

    private void turns() {
        DatagramPacket datagram = new DatagramPacket(in, in.length);
        while (!closed) {
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
            try {
                datagram.setLength(in.length);
                socket.receive(datagram);
                onDatagram(datagram.getLength());
            } catch (SocketTimeoutException e) {
                // A turn in which nothing came.
            } catch (IOException e) {
                if (!closed) {
                    throw new UncheckedIOException(e);
                }
            }
            onTime();
        }
    }

    private void onTime() {
        ControllingIcePeer checks = ice;
        if (checks == null) {
            return;
        }
        checks.onDeadline(System.nanoTime());
        SrtpSender present = sender;
        if (sends && present != null) {
            byte[] payload = new byte[100];
            payload[0] = 0x10;
            int header = headers.begin(out, 0, out.length)
                    .marker(true)
                    .payloadType(PAYLOAD_TYPE)
                    .sequenceNumber(++sequence)
                    .timestamp(3000L * sequence)
                    .ssrc(SSRC)
                    .finish();
            send(out, 0, present.protectRtp(sequence, out, 0, header, 0, payload, 0, payload.length));
        }
    }

    private void onDatagram(int length) {
        int first = in[0] & 0xFF;
        ControllingIcePeer checks = ice;
        DtlsTransport transport = dtls;
        SrtpReceiver keys = receiver;
        if (checks == null || transport == null) {
            return;
        }
        if (first <= 3) {
            answerCheck(length);
            boolean before = checks.isConnected();
            checks.onStun(in, 0, length, System.nanoTime());
            if (!before && checks.isConnected()) {
                transport.start();
            }
        } else if (first >= 20 && first <= 63) {
            transport.onDatagram(in, 0, length);
        } else if (keys != null && !RtcpPacket.isRtcp(in[1] & 0xFF)
                && keys.unprotectRtp(in, 0, length, new byte[length], 0) > 0) {
            received.release();
        }
    }

    /** Janus checks back even as a lite agent, and wants an answer before it starts DTLS. */
    private void answerCheck(int length) {
        StunMessage message = StunMessage.read(in, 0, length);
        StunIntegrity key = StunIntegrity.ofPassword(credentials.password());
        if (message != null && message.stunClass() == StunClass.REQUEST && message.verifies(key)) {
            StunWriter writer = new StunWriter(out)
                    .beginResponse(StunClass.SUCCESS, message)
                    .xorMappedAddress(server)
                    .integrity(key)
                    .fingerprint();
            send(out, 0, writer.length());
        }
    }

    private void send(byte[] array, int offset, int length) {
        try {
            socket.send(new DatagramPacket(array, offset, length));
        } catch (IOException e) {
            // A server that is gone before its peers are tells so by ICMP: they find out by what they wait for.
        }
    }

    @Override
    public void close() {
        closed = true;
        socket.close();
        handshakes.close();
    }

    private final class Output implements DtlsTransport.Output {
        @Override
        public void sendDtls(byte[] array, int offset, int length) {
            send(array, offset, length);
        }

        @Override
        public void onDtlsConnected(SrtpKeys keys) {
            profile = keys.profile();
            sender = SrtpSender.create(keys, CryptoProviders.select());
            receiver = SrtpReceiver.create(keys, CryptoProviders.select());
        }

        @Override
        public void onDtlsClosed() {
            closed = true;
        }

        @Override
        public void onDtlsFailed(String reason) {
            throw new AssertionError(reason);
        }
    }
}
