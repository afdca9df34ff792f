package dev.sfu.bench.load;

import dev.sfu.bench.target.SdpPeer;
import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.dtls.DtlsConfig;
import dev.sfu.core.dtls.DtlsRole;
import dev.sfu.core.dtls.DtlsTransport;
import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.rtcp.RtcpPacket;
import dev.sfu.core.rtcp.RtcpReader;
import dev.sfu.core.sdp.Setup;
import dev.sfu.core.srtp.SrtpKeys;
import dev.sfu.core.srtp.SrtpProfile;
import dev.sfu.core.srtp.SrtpReceiver;
import dev.sfu.core.srtp.SrtpSender;
import dev.sfu.core.time.DeadlineQueue;
import dev.sfu.core.time.Deadlines;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One synthetic client: socket, connectivity checks, DTLS and SRTP. Its offers and answers may be asked for from anywhere. */
public abstract sealed class LoadPeer extends DeadlineQueue.Member implements SdpPeer permits Publisher, Viewer {
    private static final int DATAGRAM_BYTES = 2048;
    private static final int MAX_RTCP_BYTES = 1150;
    private static final int FIRST_MEDIA_BYTE = 128;
    private static final int LAST_MEDIA_BYTE = 191;
    /** One for all servers, as they choose differently where there is a choice and what costs less is not their doing. */
    private static final List<SrtpProfile> SRTP_PROFILES = List.of(SrtpProfile.AEAD_AES_128_GCM);

    private final LoadLoop loop;
    private final IceCredentials credentials;
    private final byte[] in = new byte[DATAGRAM_BYTES];
    private final byte[] plain = new byte[DATAGRAM_BYTES];
    private final byte[] out = new byte[DATAGRAM_BYTES];
    private final List<RtcpPacket> rtcp = new ArrayList<>();
    private @Nullable PeerSocket socket;
    private @Nullable ConnectivityChecks checks;
    private @Nullable RemoteSide remote;
    private @Nullable DtlsTransport dtls;
    private @Nullable SrtpSender srtpSender;
    private @Nullable SrtpReceiver srtpReceiver;
    private @Nullable SrtpProfile srtpProfile;
    private boolean offered;
    private @Nullable String failure;
    private long startedNanos;
    private long connectedNanos;
    private long decryptionFailures;

    LoadPeer(LoadLoop loop) {
        this.loop = loop;
        this.credentials = IceCredentials.create(loop.random());
    }

    // ---- for subclasses ---------------------------------------------------------------------------------------------

    abstract String offer(Description description);

    abstract void onConnected(RemoteSide server, long nowNanos);

    /** An RTP packet, still encrypted. */
    abstract void onRtp(Batch batch, int index, int length, long nowNanos);

    abstract void onRtcp(RtcpPacket packet, long nowNanos);

    abstract void onMediaDeadline(long nowNanos);

    abstract long nextMediaDeadlineNanos();

    final LoadLoop loop() {
        return loop;
    }

    /** Where to write a packet to be sent. */
    final byte[] out() {
        return out;
    }

    /** The last packet that was decrypted. */
    final byte[] plain() {
        return plain;
    }

    final SrtpSender srtpSender() {
        return Objects.requireNonNull(srtpSender);
    }

    /** Bytes of the decrypted packet, negative when that failed. */
    final int decrypt(Batch batch, int index, int length) {
        SrtpReceiver receiver = srtpReceiver;
        if (receiver == null || length > DATAGRAM_BYTES) {
            return -1;
        }
        batch.copy(index, in, length);
        int bytes = receiver.unprotectRtp(in, 0, length, plain, 0);
        if (bytes < 0) {
            decryptionFailures++;
        }
        return bytes;
    }

    final void send(byte[] array, int offset, int length) {
        PeerSocket to = socket;
        if (to != null) {
            to.send(array, offset, length);
        }
    }

    final ByteWriter rtcpWriter() {
        return new ByteWriter(out, 0, MAX_RTCP_BYTES);
    }

    final void sendRtcp(ByteWriter writer) {
        int length = srtpSender().protectRtcp(out, 0, writer.length());
        if (length > 0) {
            send(out, 0, length);
        }
    }

    // ---- offer and answer -------------------------------------------------------------------------------------------

    @Override
    public String offer() {
        return onLoop(() -> {
            offered = true;
            return offer(open());
        });
    }

    @Override
    public void onAnswer(String answer) {
        onLoop(() -> {
            connect(RemoteSide.read(answer));
            return "";
        });
    }

    @Override
    public String answer(String offer) {
        return onLoop(() -> {
            String answer = open().answer(offer);
            connect(RemoteSide.read(offer));
            return answer;
        });
    }

    private Description open() {
        try {
            startedNanos = System.nanoTime();
            PeerSocket opened = new PeerSocket(loop, this);
            socket = opened;
            return new Description(
                    credentials, loop.certificate().fingerprint("sha-256"), opened.localPort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void connect(RemoteSide server) {
        PeerSocket present = Objects.requireNonNull(socket, "an answer without an offer");
        try {
            remote = server;
            present.connect(server.host(), server.port());
            InetAddress address =
                    InetAddress.getByAddress(ByteBuffer.allocate(4).putInt(server.host()).array());
            checks = new ConnectivityChecks(
                    credentials, server, new InetSocketAddress(address, server.port()), loop.random(), this::send);
            checks.onDeadline(System.nanoTime());
            loop.schedule(this);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private <T> T onLoop(Supplier<T> task) {
        loop.check();
        return CompletableFuture.supplyAsync(task, loop).join();
    }

    /** Says close_notify and closes the socket. */
    public void close() {
        loop.execute(() -> {
            if (dtls != null) {
                dtls.close();
            }
            loop.forget(this);
            if (socket != null) {
                socket.close();
                socket = null;
            }
        });
    }

    // ---- in ---------------------------------------------------------------------------------------------------------

    final void onDatagram(Batch batch, int index, long nowNanos) {
        int length = batch.length(index);
        int first = length < 12 ? -1 : batch.u8(index, 0);
        if (first >= FIRST_MEDIA_BYTE && first <= LAST_MEDIA_BYTE) {
            if (RtcpPacket.isRtcp(batch.u8(index, 1))) {
                onProtectedRtcp(batch, index, length, nowNanos);
            } else {
                onRtp(batch, index, length, nowNanos);
            }
            return;
        }
        batch.copy(index, in, length);
        if (first >= 20 && first <= 63) {
            if (dtls != null) {
                dtls.onDatagram(in, 0, length);
            }
        } else if (first >= 0 && first <= 3 && checks != null && checks.onStun(in, length, nowNanos)) {
            startDtls();
        }
    }

    private void onProtectedRtcp(Batch batch, int index, int length, long nowNanos) {
        SrtpReceiver receiver = srtpReceiver;
        if (receiver == null) {
            return;
        }
        batch.copy(index, in, length);
        int bytes = receiver.unprotectRtcp(in, 0, length, plain, 0);
        if (bytes < 0) {
            decryptionFailures++;
            return;
        }
        rtcp.clear();
        RtcpReader.read(plain, 0, bytes, rtcp);
        for (RtcpPacket packet : rtcp) {
            onRtcp(packet, nowNanos);
        }
    }

    private void startDtls() {
        RemoteSide server = Objects.requireNonNull(remote);
        // Whoever offers leaves the choice to the answer; our answers are active.
        DtlsRole role = offered && server.setup() == Setup.ACTIVE ? DtlsRole.SERVER : DtlsRole.CLIENT;
        dtls = new DtlsTransport(
                new DtlsConfig(
                        role, loop.certificate(), server.fingerprints(), SRTP_PROFILES, DtlsConfig.Timing.DEFAULT),
                loop.handshakes(),
                loop,
                new Dtls());
        dtls.start();
    }

    // ---- time -------------------------------------------------------------------------------------------------------

    final long nextDeadlineNanos() {
        long check = checks == null ? Deadlines.NEVER : checks.nextDeadlineNanos();
        return connected() ? Math.min(check, nextMediaDeadlineNanos()) : check;
    }

    final void onDeadline(long nowNanos) {
        if (checks != null) {
            checks.onDeadline(nowNanos);
        }
        if (connected()) {
            onMediaDeadline(nowNanos);
        }
    }

    // ---- what became of it ------------------------------------------------------------------------------------------

    final boolean connected() {
        return srtpSender != null;
    }

    /** What was agreed on; null before there are keys. */
    final @Nullable SrtpProfile srtpProfile() {
        return srtpProfile;
    }

    /** Why there is no connection any more, or null. */
    final @Nullable String failure() {
        return failure;
    }

    /** From the description to the keys. */
    final long connectNanos() {
        return connectedNanos - startedNanos;
    }

    /** Packets that should have been decryptable. */
    final long decryptionFailures() {
        return decryptionFailures;
    }

    final long sendFailures() {
        return socket == null ? 0 : socket.sendFailures();
    }

    private final class Dtls implements DtlsTransport.Output {
        @Override
        public void sendDtls(byte[] array, int offset, int length) {
            send(array, offset, length);
        }

        @Override
        public void onDtlsConnected(SrtpKeys keys) {
            srtpSender = SrtpSender.create(keys, loop.crypto());
            srtpReceiver = SrtpReceiver.create(keys, loop.crypto());
            srtpProfile = keys.profile();
            connectedNanos = System.nanoTime();
            onConnected(Objects.requireNonNull(remote), connectedNanos);
            loop.schedule(LoadPeer.this);
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
}
