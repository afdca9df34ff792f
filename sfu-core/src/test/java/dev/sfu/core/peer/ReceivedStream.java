package dev.sfu.core.peer;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.codec.Vp8Descriptor;
import dev.sfu.core.repair.ReceiveStatistics;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.rtp.SequenceUnwrapper;
import dev.sfu.core.rtp.TimestampUnwrapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;

/** What arrives in one slot, checked packet by packet for what a decoder relies on. */
public final class ReceivedStream {
    private final String mid;
    private final int ssrc;
    private final MediaKind kind;
    private final ReceiveStatistics statistics;
    private final SequenceUnwrapper sequences = new SequenceUnwrapper();
    private final TimestampUnwrapper timestamps = new TimestampUnwrapper();
    private final Vp8Descriptor vp8 = new Vp8Descriptor();
    private final BitSet seen = new BitSet();
    private final List<String> faults = new ArrayList<>();
    private final Map<Integer, Long> packetsBySource = new LinkedHashMap<>();
    private final Map<Long, byte[]> lostPayloads = new HashMap<>();
    private LongPredicate lost = index -> false;

    private long firstIndex;
    private long highestIndex;
    private long inspectedIndex;
    private long lastTimestamp;
    private int lastPictureId = -1;
    private int lastTl0PicIdx = -1;
    private boolean lastMarker;
    private int currentSource;
    private int currentFrame;
    private long packets;
    private long keyframes;
    private long duplicates;
    private long recovered;
    private long recoveredIdentical;
    private long lastPacketNanos;

    ReceivedStream(String mid, int ssrc, MediaKind kind, int clockRate) {
        this.mid = mid;
        this.ssrc = ssrc;
        this.kind = kind;
        this.statistics = new ReceiveStatistics(clockRate);
    }

    /** Decides which packets, by unwrapped sequence number, count as lost on the way; not those that are sent again. */
    public void setLost(LongPredicate newLost) {
        lost = newLost;
    }

    void onPacket(RtpPacket packet, long nowNanos) {
        long index = sequences.unwrap(packet.sequenceNumber());
        byte[] array = packet.array();
        if (packets > 0 && lost.test(index)) {
            lostPayloads.put(
                    index,
                    Arrays.copyOfRange(array, packet.payloadOffset(), packet.payloadOffset() + packet.payloadBytes()));
            return;
        }
        statistics.onPacket(index, packet.timestamp(), packet.payloadBytes(), nowNanos);
        take(packet, index, 0, nowNanos);
    }

    /** An RTX packet of this stream. */
    void onRetransmission(RtpPacket rtx, int originalSequence, long nowNanos) {
        if (packets == 0) {
            faults.add("RTX before the first packet of its stream");
            return;
        }
        long index = sequences.peek(originalSequence);
        byte[] original = lostPayloads.remove(index);
        boolean fresh = take(rtx, index, 2, nowNanos);
        if (fresh) {
            recovered++;
            int from = rtx.payloadOffset() + 2;
            int to = rtx.payloadOffset() + rtx.payloadBytes();
            if (original != null && Arrays.equals(original, 0, original.length, rtx.array(), from, to)) {
                recoveredIdentical++;
            }
        }
    }

    private boolean take(RtpPacket packet, long index, int skippedBytes, long nowNanos) {
        lastPacketNanos = nowNanos;
        if (packets == 0) {
            firstIndex = index;
            highestIndex = index - 1;
        }
        int place = (int) (index - firstIndex);
        if (place < 0) {
            faults.add("packet " + index + " is older than the first, " + firstIndex);
            return false;
        }
        if (seen.get(place)) {
            duplicates++;
            return false;
        }
        seen.set(place);
        packets++;
        inspect(packet, index, skippedBytes);
        highestIndex = Math.max(highestIndex, index);
        return true;
    }

    private void inspect(RtpPacket packet, long index, int skippedBytes) {
        byte[] array = packet.array();
        int offset = packet.payloadOffset() + skippedBytes;
        int length = packet.payloadBytes() - skippedBytes;
        boolean video = kind == MediaKind.VIDEO;
        int mark = SyntheticMedia.markAt(video, vp8, array, offset, length);
        if (mark < 0 || !SyntheticMedia.intact(array, mark, offset, offset + length)) {
            faults.add("packet " + index + ": payload damaged");
            return;
        }
        int source = SyntheticMedia.source(array, mark);
        packetsBySource.merge(source, 1L, Long::sum);
        long timestamp = timestamps.unwrap(packet.timestamp());
        if (video && vp8.startsKeyframe()) {
            keyframes++;
        }
        if (index <= highestIndex) {
            return;
        }
        // What follows a gap is a new beginning for these checks.
        boolean contiguous = packets > 1 && index == inspectedIndex + 1;
        boolean first = packets == 1;
        inspectedIndex = index;
        if (!first && timestamp < lastTimestamp) {
            faults.add("packet " + index + ": timestamp " + (lastTimestamp - timestamp) + " back");
        }
        if ((first || source != currentSource) && video && !vp8.startsKeyframe()) {
            faults.add("packet " + index + ": another source does not start with a keyframe");
        }
        if (!first && source != currentSource && timestamp <= lastTimestamp) {
            faults.add("packet " + index + ": another source does not move the timestamp");
        }
        if (video) {
            inspectFrame(index, contiguous, timestamp);
        }
        currentSource = source;
        currentFrame = SyntheticMedia.frame(array, mark);
        lastTimestamp = timestamp;
        lastMarker = packet.marker();
    }

    private void inspectFrame(long index, boolean contiguous, long timestamp) {
        int pictureId = vp8.pictureId();
        int tl0PicIdx = vp8.tl0PicIdx();
        if (contiguous) {
            int step = (pictureId - lastPictureId) & SyntheticMedia.PICTURE_ID_MASK;
            int tl0Step = (tl0PicIdx - lastTl0PicIdx) & 0xFF;
            int expected = timestamp == lastTimestamp ? 0 : 1;
            if (step != expected || tl0Step != expected) {
                faults.add("packet " + index + ": picture id moves by " + step + ", TL0PICIDX by " + tl0Step
                        + " (expected: " + expected + ")");
            }
            if (vp8.startsFrame() != (expected == 1)) {
                faults.add("packet " + index + ": frame start does not fit the timestamp");
            }
        }
        lastPictureId = pictureId;
        lastTl0PicIdx = tl0PicIdx;
    }

    /** Unwrapped sequence numbers between the first and the highest that have not come; at most the last 1000. */
    public List<Long> missing() {
        List<Long> missing = new ArrayList<>();
        int end = (int) (highestIndex - firstIndex);
        for (int i = seen.nextClearBit(Math.max(0, end - 1000)); i < end; i = seen.nextClearBit(i + 1)) {
            missing.add(firstIndex + i);
        }
        return missing;
    }

    /** The slot's m-section. */
    public String mid() {
        return mid;
    }

    /** Its SSRC. */
    public int ssrc() {
        return ssrc;
    }

    /** Audio or video. */
    public MediaKind kind() {
        return kind;
    }

    /** What no decoder should meet, in words. */
    public List<String> faults() {
        return faults.size() > 10 ? faults.subList(0, 10) : faults;
    }

    /** Different packets received, repaired ones included. */
    public long packets() {
        return packets;
    }

    /** Different packets that a source's SSRC marks. */
    public long packetsOf(SentStream source) {
        return packetsBySource.getOrDefault(source.ssrc(), 0L);
    }

    /** Whether the newest packet is from this source. */
    public boolean plays(SentStream source) {
        return packets > 0 && currentSource == source.ssrc();
    }

    /** First packets of keyframes received. */
    public long keyframes() {
        return keyframes;
    }

    /** Packets received a second time. */
    public long duplicates() {
        return duplicates;
    }

    /** Packets that came by RTX. */
    public long recovered() {
        return recovered;
    }

    /** Of these, those whose payload is, byte for byte, that of the packet which counted as lost. */
    public long recoveredIdentical() {
        return recoveredIdentical;
    }

    /** The first unwrapped sequence number. */
    public long firstIndex() {
        return firstIndex;
    }

    /** The highest unwrapped sequence number. */
    public long highestIndex() {
        return highestIndex;
    }

    /** The unwrapped timestamp of the newest packet. */
    public long lastTimestamp() {
        return lastTimestamp;
    }

    /** The publisher's number of the newest frame. */
    public int currentFrame() {
        return currentFrame;
    }

    /** Whether the newest packet ended its frame. */
    public boolean lastMarker() {
        return lastMarker;
    }

    /** When the last packet came. */
    public long lastPacketNanos() {
        return lastPacketNanos;
    }

    ReceiveStatistics statistics() {
        return statistics;
    }

    @Override
    public String toString() {
        return mid + ": " + packets + " packets, " + keyframes + " keyframes, " + missing().size() + " missing, faults "
                + faults();
    }
}
