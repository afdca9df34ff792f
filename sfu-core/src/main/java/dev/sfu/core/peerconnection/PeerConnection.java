package dev.sfu.core.peerconnection;

import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.bwe.BandwidthEstimate;
import dev.sfu.core.dtls.DtlsRole;
import dev.sfu.core.dtls.DtlsTransport;
import dev.sfu.core.dtls.DtlsTransportState;
import dev.sfu.core.ice.IceAgent;
import dev.sfu.core.ice.IceConfig;
import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.ice.IceLiteAgent;
import dev.sfu.core.ice.IceState;
import dev.sfu.core.ice.NetworkPath;
import dev.sfu.core.sdp.SdpSession;
import dev.sfu.core.sdp.Setup;
import dev.sfu.core.sdp.TransportAttributes;
import dev.sfu.core.srtp.SrtpKeys;
import dev.sfu.core.srtp.SrtpReceiver;
import dev.sfu.core.srtp.SrtpSender;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
import dev.sfu.core.stats.StatsReport;
import dev.sfu.core.time.Deadlines;
import java.util.List;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The server's end of one WebRTC connection, sans-IO: datagrams and time in, datagrams and events out.
 *
 * <p>Answers offers; see {@link #acceptOffer}. Only a 5-tuple that passed an integrity-checked STUN request may speak DTLS
 * or SRTP here. Not thread-safe: everything is called on one thread.
 */
public final class PeerConnection {
    /** What the connection tells its shard. */
    public interface Listener {
        /** The state of ICE and DTLS together changed. */
        void onConnectionStateChange(ConnectionState state);

        /** {@link #nextDeadlineNanos} may have come nearer through another connection's doing. */
        void onDeadlineChanged();

        /** STUN requests that name this username fragment are for this connection from now on. */
        void onLocalUfragAdded(String ufrag);

        /** The username fragment is no longer in use. */
        void onLocalUfragRemoved(String ufrag);

        /** The 5-tuple has proved to be the peer's: its packets are for this connection from now on. */
        void onPathValidated(NetworkPath path);

        /** The 5-tuple is not the peer's any more. */
        void onPathRemoved(NetworkPath path);
    }

    /** Browsers take new SSRCs whenever a track is replaced; enough for hundreds of screen shares in one call. */
    private static final int MAX_SSRCS = 2048;
    /** Sequence numbers start below 2^15, so that a receiver that misses the first packets guesses the ROC rightly. */
    private static final int FIRST_SEQUENCE_BOUND = 1 << 14;

    private final PeerConnectionConfig config;
    private final Listener listener;
    private final AggregatedState state;
    private final DropCounters drops = new DropCounters();
    private final Transceivers transceivers = new Transceivers();
    private final SendBandwidth bandwidth;
    private final RtpTransport transport;
    private final RtpDemuxer demuxer;
    private final ReceivePath receivePath;
    private final RtcpOutbox rtcpOutbox;
    private final RtcpInbox rtcpInbox;
    private final MediaInbox mediaInbox;
    private final PublishLimiter publishLimiter;
    private final RtcpSchedule rtcpSchedule;
    private final SessionNegotiator negotiator;
    private final IceAgent ice;
    private @Nullable TransportAttributes remoteTransport;
    private @Nullable DtlsTransport dtls;
    private long nowNanos;
    private long packetsReceived;
    private long bytesReceived;

    /** A connection that waits for its first offer. */
    public PeerConnection(PeerConnectionConfig config, DatagramSink sink, Listener listener) {
        this.config = config;
        this.listener = listener;
        this.state = new AggregatedState(listener::onConnectionStateChange);
        this.bandwidth = new SendBandwidth(config.bandwidth(), listener::onDeadlineChanged);
        this.transport = new RtpTransport(config.pool(), sink, bandwidth);
        this.demuxer = new RtpDemuxer(drops);
        this.receivePath = new ReceivePath(config.pool(), drops, demuxer);
        String cname = Long.toUnsignedString(config.random().nextLong(), 36);
        this.rtcpOutbox = new RtcpOutbox(transport, config.wallClock(), cname, config.random().nextInt());
        this.rtcpInbox = new RtcpInbox(config.wallClock(), demuxer, rtcpOutbox, drops, bandwidth);
        this.mediaInbox = new MediaInbox(receivePath, rtcpInbox, drops);
        this.publishLimiter = new PublishLimiter(config.publishLimits());
        this.rtcpSchedule = new RtcpSchedule(receivePath, rtcpOutbox, publishLimiter);
        this.negotiator = new SessionNegotiator(
                this::createTransceiver,
                config.maySend(),
                config.mayReceive(),
                cname,
                config.publishLimits(),
                config.random().nextLong() >>> 2);
        IceCredentials credentials = IceCredentials.create(config.random(), config.ufragPrefix());
        this.ice = new IceLiteAgent(
                credentials,
                IceConfig.DEFAULT.withConsentTimeoutNanos(config.consentTimeoutNanos()),
                new IceOutput());
        listener.onLocalUfragAdded(credentials.ufrag());
    }

    private RtpTransceiver createTransceiver(String mid, MediaKind kind) {
        RtpReceiver receiver = new RtpReceiver(mid, kind, listener::onDeadlineChanged);
        RtpSender sender = new RtpSender(
                mid,
                kind,
                config.random().nextInt(),
                config.random().nextInt(),
                config.random().nextInt(FIRST_SEQUENCE_BOUND),
                transport);
        return new RtpTransceiver(mid, kind, receiver, sender);
    }

    /** Names the connection. */
    public String id() {
        return config.id();
    }

    /** The state of ICE and DTLS together. */
    public ConnectionState connectionState() {
        return state.state();
    }

    /** Why the connection failed, for people; empty when it did not. */
    public String failureReason() {
        return state.failureReason();
    }

    /** Whether the connection ended because the peer closed it in good order. */
    public boolean closedByPeer() {
        return state.closedByPeer();
    }

    /** Adds this connection's totals to a sum. */
    public void addTotals(ObjLongConsumer<String> counters, DropCounters sum) {
        sum.add(drops);
        counters.accept("rtp_packets_received", receivePath.packetsReceived());
        counters.accept("rtp_bytes_beyond_limit", publishLimiter.bytesBeyondLimit());
        transceivers.addTotals(counters, sum);
    }

    /** The m-sections in use, in order. */
    public List<RtpTransceiver> transceivers() {
        return transceivers.all();
    }

    /** Packets dropped before they could be told to belong to an m-section. */
    public DropCounters drops() {
        return drops;
    }

    // ---- offer and answer -------------------------------------------------------------------------------------------

    /**
     * Applies the peer's offer and gives the answer, with all candidates in it. Also re-offers: new m-sections, changed
     * directions, ICE restarts.
     *
     * @throws EngineException {@link ErrorCode#BAD_SDP}, {@link ErrorCode#UNSUPPORTED} or {@link ErrorCode#INVALID_STATE};
     *     the connection then stays as it was
     */
    public SdpSession acceptOffer(SdpSession offer, long now) {
        nowNanos = now;
        if (state.over()) {
            throw new EngineException(ErrorCode.INVALID_STATE, "connection: " + state.state() + " (expected: open)");
        }
        Negotiation negotiation = negotiator.negotiate(offer);
        TransportAttributes remote = negotiation.remoteTransport();
        IceCredentials credentials = TransportNegotiation.check(remote, remoteTransport);
        negotiator.commit(negotiation);
        applyTransport(remote, credentials, now);
        transceivers.replace(negotiator.transceivers());
        demuxer.negotiated(
                transceivers(), negotiation.extensions(), negotiation.signalledSsrcs(), negotiation.primaryOfRtx());
        receivePath.setExtensions(negotiation.extensions());
        rtcpInbox.setSenders(transceivers());
        bandwidth.negotiated(transceivers());
        rtcpOutbox.setReducedSize(negotiation.reducedSizeRtcp());
        return completeAnswer(negotiation.answer());
    }

    private void applyTransport(TransportAttributes remote, IceCredentials credentials, long now) {
        TransportAttributes former = remoteTransport;
        if (former != null
                && (!credentials.ufrag().equals(former.iceUfrag())
                        || !credentials.password().equals(former.icePwd()))) {
            IceCredentials restarted = IceCredentials.create(config.random(), config.ufragPrefix());
            ice.restart(restarted, now);
            listener.onLocalUfragAdded(restarted.ufrag());
        }
        ice.setRemoteCredentials(credentials, now);
        remoteTransport = remote;
        if (dtls == null) {
            // The DTLS server chooses the SRTP profile, and Chromium in that role chooses AES-CM, which costs us some 60 %
            // more for every packet of the call than the AES-GCM we choose. So actpass is answered with passive, although
            // active would let the peer's media flow one round trip sooner (RFC 8842 section 5.3).
            DtlsRole role = remote.setup() == Setup.PASSIVE ? DtlsRole.CLIENT : DtlsRole.SERVER;
            dtls = config.dtls().create(role, remote.fingerprints(), new DtlsOutput());
            startDtls();
        }
        updateState();
    }

    private SdpSession completeAnswer(SdpSession answer) {
        DtlsTransport present = java.util.Objects.requireNonNull(dtls);
        IceCredentials local = ice.localCredentials();
        TransportAttributes attributes = new TransportAttributes(
                local.ufrag(),
                local.password(),
                List.of(),
                List.of(config.certificate().fingerprint("sha-256")),
                present.role() == DtlsRole.CLIENT ? Setup.ACTIVE : Setup.PASSIVE);
        return TransportNegotiation.complete(answer, attributes, config.candidates());
    }

    // ---- input ------------------------------------------------------------------------------------------------------

    /** A datagram came on a path; takes over the reference. */
    public void onDatagram(NetworkPath path, PacketBuffer datagram, long now) {
        nowNanos = now;
        packetsReceived++;
        bytesReceived += datagram.length();
        // Whatever goes wrong with a packet, it must not cost its buffer as well.
        try {
            if (state.closed() || datagram.length() == 0) {
                drops.count(DropReason.UNKNOWN_PROTOCOL);
            } else {
                demultiplex(path, datagram, now);
            }
        } finally {
            datagram.release();
        }
    }

    /** First-byte demultiplexing of RFC 7983 section 7, behind the guard that only ICE opens. */
    private void demultiplex(NetworkPath path, PacketBuffer datagram, long now) {
        int first = datagram.array()[datagram.offset()] & 0xFF;
        if (first <= 3) {
            DropReason refused = ice.onStun(path, datagram.array(), datagram.offset(), datagram.length(), now);
            if (refused != null) {
                drops.count(refused);
            }
            return;
        }
        if (!ice.isValid(path)) {
            drops.count(DropReason.PATH_NOT_VALIDATED);
            return;
        }
        if (first >= 128 && first <= 191) {
            mediaInbox.onDatagram(datagram, dtls != null && dtls.state() == DtlsTransportState.CONNECTING, now);
        } else if (first >= 20 && first <= 63) {
            DropReason refused = dtls == null
                    ? DropReason.DTLS_UNEXPECTED
                    : dtls.onDatagram(datagram.array(), datagram.offset(), datagram.length());
            if (refused != null) {
                drops.count(refused);
            }
        } else {
            drops.count(DropReason.UNKNOWN_PROTOCOL);
        }
    }

    /** A path's TCP connection closed, or another connection has claimed its 5-tuple. */
    public void onPathClosed(NetworkPath path, long now) {
        nowNanos = now;
        ice.onPathClosed(path, now);
    }

    // ---- time -------------------------------------------------------------------------------------------------------

    /** When {@link #onDeadline} wants to be called; later is fine by a few milliseconds. */
    public long nextDeadlineNanos() {
        if (state.closed()) {
            return Deadlines.NEVER;
        }
        long deadline = ice.nextDeadlineNanos();
        if (transport.ready()) {
            deadline = Math.min(deadline, bandwidth.nextDeadlineNanos());
            deadline = Math.min(deadline, rtcpSchedule.nextDeadlineNanos(transceivers()));
        }
        return deadline;
    }

    /** Does what is due. */
    public void onDeadline(long now) {
        nowNanos = now;
        if (state.closed()) {
            return;
        }
        ice.onDeadline(now);
        if (transport.ready()) {
            rtcpSchedule.onDeadline(transceivers(), now);
            bandwidth.onDeadline(now);
        }
    }

    // ---- bandwidth --------------------------------------------------------------------------------------------------

    /** Sets who is told what the path to the peer carries. */
    public void setBandwidthListener(@Nullable BandwidthListener newListener) {
        bandwidth.setListener(newListener);
    }

    /**
     * What may be sent, bits per second: audio, video, retransmissions, with all headers down to IP. The configured start
     * before there is an estimate.
     */
    public long targetBps() {
        return bandwidth.targetBps();
    }

    /**
     * What the next step up would need in total, with all that is sent now: the goal of probing. What is sent now if
     * nothing more is wanted; 0, as before the first call, if that is not known.
     */
    public void setNextLayerBps(long totalBps, long now) {
        bandwidth.setNextLayerBps(totalBps, now);
        listener.onDeadlineChanged();
    }

    /** The target and what it comes from. */
    public BandwidthEstimate bandwidth() {
        return bandwidth.estimate();
    }

    /** What audio took of the path in the last second, in the units of {@link #targetBps}. */
    public long audioSentBps(long now) {
        return bandwidth.audioSentBps(now);
    }

    /** What retransmissions took of the path in the last second, in the units of {@link #targetBps}. */
    public long repairSentBps(long now) {
        return bandwidth.repairSentBps(now);
    }

    // ---- end --------------------------------------------------------------------------------------------------------

    /** Says goodbye to the peer and releases everything; idempotent. */
    public void close() {
        if (state.closed()) {
            return;
        }
        rtcpOutbox.sendGoodbye(transceivers.activeSenders());
        if (dtls != null) {
            dtls.close();
        }
        ice.close();
        transceivers.close();
        bandwidth.close();
        transport.setSrtp(null);
        mediaInbox.close();
        state.close();
    }

    /** What {@code getStats()} gives. */
    public StatsReport stats(long now) {
        return new ConnectionStatistics(this, config.wallClock(), now).report();
    }

    // ---- state ------------------------------------------------------------------------------------------------------

    private void startDtls() {
        DtlsTransport present = dtls;
        if (present != null && present.state() == DtlsTransportState.NEW && ice.selectedPath() != null) {
            present.start();
        }
    }

    private void updateState() {
        state.update(ice.state(), dtls == null ? DtlsTransportState.NEW : dtls.state());
    }

    PeerConnectionConfig config() {
        return config;
    }

    IceAgent ice() {
        return ice;
    }

    @Nullable DtlsTransport dtls() {
        return dtls;
    }

    RtpTransport transport() {
        return transport;
    }

    RtcpInbox rtcpInbox() {
        return rtcpInbox;
    }

    PublishLimiter publishLimiter() {
        return publishLimiter;
    }

    long packetsReceived() {
        return packetsReceived;
    }

    long bytesReceived() {
        return bytesReceived;
    }

    private final class IceOutput implements IceAgent.Output {
        @Override
        public void sendStun(NetworkPath path, byte[] array, int offset, int length) {
            transport.sendRaw(path, array, offset, length);
        }

        @Override
        public void onPathValidated(NetworkPath path) {
            listener.onPathValidated(path);
        }

        @Override
        public void onPathRemoved(NetworkPath path) {
            listener.onPathRemoved(path);
        }

        @Override
        public void onSelectedPathChanged(@Nullable NetworkPath path) {
            transport.setPath(path, nowNanos);
            startDtls();
        }

        @Override
        public void onIceStateChanged(IceState iceState) {
            updateState();
        }

        @Override
        public void onLocalUfragRetired(String ufrag) {
            listener.onLocalUfragRemoved(ufrag);
        }
    }

    private final class DtlsOutput implements DtlsTransport.Output {
        @Override
        public void sendDtls(byte[] array, int offset, int length) {
            NetworkPath path = transport.path();
            if (path != null) {
                transport.sendRaw(path, array, offset, length);
            }
        }

        @Override
        public void onDtlsConnected(SrtpKeys keys) {
            transport.setSrtp(SrtpSender.create(keys, config.crypto()));
            mediaInbox.open(SrtpReceiver.create(keys, config.crypto(), MAX_SSRCS));
            rtcpSchedule.start(nowNanos);
            updateState();
            mediaInbox.takeEarly(nowNanos);
        }

        @Override
        public void onDtlsClosed() {
            updateState();
        }

        @Override
        public void onDtlsFailed(String reason) {
            state.setDtlsFailure(reason);
            updateState();
        }
    }
}
