package dev.sfu.core.peerconnection;

import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.api.EngineConfig;
import dev.sfu.core.api.PublishLimits;
import dev.sfu.core.buffer.BufferPool;
import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.dtls.DtlsCertificate;
import dev.sfu.core.dtls.DtlsConfig;
import dev.sfu.core.dtls.DtlsHandshakes;
import dev.sfu.core.dtls.DtlsRole;
import dev.sfu.core.dtls.DtlsTransport;
import dev.sfu.core.ice.ControllingIcePeer;
import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.ice.NetworkPath;
import dev.sfu.core.ice.TestPath;
import dev.sfu.core.rtcp.RtcpPacket;
import dev.sfu.core.rtcp.RtcpReader;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.sdp.MediaSection;
import dev.sfu.core.sdp.SdpSession;
import dev.sfu.core.sdp.TransportAttributes;
import dev.sfu.core.srtp.CryptoProviders;
import dev.sfu.core.srtp.SrtpKeys;
import dev.sfu.core.srtp.SrtpProfile;
import dev.sfu.core.srtp.SrtpReceiver;
import dev.sfu.core.srtp.SrtpSender;
import dev.sfu.core.time.Deadlines;
import dev.sfu.core.time.WallClock;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A {@link PeerConnection} and a peer without sockets that says what a test tells it to. The DTLS handshake between them
 * takes real time, inside {@link #connect}; everything else happens in virtual time.
 */
public final class ScriptedPeer implements PeerConnection.Listener, DtlsTransport.Output {
    public static final long MS = Deadlines.MILLISECOND;
    public static final long SECOND = Deadlines.SECOND;

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final DtlsCertificate SERVER = DtlsCertificate.generate(RANDOM, Instant.EPOCH);
    private static final DtlsCertificate CLIENT = DtlsCertificate.generate(RANDOM, Instant.EPOCH);
    private static final DtlsHandshakes HANDSHAKES = new DtlsHandshakes(RANDOM, 16, 16);
    /** Tests on slow machines still end in their time. */
    private static final long PATIENCE_SECONDS = 20;

    /** So much that nothing waits and nothing is probed for. */
    private static final EngineConfig.Bandwidth PLENTY = new EngineConfig.Bandwidth(100_000_000, 30_000, 100_000_000, true);

    public final BufferPool pool;
    public final PeerConnection connection;
    /** What the connection told its shard. */
    public final List<String> events = new ArrayList<>();
    /** Decrypted RTP the connection sent, since last cleared. */
    public final List<byte[]> rtp = new ArrayList<>();
    /** Decrypted compound RTCP the connection sent, since last cleared. */
    public final List<byte[]> rtcp = new ArrayList<>();

    final TestPath path;
    final Random random = new Random(4711);
    final List<byte[]> encrypted = new ArrayList<>();
    /** Encrypted, for tests that read what a fast attacker sees. */
    public long now = 5 * SECOND;

    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final IceCredentials credentials = IceCredentials.create(random);
    private final Map<Integer, Long> rtpIndices = new HashMap<>();
    private @Nullable ControllingIcePeer ice;
    private @Nullable DtlsTransport dtls;
    private @Nullable SrtpSender srtpSender;
    private @Nullable SrtpReceiver srtpReceiver;
    private @Nullable SdpSession answer;

    public ScriptedPeer(BufferPool pool, int port, boolean maySend, boolean mayReceive) {
        this(pool, port, maySend, mayReceive, PLENTY, PublishLimits.NONE);
    }

    ScriptedPeer(
            BufferPool pool, int port, boolean maySend, boolean mayReceive, EngineConfig.Bandwidth bandwidth) {
        this(pool, port, maySend, mayReceive, bandwidth, PublishLimits.NONE);
    }

    private ScriptedPeer(
            BufferPool pool,
            int port,
            boolean maySend,
            boolean mayReceive,
            EngineConfig.Bandwidth bandwidth,
            PublishLimits limits) {
        this.pool = pool;
        this.path = TestPath.udp(port);
        this.connection = new PeerConnection(
                new PeerConnectionConfig(
                        "connection",
                        SERVER,
                        (role, fingerprints, output) -> new DtlsTransport(
                                new DtlsConfig(role, SERVER, fingerprints, List.of(SrtpProfile.values()),
                                        new DtlsConfig.Timing(50, 20_000)),
                                HANDSHAKES,
                                tasks::add,
                                output),
                        CryptoProviders.jdk(),
                        WallClock.at(0, Instant.parse("2026-01-02T03:04:05Z")),
                        new Random(port),
                        "",
                        pool,
                        List.of(),
                        maySend,
                        mayReceive,
                        25 * SECOND,
                        bandwidth,
                        limits),
                this::onSent,
                this);
    }

    /** A participant's peer with a pool of its own. */
    public ScriptedPeer() {
        this(new BufferPool(64), 5000, true, true);
    }

    /** Connected, after an offer of these sections. */
    public static ScriptedPeer connected(String... sections) {
        ScriptedPeer peer = new ScriptedPeer();
        peer.offer(sections);
        peer.connect();
        return peer;
    }

    /** Connected, after an offer of these sections, and not to send more than this. */
    static ScriptedPeer limited(PublishLimits limits, String... sections) {
        ScriptedPeer peer = new ScriptedPeer(new BufferPool(64), 5000, true, true, PLENTY, limits);
        peer.offer(sections);
        peer.connect();
        return peer;
    }

    /** Offers these sections, now or anew. */
    public SdpSession offer(String... sections) {
        return offer(Offers.read(offerText(sections)));
    }

    /** Makes an offer of which a test changed something. */
    SdpSession offer(SdpSession offer) {
        answer = connection.acceptOffer(offer, now);
        return answer;
    }

    /** What comes in in one m-section. */
    public RtpReceiver receiver(String mid) {
        return connection.transceivers().stream()
                .filter(transceiver -> transceiver.mid().equals(mid))
                .findAny()
                .orElseThrow()
                .receiver();
    }

    String offerText(String... sections) {
        String fingerprint = HexFormat.ofDelimiter(":").withUpperCase().formatHex(CLIENT.fingerprint("sha-256").value());
        return Offers.offer(credentials.ufrag(), credentials.password(), fingerprint, sections);
    }

    TransportAttributes remoteTransport() {
        SdpSession present = Objects.requireNonNull(answer);
        for (MediaSection section : present.media()) {
            if (!section.isRejected()) {
                return present.transportOf(section);
            }
        }
        throw new AssertionError("all sections rejected");
    }

    /** Connectivity checks and the DTLS handshake. */
    public void connect() {
        startIce();
        startDtls();
        awaitDtls();
        advance(0);
    }

    void startIce() {
        TransportAttributes remote = remoteTransport();
        IceCredentials server = new IceCredentials(
                Objects.requireNonNull(remote.iceUfrag()), Objects.requireNonNull(remote.icePwd()));
        ice = new ControllingIcePeer(credentials, server, random, 2 * SECOND,
                (array, offset, length) -> receive(Arrays.copyOfRange(array, offset, offset + length)));
        ice.start(now);
    }

    void startDtls() {
        dtls = new DtlsTransport(
                DtlsConfig.of(DtlsRole.CLIENT, CLIENT, remoteTransport().fingerprints()), HANDSHAKES, tasks::add, this);
        dtls.start();
    }

    void awaitDtls() {
        while (srtpSender == null || connection.connectionState() != ConnectionState.CONNECTED) {
            try {
                Runnable task = tasks.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                if (task == null) {
                    throw new AssertionError("no DTLS connection: " + connection.failureReason());
                }
                task.run();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        runTasks();
    }

    void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    DtlsTransport dtls() {
        return Objects.requireNonNull(dtls);
    }

    /** The peer stops its connectivity checks. */
    void fallSilent() {
        Objects.requireNonNull(ice).stop();
    }

    /** Lets time pass, serving every deadline on the way. */
    public void advance(long nanos) {
        long end = now + nanos;
        while (true) {
            long checks = ice == null ? Deadlines.NEVER : ice.nextDeadlineNanos();
            long deadline = Math.min(checks, connection.nextDeadlineNanos());
            if (deadline > end) {
                break;
            }
            now = Math.max(now, deadline);
            if (ice != null) {
                ice.onDeadline(now);
            }
            connection.onDeadline(now);
            if (connection.nextDeadlineNanos() <= now) {
                throw new AssertionError("a deadline has to move when it was served");
            }
        }
        now = end;
    }

    /** Gives the connection a datagram as it is. */
    public void receive(byte[] datagram) {
        receive(path, datagram);
    }

    void receive(NetworkPath from, byte[] datagram) {
        connection.onDatagram(from, pool.acquire().set(datagram, 0, datagram.length), now);
    }

    /** The peer sends RTP, protected; sequence numbers are taken to be within half a cycle of the last. */
    public void sendRtp(byte[] packet) {
        receive(protect(packet));
    }

    /** Encrypts RTP as the peer does, for {@link #receive}. */
    public byte[] protect(byte[] packet) {
        RtpPacket parsed = new RtpPacket();
        if (!parsed.parse(packet, 0, packet.length)) {
            throw new IllegalArgumentException("not RTP");
        }
        long last = rtpIndices.getOrDefault(parsed.ssrc(), (long) parsed.sequenceNumber());
        long index = last + (short) (parsed.sequenceNumber() - (int) last);
        rtpIndices.put(parsed.ssrc(), Math.max(last, index));
        byte[] out = new byte[packet.length + 64];
        int headerBytes = parsed.payloadOffset();
        System.arraycopy(packet, 0, out, 0, headerBytes);
        int length = Objects.requireNonNull(srtpSender)
                .protectRtp(index, out, 0, headerBytes, 0, packet, headerBytes, packet.length - headerBytes);
        return Arrays.copyOf(out, length);
    }

    /** The peer sends RTCP, protected. */
    public void sendRtcp(Consumer<ByteWriter> packets) {
        byte[] out = new byte[1500];
        ByteWriter writer = new ByteWriter(out, 0, 1300);
        packets.accept(writer);
        int length = Objects.requireNonNull(srtpSender).protectRtcp(out, 0, writer.length());
        receive(Arrays.copyOf(out, length));
    }

    private void onSent(NetworkPath to, PacketBuffer datagram) {
        byte[] bytes = datagram.toByteArray();
        datagram.release();
        int first = bytes[0] & 0xFF;
        if (first <= 3) {
            if (ice != null) {
                ice.onStun(bytes, 0, bytes.length, now);
            }
        } else if (first <= 63) {
            // The handshake's own thread would not be waiting yet inside this call.
            tasks.add(() -> {
                if (dtls != null) {
                    dtls.onDatagram(bytes, 0, bytes.length);
                }
            });
        } else {
            onMedia(bytes);
        }
    }

    private void onMedia(byte[] bytes) {
        if (bytes.length > 1200) {
            throw new AssertionError(bytes.length + " bytes (expected: at most 1200)");
        }
        encrypted.add(bytes);
        byte[] plain = new byte[bytes.length];
        SrtpReceiver receiver = Objects.requireNonNull(srtpReceiver, "media before keys");
        boolean control = RtcpPacket.isRtcp(bytes[1] & 0xFF);
        int length = control
                ? receiver.unprotectRtcp(bytes, 0, bytes.length, plain, 0)
                : receiver.unprotectRtp(bytes, 0, bytes.length, plain, 0);
        if (length < 0) {
            throw new AssertionError("the peer cannot read what it got: " + length);
        }
        (control ? rtcp : rtp).add(Arrays.copyOf(plain, length));
    }

    /** All RTCP packets in what was received, in order. */
    public List<RtcpPacket> rtcpPackets() {
        List<RtcpPacket> packets = new ArrayList<>();
        for (byte[] compound : rtcp) {
            packets.addAll(read(compound));
        }
        return packets;
    }

    static List<RtcpPacket> read(byte[] compound) {
        List<RtcpPacket> packets = new ArrayList<>();
        if (!RtcpReader.read(compound, 0, compound.length, packets)) {
            throw new AssertionError("malformed RTCP: " + HexFormat.of().formatHex(compound));
        }
        return packets;
    }

    /** The RTCP packets of one type among those received. */
    public <T extends RtcpPacket> List<T> rtcpPackets(Class<T> type) {
        return rtcpPackets().stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** A parsed view of a received RTP packet. */
    public static RtpPacket parse(byte[] packet) {
        RtpPacket parsed = new RtpPacket();
        if (!parsed.parse(packet, 0, packet.length)) {
            throw new AssertionError("malformed RTP");
        }
        return parsed;
    }

    /** A payload of received RTP. */
    public static byte[] payload(byte[] packet) {
        RtpPacket parsed = parse(packet);
        return Arrays.copyOfRange(packet, parsed.payloadOffset(), parsed.payloadOffset() + parsed.payloadBytes());
    }

    /** An RTP packet; {@code extensions} are pairs of identifier and text, in one-byte form. */
    public static byte[] rtpPacket(
            int ssrc, int payloadType, int sequence, long timestamp, byte[] payload, Object... extensions) {
        byte[] array = new byte[1400];
        ByteWriter writer = new ByteWriter(array);
        writer.u8(extensions.length == 0 ? 0x80 : 0x90).u8(payloadType).u16(sequence).u32(timestamp).i32(ssrc);
        if (extensions.length > 0) {
            int lengthAt = writer.position() + 2;
            writer.u16(0xBEDE).u16(0);
            for (int i = 0; i < extensions.length; i += 2) {
                byte[] data = extensions[i + 1] instanceof byte[] bytes
                        ? bytes
                        : extensions[i + 1].toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII);
                writer.u8((int) extensions[i] << 4 | (data.length - 1)).bytes(data);
            }
            writer.zeros(-writer.position() & 3);
            Bytes.put16(array, lengthAt, (writer.position() - lengthAt - 2) / 4);
        }
        writer.bytes(payload);
        return writer.toByteArray();
    }

    /** A VP8 payload with a 15-bit picture id and TL0PICIDX; {@code start} is the first packet of a frame. */
    public static byte[] vp8(boolean start, boolean key, int pictureId, int tl0PicIdx, int bytes) {
        byte[] payload = new byte[bytes];
        Arrays.fill(payload, (byte) pictureId);
        payload[0] = (byte) (start ? 0x90 : 0x80);
        payload[1] = (byte) 0xC0;
        payload[2] = (byte) (0x80 | (pictureId >> 8));
        payload[3] = (byte) pictureId;
        payload[4] = (byte) tl0PicIdx;
        payload[5] = (byte) (key ? 0 : 1);
        return payload;
    }

    @Override
    public void sendDtls(byte[] array, int offset, int length) {
        receive(Arrays.copyOfRange(array, offset, offset + length));
    }

    @Override
    public void onDtlsConnected(SrtpKeys keys) {
        srtpSender = SrtpSender.create(keys, CryptoProviders.jdk());
        srtpReceiver = SrtpReceiver.create(keys, CryptoProviders.jdk());
    }

    @Override
    public void onDtlsClosed() {
        events.add("close_notify");
    }

    @Override
    public void onDtlsFailed(String reason) {
        events.add("peer's DTLS failed: " + reason);
    }

    @Override
    public void onDtlsApplicationData(byte[] array, int offset, int length) {
        events.add("application data");
    }

    @Override
    public void onConnectionStateChange(ConnectionState state) {
        events.add(state.toString());
    }

    @Override
    public void onDeadlineChanged() {}

    @Override
    public void onLocalUfragAdded(String ufrag) {
        events.add("ufrag");
    }

    @Override
    public void onLocalUfragRemoved(String ufrag) {
        events.add("ufrag removed");
    }

    @Override
    public void onPathValidated(NetworkPath validated) {
        events.add("validated " + validated);
    }

    @Override
    public void onPathRemoved(NetworkPath removed) {
        events.add("removed " + removed);
    }
}
