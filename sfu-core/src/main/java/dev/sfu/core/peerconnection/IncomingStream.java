package dev.sfu.core.peerconnection;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.codec.LayerReader;
import dev.sfu.core.repair.KeyframeRequester;
import dev.sfu.core.repair.NackGenerator;
import dev.sfu.core.repair.ReceiveStatistics;
import dev.sfu.core.rtcp.SenderReport;
import dev.sfu.core.rtp.SequenceUnwrapper;
import dev.sfu.core.rtp.TimestampUnwrapper;
import dev.sfu.core.time.Deadlines;
import org.jspecify.annotations.Nullable;

/** One stream that arrives in an m-section: an SSRC, in simulcast one per RID. */
public final class IncomingStream {
    private final RtpReceiver receiver;
    private final int number;
    private final int encoding;
    private final int ssrc;
    private final @Nullable String rid;
    private final SequenceUnwrapper sequences = new SequenceUnwrapper();
    private final SeenSequences seen = new SeenSequences();
    private final TimestampUnwrapper timestamps = new TimestampUnwrapper();
    private final SourceClock clock;
    private final ReceiveStatistics statistics;
    private final @Nullable NackGenerator nacks;
    private final @Nullable KeyframeRequester keyframes;
    private final RateMeter rate = new RateMeter();
    private @Nullable LayerReader layerReader;
    private int allocationIndex = -1;
    private int rtxSsrc;
    private boolean rtxKnown;
    private boolean ended;
    /** Whether the peer has said goodbye and sent nothing since. */
    private boolean stopped;
    private long lastPacketNanos;
    private @Nullable PayloadType payloadType;
    /** Whether it comes in on another thread. */
    private final boolean carried;
    private final @Nullable KeyframeRelay relay;
    private long carriedBitrateBps;

    private long framesReceived;
    private long lastFrameTimestamp = Long.MIN_VALUE;
    private long keyFramesReceived;
    private long lastKeyframeTimestamp = Long.MIN_VALUE;
    private long headerBytes;
    private long payloadBytes;
    private long retransmittedPackets;
    private long retransmittedBytes;
    private long nackCount;
    private long pliCount;
    private long firCount;
    private int audioLevel = -1;
    private @Nullable SenderReport lastSenderReport;
    private long lastSenderReportNanos;

    IncomingStream(RtpReceiver receiver, int ssrc, @Nullable String rid, PayloadType first, boolean nackNegotiated) {
        this(receiver, receiver.nextStreamNumber(), ssrc, rid, first, nackNegotiated, false, null);
    }

    private IncomingStream(
            RtpReceiver receiver,
            int number,
            int ssrc,
            @Nullable String rid,
            PayloadType first,
            boolean nackNegotiated,
            boolean carried,
            @Nullable KeyframeRelay relay) {
        this.receiver = receiver;
        this.number = number;
        this.encoding = receiver.freeEncoding();
        this.ssrc = ssrc;
        this.carried = carried;
        this.relay = relay;
        this.rid = rid;
        this.clock = new SourceClock(first.clockRate());
        this.statistics = new ReceiveStatistics(first.clockRate());
        this.nacks = nackNegotiated ? new NackGenerator() : null;
        this.keyframes = receiver.kind() == MediaKind.VIDEO && !carried ? new KeyframeRequester() : null;
    }

    /** The m-section it arrives in. */
    public RtpReceiver receiver() {
        return receiver;
    }

    /** A stream of a connection on another thread, whose packets are carried here; {@code relay} only for video. */
    static IncomingStream carried(
            RtpReceiver receiver,
            int number,
            int ssrc,
            @Nullable String rid,
            PayloadType first,
            @Nullable KeyframeRelay relay) {
        return new IncomingStream(receiver, number, ssrc, rid, first, false, true, relay);
    }

    /** Names it among all streams its m-section ever had. */
    public int number() {
        return number;
    }

    /**
     * Tells it from the other streams its m-section has now: below {@link RtpReceiver#MAX_STREAMS}, and free for another one when
     * it has ended.
     */
    public int encoding() {
        return encoding;
    }

    /** Which of the simulcast streams of {@link RtpReceiver#layersAllocation()} it is, or -1 while that is not known. */
    public int allocationIndex() {
        return allocationIndex;
    }

    void setAllocationIndex(int index) {
        allocationIndex = index;
    }

    /** What reads its descriptors, from its first packet on. */
    LayerReader layerReader() {
        LayerReader present = layerReader;
        if (present == null) {
            present = new LayerReader();
            layerReader = present;
        }
        return present;
    }

    /** Its SSRC. */
    public int ssrc() {
        return ssrc;
    }

    /** Its restriction identifier in simulcast, else null. */
    public @Nullable String rid() {
        return rid;
    }

    /** The line of its timestamps. */
    public SourceClock clock() {
        return clock;
    }

    /** When its latest packet came. */
    public long lastPacketNanos() {
        return lastPacketNanos;
    }

    /** Bits per second over the last second, headers included. */
    public long bitrateBps(long nowNanos) {
        if (carried) {
            return nowNanos - lastPacketNanos < Deadlines.SECOND ? carriedBitrateBps : 0;
        }
        return rate.bitrateBps(nowNanos);
    }

    /** Whether the peer said goodbye to it or replaced it. */
    public boolean ended() {
        return ended;
    }

    /** Asks the peer for a keyframe that starts from now on; many requests become few on the wire. */
    public void requestKeyframe(long nowNanos) {
        if (relay != null && !ended) {
            relay.request(nowNanos);
        } else if (keyframes != null && !ended) {
            keyframes.request(nowNanos);
            receiver.onKeyframeWanted();
        }
    }

    /**
     * Asks the peer for a keyframe because a subscriber sent PLI or FIR.
     *
     * @param subscriberRoundTripNanos the subscriber may not have seen a keyframe younger than this; 0 when unknown
     */
    public void requestKeyframeByFeedback(long subscriberRoundTripNanos, long nowNanos) {
        if (relay != null && !ended) {
            relay.requestByFeedback(subscriberRoundTripNanos, nowNanos);
        } else if (keyframes != null && !ended) {
            keyframes.requestByFeedback(subscriberRoundTripNanos, nowNanos);
            receiver.onKeyframeWanted();
        }
    }

    /** The peer said goodbye to it, and may send it again. */
    void stop() {
        stopped = true;
    }

    boolean stopped() {
        return stopped;
    }

    void end() {
        ended = true;
    }

    SequenceUnwrapper sequences() {
        return sequences;
    }

    SeenSequences seen() {
        return seen;
    }

    TimestampUnwrapper timestamps() {
        return timestamps;
    }

    ReceiveStatistics statistics() {
        return statistics;
    }

    @Nullable NackGenerator nacks() {
        return nacks;
    }

    @Nullable KeyframeRequester keyframes() {
        return keyframes;
    }

    void setRtxSsrc(int newRtxSsrc) {
        rtxSsrc = newRtxSsrc;
        rtxKnown = true;
    }

    boolean rtxKnown() {
        return rtxKnown;
    }

    int rtxSsrc() {
        return rtxSsrc;
    }

    /** Counts an accepted packet. */
    void onAccepted(IncomingPacket packet, boolean recovered, long nowNanos) {
        int header = packet.rtp().headerBytes();
        int payload = packet.rtp().payloadBytes();
        headerBytes += header;
        payloadBytes += payload;
        if (recovered) {
            retransmittedPackets++;
            retransmittedBytes += payload;
        }
        rate.add(header + payload, nowNanos);
        lastPacketNanos = nowNanos;
        stopped = false;
        payloadType = packet.payloadType();
        if (packet.timestamp() > lastFrameTimestamp) {
            lastFrameTimestamp = packet.timestamp();
            framesReceived++;
        }
        if (keyframes != null && packet.keyframeStart()) {
            if (packet.timestamp() != lastKeyframeTimestamp) {
                lastKeyframeTimestamp = packet.timestamp();
                keyFramesReceived++;
            }
            keyframes.onKeyframe(nowNanos);
        }
    }

    /** How it stands for others to carry it on; null before its first packet. */
    public @Nullable CarriedStream toCarried(long nowNanos) {
        PayloadType type = payloadType;
        return type == null
                ? null
                : new CarriedStream(
                        number,
                        ssrc,
                        rid,
                        type,
                        clock.timestamp(),
                        clock.nanos(),
                        clock.reported(),
                        lastPacketNanos,
                        bitrateBps(nowNanos));
    }

    /** What it is where it comes in. */
    void onCarried(PayloadType type, long bitrateBps, long packetNanos) {
        payloadType = type;
        carriedBitrateBps = bitrateBps;
        lastPacketNanos = packetNanos;
    }

    void onCarriedKeyframe() {
        if (relay != null) {
            relay.onKeyframe();
        }
    }

    void onSenderReport(SenderReport report, long serverNanos, long nowNanos) {
        lastSenderReport = report;
        lastSenderReportNanos = nowNanos;
        statistics.onSenderReport(report, nowNanos);
        // NTP time 0 says that the sender has no clock (RFC 3550 section 6.4.1).
        if (timestamps.started() && report.ntp() != 0) {
            clock.onSenderReport(timestamps.peek(report.rtpTimestamp()), serverNanos);
        }
    }

    long nextDeadlineNanos() {
        long deadline = Deadlines.NEVER;
        if (nacks != null) {
            deadline = nacks.nextDeadlineNanos();
        }
        if (keyframes != null) {
            deadline = Math.min(deadline, keyframes.nextDeadlineNanos());
        }
        return ended ? Deadlines.NEVER : deadline;
    }

    /** A NACK has been sent, for however many packets. */
    void countNack() {
        nackCount++;
    }

    void countPli() {
        pliCount++;
    }

    void countFir() {
        firCount++;
    }

    void setAudioLevel(int level) {
        audioLevel = level;
    }

    int audioLevel() {
        return audioLevel;
    }

    @Nullable PayloadType payloadType() {
        return payloadType;
    }

    long framesReceived() {
        return framesReceived;
    }

    long keyFramesReceived() {
        return keyFramesReceived;
    }

    long headerBytes() {
        return headerBytes;
    }

    long payloadBytes() {
        return payloadBytes;
    }

    long retransmittedPackets() {
        return retransmittedPackets;
    }

    long retransmittedBytes() {
        return retransmittedBytes;
    }

    long nackCount() {
        return nackCount;
    }

    long pliCount() {
        return pliCount;
    }

    long firCount() {
        return firCount;
    }

    @Nullable SenderReport lastSenderReport() {
        return lastSenderReport;
    }

    long lastSenderReportNanos() {
        return lastSenderReportNanos;
    }
}
