package dev.sfu.core.simulation;

import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.dtls.DtlsConfig;
import dev.sfu.core.dtls.DtlsRole;
import dev.sfu.core.dtls.DtlsTransport;
import dev.sfu.core.ice.ControllingIcePeer;
import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.rtcp.RtcpPacket;
import dev.sfu.core.rtcp.RtcpReader;
import dev.sfu.core.rtp.ExtensionValues;
import dev.sfu.core.rtp.RtpHeaderWriter;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.sdp.TransportAttributes;
import dev.sfu.core.srtp.SrtpKeys;
import dev.sfu.core.srtp.SrtpProfile;
import dev.sfu.core.srtp.SrtpReceiver;
import dev.sfu.core.srtp.SrtpSender;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A browser's end of its connection: connectivity checks, keys, and packets between the media and the links. */
final class BrowserTransport implements DtlsTransport.Output {
    /** What the browser does with decrypted packets. */
    interface Sink {
        void onRtp(RtpPacket packet, long nowNanos);

        void onRtcp(List<RtcpPacket> packets, long nowNanos);
    }

    private static final long CHECK_INTERVAL_NANOS = 2500 * Deadlines.MILLISECOND;
    private static final int MAX_RTCP_BYTES = 1150;
    /** Tests on slow machines still end in their time. */
    private static final long PATIENCE_SECONDS = 20;

    private final SimulatedRoom room;
    private final VirtualTime time;
    private final Sink sink;
    private final SimulatedLink uplink;
    private final SimulatedLink downlink;
    private final Random random;
    private final IceCredentials credentials;
    private final BlockingQueue<Runnable> handshakeTasks = new LinkedBlockingQueue<>();
    private final VirtualTime.Alarm checks = new VirtualTime.Alarm(this::onCheckDue);
    private final RtpHeaderWriter headers = new RtpHeaderWriter();
    private final RtpPacket rtp = new RtpPacket();
    private final List<RtcpPacket> rtcp = new ArrayList<>();
    private final byte[] rtcpScratch = new byte[1500];
    private @Nullable ServerEnd server;
    private @Nullable ControllingIcePeer ice;
    private @Nullable DtlsTransport dtls;
    private @Nullable SrtpSender srtpSender;
    private @Nullable SrtpReceiver srtpReceiver;
    /** While connecting, everything takes no time and goes past the links. */
    private boolean direct = true;
    private boolean stopped;
    private int transportSequence;
    private long undecryptable;

    BrowserTransport(SimulatedRoom room, Sink sink, LinkConfig up, LinkConfig down) {
        this.room = room;
        this.time = room.time();
        this.sink = sink;
        this.random = new Random(room.nextSeed());
        this.credentials = IceCredentials.create(random);
        this.uplink = new SimulatedLink(time, room.pool(), up, room.nextSeed(), this::onUplinkArrival);
        this.downlink = new SimulatedLink(time, room.pool(), down, room.nextSeed(), this::onDatagram);
    }

    SimulatedLink uplink() {
        return uplink;
    }

    SimulatedLink downlink() {
        return downlink;
    }

    IceCredentials credentials() {
        return credentials;
    }

    /** Packets that SRTP refused; duplicates of the network are among them. */
    long undecryptable() {
        return undecryptable;
    }

    void stop() {
        stopped = true;
        time.set(checks, Deadlines.NEVER);
    }

    /** Checks, handshake and all, at one moment of virtual time. */
    void connect(ServerEnd end, TransportAttributes remote) {
        server = end;
        IceCredentials other = new IceCredentials(
                Objects.requireNonNull(remote.iceUfrag()), Objects.requireNonNull(remote.icePwd()));
        ControllingIcePeer peer = new ControllingIcePeer(credentials, other, random, CHECK_INTERVAL_NANOS,
                (array, offset, length) -> toServer(room.pool().acquire().set(array, offset, length)));
        ice = peer;
        peer.start(time.nowNanos());
        DtlsTransport client = new DtlsTransport(
                new DtlsConfig(
                        DtlsRole.CLIENT,
                        SimulatedRoom.browserCertificate(),
                        remote.fingerprints(),
                        List.of(SrtpProfile.values()),
                        SimulatedRoom.HANDSHAKE_TIMING),
                SimulatedRoom.handshakes(),
                this::onHandshakeTask,
                this);
        dtls = client;
        client.start();
        while (srtpSender == null || end.connection().connectionState() != ConnectionState.CONNECTED) {
            runHandshakeTask(end);
        }
        for (Runnable left = handshakeTasks.poll(); left != null; left = handshakeTasks.poll()) {
            left.run();
        }
        direct = false;
        time.set(checks, peer.nextDeadlineNanos());
        room.shard().touch(end);
        room.shard().endTurn();
    }

    private void runHandshakeTask(ServerEnd end) {
        try {
            Runnable task = handshakeTasks.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (task == null) {
                throw new AssertionError("no DTLS connection: " + end.connection().failureReason());
            }
            task.run();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Of either end's handshake. */
    void onHandshakeTask(Runnable task) {
        handshakeTasks.add(task);
    }

    private void onCheckDue(long now) {
        ControllingIcePeer present = Objects.requireNonNull(ice);
        present.onDeadline(now);
        time.set(checks, present.nextDeadlineNanos());
    }

    // ---- out --------------------------------------------------------------------------------------------------------

    private void toServer(PacketBuffer datagram) {
        if (stopped) {
            datagram.release();
        } else if (direct) {
            Objects.requireNonNull(server).onDatagram(datagram, time.nowNanos());
        } else {
            uplink.send(datagram);
        }
    }

    private void onUplinkArrival(PacketBuffer datagram, long now) {
        if (stopped) {
            datagram.release();
        } else {
            Objects.requireNonNull(server).onDatagram(datagram, now);
        }
    }

    /**
     * Sends an RTP packet of a stream.
     *
     * @param originalSequence what an RTX payload starts with, or -1 in a packet of the stream itself
     * @return its transport-wide sequence number
     */
    int sendRtp(SentRtpStream stream, int originalSequence, long timestamp, boolean marker, int audioLevel,
            byte[] payload, int payloadBytes) {
        boolean rtx = originalSequence >= 0;
        PacketBuffer out = room.pool().acquire();
        byte[] array = out.array();
        long index = rtx ? stream.nextRtxIndex++ : stream.nextIndex++;
        headers.begin(array, 0, array.length)
                .marker(marker)
                .payloadType(rtx ? Offer.RTX : stream.payloadType)
                .sequenceNumber(index)
                .timestamp(timestamp)
                .ssrc(rtx ? stream.rtxSsrc : stream.ssrc);
        if (rtx || !stream.acknowledged) {
            headers.extension(Offer.MID_ID, stream.mid, 0, stream.mid.length);
            if (stream.rid.length > 0) {
                headers.extension(rtx ? Offer.REPAIRED_RID_ID : Offer.RID_ID, stream.rid, 0, stream.rid.length);
            }
        }
        headers.reserve(Offer.ABS_SEND_TIME_ID, ExtensionValues.ABS_SEND_TIME_BYTES);
        headers.reserve(Offer.TRANSPORT_SEQUENCE_ID, ExtensionValues.TRANSPORT_SEQUENCE_BYTES);
        if (audioLevel >= 0) {
            headers.reserve(Offer.AUDIO_LEVEL_ID, ExtensionValues.AUDIO_LEVEL_BYTES);
        }
        int headerBytes = headers.finish();
        ExtensionValues.writeAbsSendTime(array, headers.extensionOffset(Offer.ABS_SEND_TIME_ID), time.nowNanos());
        Bytes.put16(array, headers.extensionOffset(Offer.TRANSPORT_SEQUENCE_ID), transportSequence);
        if (audioLevel >= 0) {
            ExtensionValues.writeAudioLevel(
                    array, headers.extensionOffset(Offer.AUDIO_LEVEL_ID), audioLevel, audioLevel < 100);
        }
        int prefixBytes = rtx ? 2 : 0;
        if (rtx) {
            Bytes.put16(array, headerBytes, originalSequence);
        }
        int length = Objects.requireNonNull(srtpSender)
                .protectRtp(index, array, 0, headerBytes, prefixBytes, payload, 0, payloadBytes);
        toServer(out.range(0, length));
        return transportSequence++ & 0xFFFF;
    }

    /** Sends a compound of what is written. */
    void sendRtcp(Consumer<ByteWriter> content) {
        ByteWriter writer = new ByteWriter(rtcpScratch, 0, MAX_RTCP_BYTES);
        content.accept(writer);
        int length = Objects.requireNonNull(srtpSender).protectRtcp(rtcpScratch, 0, writer.length());
        toServer(room.pool().acquire().set(rtcpScratch, 0, length));
    }

    // ---- in ---------------------------------------------------------------------------------------------------------

    /** A datagram of the server enters the downlink. */
    void onServerSends(PacketBuffer datagram) {
        int first = datagram.array()[datagram.offset()] & 0xFF;
        if (stopped) {
            datagram.release();
        } else if (!direct) {
            downlink.send(datagram);
        } else if (first <= 3) {
            onDatagram(datagram, time.nowNanos());
        } else if (first <= 63) {
            // The handshake's own thread would not be waiting yet inside this call.
            byte[] bytes = datagram.toByteArray();
            datagram.release();
            handshakeTasks.add(() -> Objects.requireNonNull(dtls).onDatagram(bytes, 0, bytes.length));
        } else {
            // The client's keys may not be there yet; a browser keeps such packets for a moment.
            handshakeTasks.add(() -> onDatagram(datagram, time.nowNanos()));
        }
    }

    private void onDatagram(PacketBuffer datagram, long now) {
        if (!stopped) {
            int first = datagram.array()[datagram.offset()] & 0xFF;
            if (first <= 3) {
                Objects.requireNonNull(ice).onStun(datagram.array(), datagram.offset(), datagram.length(), now);
            } else if (first >= 128) {
                onMedia(datagram, now);
            }
        }
        datagram.release();
    }

    private void onMedia(PacketBuffer datagram, long now) {
        SrtpReceiver receiver = Objects.requireNonNull(srtpReceiver, "media before keys");
        byte[] in = datagram.array();
        PacketBuffer plain = room.pool().acquire();
        boolean control = RtcpPacket.isRtcp(in[datagram.offset() + 1] & 0xFF);
        int length = control
                ? receiver.unprotectRtcp(in, datagram.offset(), datagram.length(), plain.array(), 0)
                : receiver.unprotectRtp(in, datagram.offset(), datagram.length(), plain.array(), 0);
        if (length < 0) {
            undecryptable++;
        } else if (control) {
            rtcp.clear();
            if (!RtcpReader.read(plain.array(), 0, length, rtcp)) {
                throw new AssertionError("the server sends malformed RTCP");
            }
            sink.onRtcp(rtcp, now);
        } else if (rtp.parse(plain.array(), 0, length)) {
            sink.onRtp(rtp, now);
        } else {
            throw new AssertionError("the server sends malformed RTP");
        }
        plain.release();
    }

    // ---- DTLS -------------------------------------------------------------------------------------------------------

    @Override
    public void sendDtls(byte[] array, int offset, int length) {
        if (direct) {
            toServer(room.pool().acquire().set(array, offset, length));
        }
    }

    @Override
    public void onDtlsConnected(SrtpKeys keys) {
        srtpSender = SrtpSender.create(keys, room.crypto());
        srtpReceiver = SrtpReceiver.create(keys, room.crypto());
    }

    @Override
    public void onDtlsClosed() {}

    @Override
    public void onDtlsFailed(String reason) {
        throw new AssertionError("the browser's DTLS failed: " + reason);
    }
}
