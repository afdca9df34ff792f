package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.peerconnection.Offers;
import dev.sfu.core.peerconnection.ScriptedPeer;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What it costs that somebody leaves does not grow with how many stay: counted in bytes allocated, which no slow machine changes. */
@Tag("allocation")
class DepartureCostTest {
    private static final int FEW = 30;
    private static final int MANY = 300;
    private static final int WARM_UP = 200;
    /** The list of a track's viewers is copied. To assign the slots of one who stays anew takes some hundred bytes. */
    private static final int MOST_BYTES_FOR_EACH_WHO_STAYS = 16;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void aViewerLeavesALargeRoomAsCheaplyAsASmallOne() {
        assertGrowsLittle(this::bytesPerViewerThatLeaves);
    }

    private static void assertGrowsLittle(IntToLongFunction bytesAmong) {
        var unused = bytesAmong.applyAsLong(WARM_UP);
        long few = bytesAmong.applyAsLong(FEW);
        long many = bytesAmong.applyAsLong(MANY);
        long most = few + (long) (MANY - FEW) * MOST_BYTES_FOR_EACH_WHO_STAYS;
        assertTrue(many <= most, few + " bytes among " + FEW + ", " + many + " among " + MANY);
    }

    /** The median of half of them, so that the room stays as large. */
    private long bytesPerViewerThatLeaves(int viewers) {
        RoutingScene scene = new RoutingScene();
        enter(scene, "p", JoinRequest.Role.PUBLISHER, Offers.video("v", "sendonly"));
        for (int i = 0; i < viewers; i++) {
            enter(scene, "s" + i, JoinRequest.Role.VIEWER, Offers.video("v0", "recvonly"));
        }
        assertEquals(viewers, scene.room.subscriptionCount());
        List<Participant> leaving = scene.room.participants().subList(1, 1 + viewers / 2);
        long[] bytes = new long[leaving.size()];
        for (int i = 0; i < bytes.length; i++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            scene.room.remove(leaving.get(i), ErrorCode.LEFT, "left", 0);
            bytes[i] = threads.getCurrentThreadAllocatedBytes() - before;
        }
        Arrays.sort(bytes);
        return bytes[bytes.length / 2];
    }

    @Test
    void everybodyIsEndedAtOnceAndToldOnlyThat() {
        assertGrowsLittle(this::bytesPerMemberThatIsEnded);
    }

    /** Every tenth publishes a camera that all others are told of. */
    private long bytesPerMemberThatIsEnded(int members) {
        RoutingScene scene = new RoutingScene();
        for (int i = 0; i < members; i++) {
            enter(scene, "m" + i, JoinRequest.Role.PARTICIPANT,
                    Offers.video("v0", "recvonly"), Offers.video("v", i % 10 == 0 ? "sendonly" : "inactive"));
        }
        assertEquals(members / 10, scene.room.trackCount());
        scene.events.values().forEach(List::clear);
        long before = threads.getCurrentThreadAllocatedBytes();
        scene.room.endAll(ErrorCode.SHUTTING_DOWN, "stopping", 0);
        scene.room.participants().forEach(gone -> scene.room.remove(gone, ErrorCode.SHUTTING_DOWN, "stopping", 0));
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        List<RoomEvent> told = scene.events.values().stream().flatMap(List::stream).toList();
        assertEquals(members, told.size());
        assertEquals(Set.of(new RoomEvent.Ended(ErrorCode.SHUTTING_DOWN, "stopping")), Set.copyOf(told));
        assertEquals(0, scene.room.size());
        assertEquals(List.of(), scene.room.info(null).participants());
        return bytes / members;
    }

    private static void enter(RoutingScene scene, String id, JoinRequest.Role role, String... sections) {
        ScriptedPeer peer = new ScriptedPeer(
                scene.pool, 6000, role != JoinRequest.Role.PUBLISHER, role != JoinRequest.Role.VIEWER);
        Participant participant = scene.participant(id, role, peer);
        scene.room.add(participant);
        peer.offer(sections);
        participant.onNegotiated(List.of(), peer.now);
    }
}
