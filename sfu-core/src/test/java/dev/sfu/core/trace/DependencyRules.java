package dev.sfu.core.trace;

import org.jspecify.annotations.Nullable;

/**
 * Dependency descriptors (AV1 RTP specification, appendix A): the structure comes with the keyframe, frame numbers rise and lead
 * to the frames referred to, and decode targets said to be active are sent whole.
 */
final class DependencyRules {
    private final int viewer;
    private Dependencies.@Nullable Structure structure;
    private @Nullable SourceFrame frame;
    private @Nullable StreamPlayer stream;
    private boolean known;
    private int number;
    private int told;

    DependencyRules(int viewer) {
        this.viewer = viewer;
    }

    void onPacket(OutgoingPacket packet, ReceiverModel model) {
        if (packet.descriptor().length == 0) {
            return;
        }
        Dependencies sent = packet.frame().traced().dependencies;
        if (sent == null) {
            model.check(false, "descriptor from nowhere", packet);
            return;
        }
        boolean other = stream != packet.frame().stream();
        if (other) {
            structure = null;
            stream = packet.frame().stream();
        }
        Dependencies got = Dependencies.read(packet.descriptor(), structure);
        boolean mayLack = packet.frame().disturbed() || packet.frame().lacks(viewer);
        model.check(got != null || mayLack, "descriptor without structure", packet);
        if (got == null) {
            return;
        }
        structure = got.structure();
        if (packet.frame() == frame) {
            model.check(got.frame() == number, "frame number changes in a frame", packet);
            tell(got);
            return;
        }
        int ahead = (got.frame() - number) & 0xFFFF;
        model.check(!known || (ahead > 0 && ahead < 0x8000), "frame number does not rise from " + number, packet);
        SourceFrame before = frame;
        frame = packet.frame();
        number = got.frame();
        known = true;
        packet.frame().outgoingFrames[viewer] = number;
        checkReferences(packet, got, model);
        int toldBefore = told;
        tell(got);
        // Fewer are told of with the first frame after the change, more as soon as they are sent.
        int toldBoth = told & toldBefore;
        if (before != null && !other && !sent.brings() && !before.disturbed() && !packet.frame().disturbed()) {
            stream(packet).checkLeftOut(before, packet.frame(), viewer, toldBoth, left -> model.check(
                    false, "decode targets " + Integer.toBinaryString(toldBoth) + " told to be active, and not sent: " + left + ", before", packet));
        }
    }

    private static StreamPlayer stream(OutgoingPacket packet) {
        return packet.frame().stream();
    }

    private void tell(Dependencies got) {
        if (got.activeTargets() >= 0) {
            told = got.activeTargets();
        }
    }

    private void checkReferences(OutgoingPacket packet, Dependencies got, ReceiverModel model) {
        SourceFrame[] needs = packet.frame().needs();
        model.check(needs.length == got.differences().length, "other references", packet);
        for (int i = 0; i < needs.length && needs.length == got.differences().length; i++) {
            boolean sent = needs[i].fate(viewer) != SourceFrame.Fate.NONE;
            int difference = (number - needs[i].outgoingFrames[viewer]) & 0xFFFF;
            model.check(!sent || difference == got.differences()[i], "frame number does not lead to the reference", packet);
        }
    }
}
