package dev.sfu.core.peer;

import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.dtls.DtlsConfig;
import dev.sfu.core.dtls.DtlsRole;
import dev.sfu.core.dtls.DtlsTransport;
import dev.sfu.core.dtls.DtlsTransportState;
import dev.sfu.core.ice.ControllingIcePeer;
import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.rtcp.RtcpPacket;
import dev.sfu.core.rtp.ExtensionValues;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.RtpHeaderWriter;
import dev.sfu.core.sdp.Setup;
import dev.sfu.core.srtp.SrtpKeys;
import dev.sfu.core.srtp.SrtpProfile;
import dev.sfu.core.srtp.SrtpReceiver;
import dev.sfu.core.srtp.SrtpSender;
import dev.sfu.core.time.Deadlines;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The client's end of one bundle: socket, connectivity checks, DTLS and SRTP. */
public final class PeerTransport {
    /** Where decrypted packets go. */
    interface Sink {
        void onRtp(byte[] array, int length, long nowNanos);

        void onRtcp(byte[] array, int length, long nowNanos);
    }

    private static final long CHECK_INTERVAL_NANOS = 250 * Deadlines.MILLISECOND;
    private static final int BUFFER_BYTES = 4096;
    private static final int MAX_PER_TURN = 256;
    private static final int MAX_EARLY = 256;

    private final PeerLoop loop;
    private final Sink sink;
    private final byte[] in = new byte[65_536];
    private final byte[] plain = new byte[BUFFER_BYTES];
    private final byte[] out = new byte[BUFFER_BYTES];
    private final RtpHeaderWriter headers = new RtpHeaderWriter();
    private final PeerTransportCounts counts = new PeerTransportCounts();
    private @Nullable PeerSocket socket;
    private @Nullable ControllingIcePeer ice;
    private @Nullable DtlsTransport dtls;
    private @Nullable SrtpSender srtpSender;
    private @Nullable SrtpReceiver srtpReceiver;
    private byte[] lastDatagram = new byte[0];
    private @Nullable Consumer<byte[]> tap;
    private final List<byte[]> early = new ArrayList<>();
    private boolean dtlsClosed;
    private @Nullable String dtlsFailure;
    private int transportSequence;

    PeerTransport(PeerLoop loop, Sink sink) {
        this.loop = loop;
        this.sink = sink;
    }

    /** Opens a socket of the wanted kind and begins to check. */
    void start(PeerAnswer answer, IceCredentials local, boolean tcp) {
        if (socket == null) {
            useNewSocket(answer, tcp);
        }
        check(answer, local);
    }

    /** Goes on with the socket of a peer that is silent by now. */
    void takeSocketOf(PeerTransport former) {
        socket = former.socket;
    }

    /** From now on everything goes through a new port. The former socket is given to the caller, who closes it. */
    @Nullable PeerSocket useNewSocket(PeerAnswer answer, boolean tcp) {
        PeerSocket former = socket;
        try {
            socket = tcp ? new TcpPeerSocket(Objects.requireNonNull(answer.tcp())) : new UdpPeerSocket(answer.udp());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        loop.register(socket);
        return former;
    }

    /** Checks with these credentials from now on. */
    void check(PeerAnswer answer, IceCredentials local) {
        ice = new ControllingIcePeer(local, answer.credentials(), loop.random(), CHECK_INTERVAL_NANOS, this::send);
        ice.start(System.nanoTime());
    }

    private void startDtls(PeerAnswer answer) {
        DtlsRole role = answer.setup() == Setup.ACTIVE ? DtlsRole.SERVER : DtlsRole.CLIENT;
        dtls = new DtlsTransport(
                DtlsConfig.of(role, loop.certificate(), answer.fingerprints()), loop.handshakes(), loop, new DtlsOutput());
        dtls.start();
    }

    void onTurn(PeerAnswer answer, long nowNanos) {
        ControllingIcePeer checks = ice;
        if (checks != null) {
            checks.onDeadline(nowNanos);
        }
        receive(nowNanos);
        if (checks != null && checks.isConnected() && dtls == null) {
            startDtls(answer);
        }
    }

    private void receive(long nowNanos) {
        PeerSocket from = socket;
        if (from == null) {
            return;
        }
        try {
            for (int i = 0; i < MAX_PER_TURN; i++) {
                int length = from.receive(in);
                if (length < 0) {
                    return;
                }
                onDatagram(length, nowNanos);
            }
        } catch (IOException e) {
            counts.socketFailures++;
        }
    }

    private void onDatagram(int length, long nowNanos) {
        counts.datagramsReceived++;
        int first = in[0] & 0xFF;
        if (first <= 3) {
            boolean answers = ice != null && ice.onStun(in, 0, length, nowNanos);
            counts.strayStun += answers ? 0 : 1;
        } else if (first >= 20 && first <= 63) {
            if (dtls != null) {
                dtls.onDatagram(in, 0, length);
            }
        } else if (first >= 128 && first <= 191) {
            onMedia(length, nowNanos);
        } else {
            counts.unknown++;
        }
    }

    private void onMedia(int length, long nowNanos) {
        SrtpReceiver receiver = srtpReceiver;
        if (receiver == null) {
            // Our handshake has a thread of its own and may be a moment behind the server's.
            counts.beforeKeys++;
            if (early.size() < MAX_EARLY) {
                early.add(Arrays.copyOf(in, length));
            }
            return;
        }
        boolean rtcp = RtcpPacket.isRtcp(in[1] & 0xFF);
        int plainBytes = rtcp
                ? receiver.unprotectRtcp(in, 0, length, plain, 0)
                : receiver.unprotectRtp(in, 0, length, plain, 0);
        if (plainBytes < 0) {
            counts.srtpFailures++;
        } else if (rtcp) {
            sink.onRtcp(plain, plainBytes, nowNanos);
        } else {
            sink.onRtp(plain, plainBytes, nowNanos);
        }
    }

    /** Sends bytes as they are. */
    public void send(byte[] array, int offset, int length) {
        PeerSocket to = socket;
        if (to == null) {
            return;
        }
        try {
            counts.datagramsSent++;
            Consumer<byte[]> observer = tap;
            if (observer != null) {
                observer.accept(Arrays.copyOfRange(array, offset, offset + length));
            }
            to.send(array, offset, length);
        } catch (IOException e) {
            counts.socketFailures++;
        }
    }

    /**
     * Protects and sends an RTP packet.
     *
     * @param originalSequence what an RTX payload starts with, or -1 for none
     */
    void sendRtp(
            SentStream stream,
            boolean rtx,
            String mid,
            long index,
            long timestamp,
            boolean marker,
            byte[] payload,
            int originalSequence,
            long nowNanos) {
        SrtpSender sender = srtpSender;
        if (sender == null) {
            return;
        }
        PeerCodec codec = stream.codec();
        headers.begin(out, 0, out.length)
                .marker(marker)
                .payloadType(rtx ? codec.rtxPayloadType() : codec.payloadType())
                .sequenceNumber(index)
                .timestamp(timestamp)
                .ssrc(rtx ? stream.rtxSsrc() : stream.ssrc());
        text(HeaderExtension.MID, mid);
        String rid = stream.rid();
        if (rid != null) {
            text(rtx ? HeaderExtension.REPAIRED_RID : HeaderExtension.RID, rid);
        }
        headers.reserve(OfferWriter.EXTENSIONS.id(HeaderExtension.ABS_SEND_TIME), ExtensionValues.ABS_SEND_TIME_BYTES);
        headers.reserve(
                OfferWriter.EXTENSIONS.id(HeaderExtension.TRANSPORT_SEQUENCE), ExtensionValues.TRANSPORT_SEQUENCE_BYTES);
        int headerBytes = headers.finish();
        ExtensionValues.writeAbsSendTime(
                out, headers.extensionOffset(OfferWriter.EXTENSIONS.id(HeaderExtension.ABS_SEND_TIME)), nowNanos);
        Bytes.put16(
                out,
                headers.extensionOffset(OfferWriter.EXTENSIONS.id(HeaderExtension.TRANSPORT_SEQUENCE)),
                transportSequence++);
        int prefixBytes = 0;
        if (originalSequence >= 0) {
            Bytes.put16(out, headerBytes, originalSequence);
            prefixBytes = 2;
        }
        int length = sender.protectRtp(index, out, 0, headerBytes, prefixBytes, payload, 0, payload.length);
        lastDatagram = Arrays.copyOf(out, length);
        send(out, 0, length);
    }

    private void text(HeaderExtension extension, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
        headers.extension(OfferWriter.EXTENSIONS.id(extension), bytes, 0, bytes.length);
    }

    /** Protects and sends plaintext bytes as an RTP packet, whose header is at their front, well formed or not. */
    public void sendPlainRtp(byte[] packet, int headerBytes) {
        byte[] datagram = protect(packet, headerBytes);
        send(datagram, 0, datagram.length);
    }

    /** An RTP packet in the form in which it would be sent. */
    public byte[] protect(byte[] packet, int headerBytes) {
        SrtpSender sender = Objects.requireNonNull(srtpSender);
        byte[] datagram = new byte[packet.length + sender.rtpOverheadBytes()];
        System.arraycopy(packet, 0, datagram, 0, headerBytes);
        sender.protectRtp(
                Bytes.u16(packet, 2), datagram, 0, headerBytes, 0, packet, headerBytes, packet.length - headerBytes);
        return datagram;
    }

    /** Protects and sends the compound at the front of {@code array}, which has room behind it. */
    public void sendRtcp(byte[] array, int length) {
        SrtpSender sender = srtpSender;
        if (sender != null) {
            int protectedBytes = sender.protectRtcp(array, 0, length);
            if (protectedBytes > 0) {
                send(array, 0, protectedBytes);
            }
        }
    }

    /** Sends close_notify. */
    void closeDtls() {
        if (dtls != null) {
            dtls.close();
        }
    }

    /** Closes the socket without a word. */
    void abandon() {
        PeerSocket present = socket;
        socket = null;
        if (dtls != null) {
            dtls.close();
        }
        if (present != null) {
            try {
                present.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Shows every datagram from now on to {@code observer} before it is sent. */
    public void setTap(@Nullable Consumer<byte[]> observer) {
        tap = observer;
    }

    /** Whether media can be exchanged. */
    public boolean connected() {
        return srtpSender != null;
    }

    /** Whether the server has sent close_notify. */
    public boolean dtlsClosed() {
        return dtlsClosed;
    }

    /** Why the handshake failed, or null. */
    public @Nullable String dtlsFailure() {
        return dtlsFailure;
    }

    /** Whether a handshake has begun and not ended. */
    public boolean handshaking() {
        return dtls != null && dtls.state() == DtlsTransportState.CONNECTING;
    }

    /** The profile in use, or null. */
    public @Nullable SrtpProfile srtpProfile() {
        return dtls == null ? null : dtls.srtpProfile();
    }

    /** The connectivity checks, once begun. */
    public ControllingIcePeer ice() {
        return Objects.requireNonNull(ice);
    }

    /** The socket in use. */
    public PeerSocket socket() {
        return Objects.requireNonNull(socket);
    }

    /** The last RTP datagram that was sent, protected. */
    public byte[] lastDatagram() {
        return lastDatagram.clone();
    }

    /** The transport-wide sequence number of the next packet. */
    public int nextTransportSequence() {
        return transportSequence;
    }

    /** What went through. */
    public PeerTransportCounts counts() {
        return counts;
    }

    private final class DtlsOutput implements DtlsTransport.Output {
        @Override
        public void sendDtls(byte[] array, int offset, int length) {
            send(array, offset, length);
        }

        @Override
        public void onDtlsConnected(SrtpKeys keys) {
            srtpSender = SrtpSender.create(keys, loop.crypto());
            srtpReceiver = SrtpReceiver.create(keys, loop.crypto());
            for (byte[] datagram : early) {
                System.arraycopy(datagram, 0, in, 0, datagram.length);
                onMedia(datagram.length, System.nanoTime());
            }
            early.clear();
        }

        @Override
        public void onDtlsClosed() {
            dtlsClosed = true;
        }

        @Override
        public void onDtlsFailed(String reason) {
            dtlsFailure = reason;
        }
    }
}
