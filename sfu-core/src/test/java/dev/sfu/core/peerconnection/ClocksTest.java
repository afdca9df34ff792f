package dev.sfu.core.peerconnection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.rtcp.SenderReport;
import dev.sfu.core.time.Deadlines;
import dev.sfu.core.time.WallClock;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClocksTest {
    private static final long MS = Deadlines.MILLISECOND;
    private static final long SECOND = Deadlines.SECOND;
    /** Rounding of NTP fractions and of ticks. */
    private static final long TOLERANCE = 2000;

    private final WallClock server = WallClock.at(0, Instant.parse("2026-01-02T03:04:05Z"));
    private final RemoteClock remote = new RemoteClock(server);

    private static void assertNear(long expected, long actual, long tolerance) {
        assertTrue(Math.abs(actual - expected) <= tolerance, actual + " (expected: about " + expected + ")");
    }

    @Test
    void theLineGoesThroughTheFastestPacket() {
        SourceClock clock = new SourceClock(90_000);
        clock.onPacket(90_000, 100 * MS);
        clock.onPacket(180_000, 1150 * MS);
        assertEquals(100 * MS, clock.nanosOf(90_000));
        clock.onPacket(270_000, 2080 * MS);
        assertEquals(80 * MS, clock.nanosOf(90_000));
        assertEquals(270_000, clock.timestampAt(2080 * MS));
        assertFalse(clock.reported());
    }

    @Test
    void aReportFixesTheLine() {
        SourceClock clock = new SourceClock(48_000);
        clock.onPacket(0, 0);
        clock.onSenderReport(48_000, 900 * MS);
        assertTrue(clock.reported());
        clock.onPacket(96_000, SECOND);
        assertEquals(-100 * MS, clock.nanosOf(0));
        assertEquals(48_000 + 4800, clock.timestampAt(SECOND));
        assertEquals(-48_000 - 4800, clock.timestampAt(-1200 * MS));
    }

    @Test
    void theFastestReportSetsTheOffset() {
        long ahead = server.ntp(0) + (3600L << 32);
        assertNear(70 * MS, remote.onSenderReport(ahead, 70 * MS), TOLERANCE);
        assertNear(1020 * MS, remote.onSenderReport(ahead + (1L << 32), 1020 * MS), TOLERANCE);
        // Now that a faster one is known, a slow one does not count.
        assertNear(2020 * MS, remote.onSenderReport(ahead + (2L << 32), 2500 * MS), TOLERANCE);
    }

    @Test
    void followsADriftingClock() {
        long now = 0;
        long error = 0;
        for (int i = 0; i < 600; i++) {
            now += SECOND;
            // 200 ppm slow: its seconds last longer, so the fastest report of long ago would be too fast.
            long theirs = (long) (now * (1 - 200e-6));
            long mapped = remote.onSenderReport(server.ntp(theirs), now + 20 * MS);
            error = Math.max(error, Math.abs(mapped - now - 20 * MS));
        }
        // Two windows of drift at most; each ends with the first report after its 60 s.
        assertTrue(error <= 2 * 61 * SECOND / 5000, error + " ns");
    }

    @Test
    void followsAClockThatIsSet() {
        assertNear(10 * MS, remote.onSenderReport(server.ntp(0), 10 * MS), TOLERANCE);
        long back = server.ntp(SECOND) - (3600L << 32);
        assertNear(1010 * MS, remote.onSenderReport(back, 1010 * MS), TOLERANCE);
        long forth = server.ntp(2 * SECOND) + (86_400L << 32);
        assertNear(2010 * MS, remote.onSenderReport(forth, 2010 * MS), TOLERANCE);
    }

    @Test
    void anyReportIsSurvived() {
        Random random = new Random(1);
        SourceClock clock = new SourceClock(90_000);
        for (int i = 0; i < 10_000; i++) {
            long mapped = remote.onSenderReport(random.nextLong(), random.nextLong() >> 8);
            clock.onSenderReport(random.nextInt(), mapped);
            clock.timestampAt(random.nextLong() >> 8);
        }
        // The next honest report is believed.
        long now = 1000 * SECOND;
        for (int i = 0; i < 3; i++) {
            now += 61 * SECOND;
            remote.onSenderReport(server.ntp(now), now);
        }
        assertNear(now, remote.onSenderReport(server.ntp(now), now), TOLERANCE);
    }

    /** The report's timestamp is near the packets', on whichever side of the wrap. */
    @Test
    void reportsUnwrapWithThePackets() {
        ScriptedPeer peer = ScriptedPeer.connected(Offers.audio("a", "sendonly"));
        peer.sendRtp(ScriptedPeer.rtpPacket(1, 111, 1, 0xFFFF_FF00L, new byte[] {1}, 4, "a"));
        long sent = peer.now;
        SourceClock clock = peer.connection.transceivers().get(0).receiver().streams().get(0).clock();
        peer.advance(100 * MS);
        peer.sendRtcp(out -> RtcpWriter.write(out, new SenderReport(1, 0, 0x9999, 1, 1, List.of())));
        assertFalse(clock.reported(), "no NTP time");
        long ntp = server.ntp(peer.now);
        long timestamp = (0xFFFF_FF00L + 4800) & 0xFFFF_FFFFL;
        peer.sendRtcp(out -> RtcpWriter.write(out, new SenderReport(1, ntp, timestamp, 1, 1, List.of())));
        assertTrue(clock.reported());
        assertNear(sent, clock.nanosOf(0xFFFF_FF00L), TOLERANCE);
    }
}
