package dev.sfu.bench.load;

import dev.sfu.bench.target.SdpPeer;
import dev.sfu.bench.trace.Trace;
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

/**
 * One synthetic client: socket, connectivity checks, DTLS and SRTP, and a sending half, a receiving half or both. Its offers
 * and answers may be asked for from anywhere.
 */
public final class LoadPeer extends DeadlineQueue.Member implements SdpPeer {
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
    private @Nullable Sending sending;
    private @Nullable Receiving receiving;
    private int offers;
    private boolean closed;
    private @Nullable String failure;
    private long startedNanos;
    private long connectedNanos;
    private long decryptionFailures;

    /** A peer with neither half. */
    LoadPeer(LoadLoop loop) {
        this.loop = loop;
        this.credentials = IceCredentials.create(loop.random());
    }

    /** Gives it a sending half, before it offers. */
    LoadPeer sending(Trace trace, LatencyHistogram lateness) {
        sending = new Sending(this, trace, lateness);
        return this;
    }

    /** Gives it a receiving half, before it offers or answers. */
    LoadPeer receiving(List<Track> slots, LatencyHistogram latencies) {
        receiving = new Receiving(this, slots, latencies);
        return this;
    }

    // ---- for the halves ---------------------------------------------------------------------------------------------

    LoadLoop loop() {
        return loop;
    }

    /** Where to write a packet to be sent. */
    byte[] out() {
        return out;
    }

    /** The last packet that was decrypted. */
    byte[] plain() {
        return plain;
    }

    SrtpSender srtpSender() {
        return Objects.requireNonNull(srtpSender);
    }

    /** Bytes of the decrypted packet, negative when that failed. */
    int decrypt(Batch batch, int index, int length) {
        SrtpReceiver receiver = srtpReceiver;
        if (receiver == null) {
            return -1;
        }
        batch.copy(index, in, length);
        int bytes = receiver.unprotectRtp(in, 0, length, plain, 0);
        if (bytes < 0) {
            decryptionFailures++;
        }
        return bytes;
    }

    void send(byte[] array, int offset, int length) {
        PeerSocket to = socket;
        if (to != null) {
            to.send(array, offset, length);
        }
    }

    ByteWriter rtcpWriter() {
        return new ByteWriter(out, 0, MAX_RTCP_BYTES);
    }

    void sendRtcp(ByteWriter writer) {
        int length = srtpSender().protectRtcp(out, 0, writer.length());
        if (length > 0) {
            send(out, 0, length);
        }
    }

    // ---- offer and answer -------------------------------------------------------------------------------------------

    @Override
    public String offer() {
        return onLoop(() -> {
            offers++;
            return description().offer(offers, sending, receiving);
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
            String answer = description().answer(offer);
            connect(RemoteSide.read(offer));
            return answer;
        });
    }

    /** From the next offer on, so many m-sections receive. */
    public void setActiveSlots(int count, List<Track> more) {
        onLoop(() -> {
            Objects.requireNonNull(receiving, "no receiving half").setActiveSlots(count, more);
            return "";
        });
    }

    private Description description() {
        try {
            PeerSocket opened = socket;
            if (opened == null) {
                startedNanos = System.nanoTime();
                opened = new PeerSocket(loop, this);
                socket = opened;
            }
            return new Description(
                    credentials, loop.certificate().fingerprint("sha-256"), opened.localPort());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void connect(RemoteSide server) {
        PeerSocket present = socket;
        if (closed || present == null) {
            throw new IllegalStateException("an answer without an offer, or after the end");
        }
        if (receiving != null) {
            receiving.onDescription(server);
        }
        if (remote != null) {
            return;
        }
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
        close(true);
    }

    /** Closes the socket without a word. */
    public void vanish() {
        close(false);
    }

    private void close(boolean goodbye) {
        loop.execute(() -> {
            closed = true;
            DtlsTransport transport = dtls;
            if (transport != null && goodbye) {
                transport.close();
            }
            loop.forget(this);
            if (socket != null) {
                socket.close();
                socket = null;
            }
            // Without a socket it ends its handshake, if there is one, and nobody hears of it.
            if (transport != null) {
                transport.close();
            }
            dtls = null;
            checks = null;
            srtpSender = null;
        });
    }

    // ---- in ---------------------------------------------------------------------------------------------------------

    void onDatagram(Batch batch, int index, long nowNanos) {
        // What is longer cannot be from a server that takes heed of the path's MTU; it is cut, and fails its check.
        int length = Math.min(DATAGRAM_BYTES, batch.length(index));
        int first = length < 12 ? -1 : batch.u8(index, 0);
        if (first >= FIRST_MEDIA_BYTE && first <= LAST_MEDIA_BYTE) {
            if (RtcpPacket.isRtcp(batch.u8(index, 1))) {
                onProtectedRtcp(batch, index, length, nowNanos);
            } else if (receiving != null) {
                receiving.onRtp(batch, index, length, nowNanos);
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
            if (sending != null) {
                sending.onRtcp(packet, nowNanos);
            }
            if (receiving != null) {
                receiving.onRtcp(packet, nowNanos);
            }
        }
    }

    private void startDtls() {
        RemoteSide server = Objects.requireNonNull(remote);
        // Whoever offers leaves the choice to the answer; our answers are active.
        DtlsRole role = offers > 0 && server.setup() == Setup.ACTIVE ? DtlsRole.SERVER : DtlsRole.CLIENT;
        dtls = new DtlsTransport(
                new DtlsConfig(
                        role, loop.certificate(), server.fingerprints(), SRTP_PROFILES, DtlsConfig.Timing.DEFAULT),
                loop.handshakes(),
                loop,
                new Dtls());
        dtls.start();
    }

    // ---- time -------------------------------------------------------------------------------------------------------

    long nextDeadlineNanos() {
        long next = checks == null ? Deadlines.NEVER : checks.nextDeadlineNanos();
        if (connected() && sending != null) {
            next = Math.min(next, sending.nextDeadlineNanos());
        }
        return connected() && receiving != null ? Math.min(next, receiving.nextDeadlineNanos()) : next;
    }

    void onDeadline(long nowNanos) {
        if (checks != null) {
            checks.onDeadline(nowNanos);
        }
        if (connected() && sending != null) {
            sending.onDeadline(nowNanos);
        }
        if (connected() && receiving != null) {
            receiving.onDeadline(nowNanos);
        }
    }

    // ---- what became of it ------------------------------------------------------------------------------------------

    boolean connected() {
        return srtpSender != null;
    }

    /** What was agreed on; null before there are keys. */
    @Nullable SrtpProfile srtpProfile() {
        return srtpProfile;
    }

    /** Why there is no connection any more, or null. */
    @Nullable String failure() {
        return failure;
    }

    /** From the description to the keys. */
    long connectNanos() {
        return connectedNanos - startedNanos;
    }

    /** Adds what came so far. On the loop's thread. */
    void addTo(LoadTotals totals) {
        totals.decryptionFailures += decryptionFailures;
        totals.sendFailures += socket == null ? 0 : socket.sendFailures();
        totals.connected += connected() ? 1 : 0;
        totals.failed += failure == null ? 0 : 1;
        if (receiving != null) {
            receiving.addTo(totals);
        }
    }

    /** How often its sending half was so late that it skipped. */
    long skips() {
        return sending == null ? 0 : sending.skips();
    }

    private final class Dtls implements DtlsTransport.Output {
        @Override
        public void sendDtls(byte[] array, int offset, int length) {
            send(array, offset, length);
        }

        @Override
        public void onDtlsConnected(SrtpKeys keys) {
            if (closed) {
                return;
            }
            srtpSender = SrtpSender.create(keys, loop.crypto());
            srtpReceiver = SrtpReceiver.create(keys, loop.crypto());
            srtpProfile = keys.profile();
            connectedNanos = System.nanoTime();
            if (sending != null) {
                sending.onConnected(connectedNanos);
            }
            if (receiving != null) {
                receiving.onConnected(connectedNanos);
            }
            loop.schedule(LoadPeer.this);
        }

        @Override
        public void onDtlsClosed() {
            failure = closed ? failure : "closed by the server";
        }

        @Override
        public void onDtlsFailed(String reason) {
            failure = closed ? failure : reason;
        }
    }
}
