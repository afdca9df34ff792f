package dev.sfu.core.trace;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A viewer's receiver. It puts the packets in order, and what the network is not to blame for must be as if one encoder had
 * sent it: no number missing or used twice, time going on, pictures complete and ended by a marker, every frame after those it
 * refers to, the numbers of its descriptors continuous.
 */
public final class ReceiverModel {
    private static final int WINDOW = 1 << 12;
    /** So many packets later nothing comes any more that could fill a gap. */
    private static final int LAG = 1500;
    private static final int TRAIL = 24;
    /** So many packets can come before one that is late. */
    private static final int OVERTAKING = 150;

    private final int viewer;
    private final @Nullable OutgoingPacket[] window = new OutgoingPacket[WINDOW];
    private final NumberRules numbers;
    private final DependencyRules dependencies;
    private final Deque<String> trail = new ArrayDeque<>();
    private boolean started;
    private long highest;
    private long done;
    private @Nullable OutgoingPacket last;
    private @Nullable SourceFrame frame;
    private @Nullable SourceFrame startFrame;
    private int packetsOfFrame;
    private long packets;
    private long frames;
    private long holes;
    private long switches;
    private long retransmissions;

    /** For a viewer that is number so and so among those of the sources. */
    public ReceiverModel(int viewer) {
        this.viewer = viewer;
        this.numbers = new NumberRules(viewer);
        this.dependencies = new DependencyRules(viewer);
    }

    /** A packet came. */
    public void onPacket(
            SourcePacket source, int sequence, long timestamp, boolean marker, byte[] payload, byte[] descriptor) {
        if (!started) {
            started = true;
            highest = (1L << 16) + sequence;
            done = highest - 1;
        }
        long unwrapped = highest + (short) (sequence - (int) highest);
        OutgoingPacket packet = new OutgoingPacket(source, unwrapped, timestamp, marker, payload, descriptor);
        check(unwrapped > done, "too late", packet);
        highest = Math.max(highest, unwrapped);
        OutgoingPacket present = at(unwrapped);
        check(present == null, "number used twice", packet);
        window[(int) unwrapped & (WINDOW - 1)] = packet;
        while (highest - done > LAG) {
            process(++done);
        }
    }

    /** A retransmission came. */
    public void onRetransmission(int sequence, long timestamp, boolean marker, byte[] payload, byte[] descriptor) {
        long unwrapped = highest + (short) (sequence - (int) highest);
        OutgoingPacket original = at(unwrapped);
        if (original == null) {
            throw new AssertionError("viewer " + viewer + ": retransmission of " + unwrapped + ", which was never sent");
        }
        OutgoingPacket repeated =
                new OutgoingPacket(original.source(), unwrapped, timestamp, marker, payload, descriptor);
        check(repeated.same(original), "retransmission differs from " + original, repeated);
        retransmissions++;
    }

    /** Nothing more comes. */
    public void finish() {
        while (done < highest) {
            process(++done);
        }
    }

    /** A number that was sent lately, for a NACK, or -1. */
    public int recent(int back) {
        return started && highest - back > done ? (int) (highest - back) & 0xFFFF : -1;
    }

    private @Nullable OutgoingPacket at(long sequence) {
        OutgoingPacket packet = window[(int) sequence & (WINDOW - 1)];
        return packet != null && packet.sequence() == sequence ? packet : null;
    }

    private void process(long sequence) {
        OutgoingPacket packet = at(sequence);
        if (packet == null) {
            holes++;
            return;
        }
        packets++;
        if (trail.size() == TRAIL) {
            trail.removeFirst();
        }
        trail.add(packet.toString());
        OutgoingPacket before = last;
        int missing = before == null ? 0 : (int) (sequence - before.sequence() - 1);
        boolean gap = missing > 0;
        if (before != null && gap) {
            // Who starts at a late first packet has missed what overtook it.
            check(startedLate(packet) || missing <= excusedBetween(before, packet), missing + " numbers missing before", packet);
        }
        boolean newFrame = packet.frame() != frame;
        boolean newPicture = before == null || packet.timestamp() != before.timestamp();
        if (before != null) {
            checkTime(before, packet, newPicture);
            checkMarker(before, packet, newPicture, gap);
        }
        if (newFrame) {
            endFrame(packet);
            beginFrame(packet, gap, newPicture);
        } else if (before != null) {
            check(packet.source().sequence() - before.source().sequence() == 1 + missing, "packets of a frame in disorder", packet);
        }
        packetsOfFrame++;
        checkContent(packet);
        dependencies.onPacket(packet, this);
        last = packet;
    }

    private boolean startedLate(OutgoingPacket packet) {
        return soonAfterLateStart(packet.frame().stream(), packet.source().sequence());
    }

    private boolean overtookStart(SourceFrame missing) {
        return soonAfterLateStart(missing.stream(), missing.firstSequence());
    }

    private boolean soonAfterLateStart(StreamPlayer stream, long sequence) {
        SourceFrame start = startFrame;
        return start != null
                && start.disturbed()
                && start.stream() == stream
                && sequence >= start.firstSequence()
                && sequence - start.firstSequence() < OVERTAKING;
    }

    /** How many numbers may be missing between two packets because of what the network lost or delayed. */
    private static int excusedBetween(OutgoingPacket before, OutgoingPacket after) {
        StreamPlayer stream = before.frame().stream();
        if (stream == after.frame().stream() && after.source().sequence() > before.source().sequence()) {
            return stream.disturbedBetween(before.source().sequence(), after.source().sequence());
        }
        return stream.disturbedBetween(before.source().sequence(), Long.MAX_VALUE)
                + after.frame().stream().disturbedBetween(Long.MIN_VALUE, after.source().sequence());
    }

    private void checkTime(OutgoingPacket before, OutgoingPacket packet, boolean newPicture) {
        int step = (int) (packet.timestamp() - before.timestamp());
        check(step >= 0, "time goes back", packet);
        boolean samePicture = before.frame().stream() == packet.frame().stream()
                && before.source().timestamp() == packet.source().timestamp();
        check(samePicture == !newPicture, "pictures are not told apart by time as in the source", packet);
    }

    private void checkMarker(OutgoingPacket before, OutgoingPacket packet, boolean newPicture, boolean gap) {
        if (!newPicture) {
            // Before the start of a keyframe has come, it is not known what will be sent of its picture.
            check(!before.marker() || before.frame().disturbed(), "marker within a picture", before);
        } else if (!gap && before.source().endsFrame() && !mayCutOff(before, packet)) {
            boolean excused = before.frame().stream().spoiltAbove(before.frame(), viewer);
            check(before.marker() || excused, "no marker at the end of a picture", before);
        }
    }

    /** A keyframe of another encoding, or after a pause, comes when it comes; nobody misses then what it cuts off. */
    private static boolean mayCutOff(OutgoingPacket before, OutgoingPacket packet) {
        boolean follows = packet.frame().stream() == before.frame().stream()
                && packet.source().sequence() == before.source().sequence() + 1;
        return packet.frame().traced().key && !follows;
    }

    private void beginFrame(OutgoingPacket packet, boolean gap, boolean newPicture) {
        SourceFrame begun = packet.frame();
        OutgoingPacket before = last;
        if (before == null || mayCutOff(before, packet)) {
            startFrame = begun;
            switches += before != null && before.frame().stream() != begun.stream() ? 1 : 0;
        }
        check(begun.fate(viewer) == SourceFrame.Fate.NONE, "frame comes twice", packet);
        check(packet.source().indexInFrame() == 0 || begun.disturbed(), "frame without its start", packet);
        frame = begun;
        packetsOfFrame = 0;
        frames++;
        numbers.onFrame(packet, gap || before == null, newPicture, this);
    }

    private void endFrame(OutgoingPacket next) {
        SourceFrame ended = frame;
        if (ended == null) {
            return;
        }
        boolean complete = packetsOfFrame == ended.traced().packets.size();
        check(complete || ended.disturbed() || mayCutOff(Objects.requireNonNull(last), next), "frame incomplete: " + ended + ", before", next);
        boolean spoilt = !complete;
        for (SourceFrame need : ended.needs()) {
            if (need.fate(viewer) == SourceFrame.Fate.NONE) {
                check(need.disturbed() || needsDisturbed(need) || overtookStart(need), "frame not sent to which " + ended + " refers: " + need + ", before", next);
            }
            spoilt |= need.fate(viewer) != SourceFrame.Fate.DECODED;
        }
        ended.setFate(viewer, spoilt ? SourceFrame.Fate.SPOILT : SourceFrame.Fate.DECODED);
    }

    /** What refers to spoilt frames may be left out, and what refers to that is spoilt as well. */
    private boolean needsDisturbed(SourceFrame left) {
        for (SourceFrame need : left.needs()) {
            if (need.disturbed() || need.fate(viewer) == SourceFrame.Fate.SPOILT) {
                return true;
            }
        }
        return false;
    }

    private void checkContent(OutgoingPacket packet) {
        byte[] sent = packet.source().payload();
        byte[] got = packet.payload();
        check(sent.length == got.length, "payload of another length", packet);
        PayloadFields fields = PayloadFields.of(packet.frame().stream().codec(), sent);
        for (int i = 0; i < sent.length; i++) {
            boolean number = i == fields.tl0At
                    || i == fields.pictureIdAt
                    || (fields.wide && i == fields.pictureIdAt + 1)
                    || (i == fields.layersAt && fields.keyIdx >= 0 && (sent[i] & 0xE0) == (got[i] & 0xE0));
            if (!number && sent[i] != got[i]) {
                check(false, "payload differs at " + i, packet);
            }
        }
        if (fields.pictureIdAt >= 0) {
            check((sent[fields.pictureIdAt] & 0x80) == (got[fields.pictureIdAt] & 0x80), "picture id of another width", packet);
            check(fields.pictureId(got) == packet.frame().outgoingPictures[viewer], "picture id changes in a frame", packet);
        }
    }

    void check(boolean holds, String what, OutgoingPacket packet) {
        if (!holds) {
            throw new AssertionError("viewer " + viewer + ": " + what + " " + packet + "\nsent "
                    + Arrays.toString(packet.source().payload()) + " " + Arrays.toString(packet.source().descriptor())
                    + "\ngot " + Arrays.toString(packet.payload()) + " " + Arrays.toString(packet.descriptor())
                    + "\n after\n" + String.join("\n", trail));
        }
    }

    public long packets() {
        return packets;
    }

    public long frames() {
        return frames;
    }

    public long holes() {
        return holes;
    }

    public long switches() {
        return switches;
    }

    public long retransmissions() {
        return retransmissions;
    }
}
