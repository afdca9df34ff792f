package dev.sfu.core.dtls;

import dev.sfu.core.srtp.SrtpKeys;
import dev.sfu.core.srtp.SrtpProfile;
import dev.sfu.core.stats.DropReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.jspecify.annotations.Nullable;

/**
 * One DTLS association, the W3C {@code RTCDtlsTransport}: handshake, then alerts, retransmissions and application data.
 *
 * <p>Give it only datagrams from a path that ICE has validated. During the handshake a ClientHello that cannot be answered and
 * an alert that the peer contradicts change nothing; but DTLS 1.2 has no defence against somebody who sends well-formed
 * messages in the peer's name at the right moment. Once connected, only what the negotiated keys authenticate has any effect.
 *
 * <p>Belongs to the owner's thread: every method is called there and every {@link Output} call happens there, through
 * the owner's executor where the cause is the handshake's thread. No method blocks.
 */
public final class DtlsTransport {
    /** What the transport wants done and has to tell. */
    public interface Output {
        /** Send this datagram, at most 1200 bytes; the array is valid during the call only. */
        void sendDtls(byte[] array, int offset, int length);

        /** Handshake complete, fingerprint verified. Comes at most once. */
        void onDtlsConnected(SrtpKeys keys);

        /** The peer sent close_notify. The transport is {@link DtlsTransportState#CLOSED}. */
        void onDtlsClosed();

        /**
         * The transport is {@link DtlsTransportState#FAILED}.
         *
         * @param reason for logs; holds no address and no secret
         */
        void onDtlsFailed(String reason);

        /** One record of application data, possibly empty; the array is valid during the call only. */
        default void onDtlsApplicationData(byte[] array, int offset, int length) {}
    }

    private static final String TLS_VERSION = "FEFD";

    private final DtlsConfig config;
    private final DtlsHandshakes handshakes;
    private final Executor owner;
    private final Output output;
    private final Negotiation negotiation;
    private final HandshakeListener listener = new HandshakeListener();
    private final Handshake handshake;
    private final DtlsLink link;

    private DtlsTransportState state = DtlsTransportState.NEW;
    private boolean handshakeBegun;
    private boolean recordAccepted;
    private @Nullable DTLSTransport records;

    /**
     * Does nothing yet.
     *
     * @param owner runs tasks on the owner's thread, later and in order; never inside {@code execute}
     */
    public DtlsTransport(DtlsConfig config, DtlsHandshakes handshakes, Executor owner, Output output) {
        this.config = config;
        this.handshakes = handshakes;
        this.owner = owner;
        this.output = output;
        this.negotiation = new Negotiation(config, handshakes.crypto());
        this.handshake = new Handshake(negotiation, owner, listener);
        this.link = handshake.link();
    }

    /**
     * A client sends its ClientHello; a server waits for one, or takes the one that came before.
     *
     * @throws IllegalStateException if called twice or after {@link #close}
     */
    public void start() {
        if (state != DtlsTransportState.NEW) {
            throw new IllegalStateException("state: " + state + " (expected: NEW)");
        }
        state = DtlsTransportState.CONNECTING;
        if (config.role() == DtlsRole.CLIENT || link.hasQueued()) {
            String refusal = beginHandshake();
            if (refusal != null) {
                owner.execute(() -> listener.onFailed(refusal));
            }
        }
    }

    private @Nullable String beginHandshake() {
        String refusal = handshakes.submit(handshake);
        handshakeBegun = refusal == null;
        return refusal;
    }

    /**
     * Takes a datagram whose first byte says DTLS (RFC 7983). May be called before {@link #start}: a server keeps the
     * ClientHello.
     *
     * @return why it was dropped, or null if it was not
     */
    public @Nullable DropReason onDatagram(byte[] array, int offset, int length) {
        if (length > DtlsLink.RECEIVE_LIMIT_BYTES) {
            return DropReason.TOO_LARGE;
        }
        if (!FlightSorter.versionsKnown(array, offset, length)) {
            return DropReason.DTLS_UNEXPECTED;
        }
        return switch (state) {
            case NEW, CONNECTING -> queue(array, offset, length);
            case CONNECTED -> receive(array, offset, length);
            case CLOSED, FAILED -> DropReason.DTLS_UNEXPECTED;
        };
    }

    private @Nullable DropReason queue(byte[] array, int offset, int length) {
        boolean expected = handshakeBegun
                ? FlightSorter.startsWithRecord(array, offset, length)
                : config.role() == DtlsRole.SERVER && FlightSorter.startsWithClientHello(array, offset, length);
        if (!expected) {
            return DropReason.DTLS_UNEXPECTED;
        }
        if (!link.offer(Arrays.copyOfRange(array, offset, offset + length))) {
            return DropReason.QUEUE_FULL;
        }
        if (state == DtlsTransportState.CONNECTING && !handshakeBegun && beginHandshake() != null) {
            // The client will retransmit its ClientHello, and by then there may be room.
            link.takeQueued();
            return DropReason.QUEUE_FULL;
        }
        return null;
    }

    /** Lets Bouncy Castle process one datagram, however many records it holds. */
    private @Nullable DropReason receive(byte[] array, int offset, int length) {
        byte[] data = new byte[DtlsLink.RECEIVE_LIMIT_BYTES];
        recordAccepted = false;
        link.deliver(array, offset, length);
        try {
            while (state == DtlsTransportState.CONNECTED && records != null) {
                // The time is never waited for: the link throws when the datagram is consumed.
                int received = records.receive(data, 0, data.length, 1, flags -> recordAccepted = true);
                if (received >= 0) {
                    output.onDtlsApplicationData(data, 0, received);
                }
            }
        } catch (DtlsLink.Drained e) {
            if (negotiation.closeNotifyReceived()) {
                onPeerClosed();
            }
        } catch (TlsFatalAlertReceived e) {
            fail("the peer sent alert " + e.getMessage());
        } catch (IOException e) {
            fail("record layer: " + e.getMessage());
        }
        link.flush();
        return recordAccepted ? null : DropReason.DTLS_UNEXPECTED;
    }

    private void onPeerClosed() {
        state = DtlsTransportState.CLOSED;
        output.onDtlsClosed();
    }

    private void fail(String reason) {
        state = DtlsTransportState.FAILED;
        output.onDtlsFailed(reason);
    }

    /** What the handshake's thread reports, on the owner's thread. After {@link #close} it concerns nobody. */
    private final class HandshakeListener implements Handshake.Listener {
        @Override
        public void onOutgoing(byte[] datagram) {
            if (state == DtlsTransportState.CONNECTING) {
                output.sendDtls(datagram, 0, datagram.length);
            }
        }

        @Override
        public void onComplete(DTLSTransport completed) {
            SrtpKeys keys = negotiation.takeKeys();
            if (state != DtlsTransportState.CONNECTING || keys == null) {
                return;
            }
            List<byte[]> unread = link.attach(output::sendDtls);
            records = completed;
            state = DtlsTransportState.CONNECTED;
            output.onDtlsConnected(keys);
            for (byte[] datagram : unread) {
                onDatagram(datagram, 0, datagram.length);
            }
        }

        @Override
        public void onFailed(String reason) {
            if (state != DtlsTransportState.CONNECTING) {
                return;
            }
            if (negotiation.closeNotifyReceived()) {
                onPeerClosed();
            } else {
                fail(reason);
            }
        }
    }

    /**
     * Sends one record of application data.
     *
     * @return false if not connected
     * @throws IllegalArgumentException if it does not fit into one datagram of 1200 bytes
     */
    public boolean sendApplicationData(byte[] array, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, array.length);
        if (state != DtlsTransportState.CONNECTED || records == null) {
            return false;
        }
        try {
            int limit = records.getSendLimit();
            if (length < 1 || length > limit) {
                throw new IllegalArgumentException("length: " + length + " (expected: 1 to " + limit + ")");
            }
            records.send(array, offset, length);
            link.flush();
            return true;
        } catch (IOException e) {
            link.flush();
            fail("record layer: " + e.getMessage());
            return false;
        }
    }

    /**
     * Sends close_notify if connected and ends a handshake under way. No {@link Output} call follows.
     *
     * <p>Closing again does nothing.
     */
    public void close() {
        DtlsTransportState was = state;
        if (was == DtlsTransportState.CLOSED || was == DtlsTransportState.FAILED) {
            return;
        }
        state = DtlsTransportState.CLOSED;
        if (was == DtlsTransportState.CONNECTED && records != null) {
            try {
                records.close();
            } catch (IOException e) {
                throw new UncheckedIOException("closing writes to memory only", e);
            }
            link.flush();
        } else if (handshakeBegun) {
            handshakes.cancel(handshake);
        }
    }

    /** As W3C defines it. */
    public DtlsTransportState state() {
        return state;
    }

    /** Which end this is. */
    public DtlsRole role() {
        return config.role();
    }

    /** The peer's certificates in DER, its own first; empty until connected. */
    public List<byte[]> remoteCertificates() {
        return records == null ? List.of() : negotiation.remoteCertificates();
    }

    /** The SRTP profile, or null until connected. */
    public @Nullable SrtpProfile srtpProfile() {
        return records == null ? null : negotiation.profile();
    }

    /** The cipher suite's IANA name as in webrtc-stats' {@code dtlsCipher}, or null until connected. */
    public @Nullable String cipherSuite() {
        return records == null ? null : negotiation.cipherSuite();
    }

    /** The version as in webrtc-stats' {@code tlsVersion}, {@code FEFD} for DTLS 1.2, or null until connected. */
    public @Nullable String tlsVersion() {
        return records == null ? null : TLS_VERSION;
    }
}
