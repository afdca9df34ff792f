package dev.sfu.core.bwe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.rtcp.CongestionControlFeedback;
import dev.sfu.core.rtcp.RtcpPacket;
import dev.sfu.core.rtcp.RtcpReader;
import dev.sfu.core.rtcp.TransportFeedback;
import dev.sfu.core.rtcp.TransportFeedbackWriter;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TransportFeedbackAdapterTest {
    private static final long MS = Deadlines.MILLISECOND;
    private static final int TICKS_PER_MS = 4;

    private final SentPacketHistory history = new SentPacketHistory();
    private final StreamSequences streams = new StreamSequences();
    private final TransportFeedbackAdapter adapter = new TransportFeedbackAdapter(history, streams);

    @Test
    void joinsArrivalsWithWhatWasSent() {
        send(0, 5);
        TransportPacketsFeedback feedback =
                adapter.onTransportFeedback(feedback(0, 64_000, 0, 10, 1, 20, 3, 15, 4, 30), 500 * MS);
        assertEquals(4, feedback.size());
        assertEquals(1, feedback.lost());
        assertEquals(1002, feedback.lostBytes());
        assertEquals(500 * MS, feedback.feedbackNanos());
        // By arrival: 3 overtook 1.
        long[] sent = {0, 3 * MS, 1 * MS, 4 * MS};
        int[] bytes = {1000, 1003, 1001, 1004};
        long[] after = {0, 5 * MS, 10 * MS, 20 * MS};
        for (int i = 0; i < 4; i++) {
            assertEquals(sent[i], feedback.sentNanos(i));
            assertEquals(bytes[i], feedback.bytes(i));
            assertEquals(after[i], feedback.arrivalNanos(i) - feedback.arrivalNanos(0));
        }
        assertEquals(0, feedback.firstSentNanos());
        assertEquals(4 * MS, feedback.lastSentNanos());
        assertEquals(0, history.inFlightBytes());
    }

    @Test
    void theClockGoesOnAcrossFeedbackAndItsWrap() {
        send(0, 4);
        long last = ((1L << 23) - 1) * 64;
        TransportPacketsFeedback feedback = adapter.onTransportFeedback(feedback(0, last, 0, 1), 100 * MS);
        long first = feedback.arrivalNanos(0);
        feedback = adapter.onTransportFeedback(feedback(1, last + 64, 1, 3), 200 * MS);
        assertEquals(66 * MS, feedback.arrivalNanos(0) - first);
        feedback = adapter.onTransportFeedback(feedback(2, last, 1, 5), 300 * MS);
        assertEquals(4 * MS, feedback.arrivalNanos(0) - first);
    }

    @Test
    void aPacketCountsAsLostOnceAndAsRecoveredOnce() {
        send(0, 4);
        assertEquals(2, adapter.onTransportFeedback(feedback(0, 0, 0, 1, 3, 1), 0).lost());
        TransportPacketsFeedback feedback = adapter.onTransportFeedback(feedback(0, 0, 0, 1, 2, 2, 3, 3), 0);
        assertEquals(0, feedback.lost());
        assertEquals(1, feedback.size());
        assertEquals(1, feedback.recovered());
        assertEquals(1002, feedback.recoveredBytes());
        assertEquals(2, adapter.duplicates());
        assertTrue(adapter.onTransportFeedback(feedback(0, 0, 0, 1, 2, 2, 3, 3), 0).empty());
    }

    @Test
    void reportsOfWhatWasNeverSentAreLeftOut() {
        assertTrue(adapter.onTransportFeedback(feedback(0, 0, 0, 1, 3, 1), 0).empty());
        send(0, 4);
        assertTrue(adapter.onTransportFeedback(feedback(20_000, 0, 0, 1, 3, 1), 0).empty());
        assertEquals(4006, history.inFlightBytes());
        TransportPacketsFeedback feedback = adapter.onTransportFeedback(feedback(2, 0, 0, 1, 1, 1, 2, 2, 900, 3), 0);
        assertEquals(2, feedback.size());
        assertEquals(0, feedback.lost());
        assertTrue(adapter.unknown() > 0);
    }

    @Test
    void aRangeOfAllNumbersCostsNoMoreThanTheHistory() {
        send(0, 100);
        // Run of 65535 not received, in eight chunks.
        TransportPacketsFeedback feedback = adapter.onTransportFeedback(
                (TransportFeedback) read("8fcd0009 00000001 00000002 0000 ffff 000000 00"
                        + "1fff1fff1fff1fff1fff1fff1fff1fff0007 0000"),
                0);
        assertEquals(100, feedback.lost());
        assertTrue(adapter.unknown() < 200, "looked up: " + adapter.unknown());
    }

    @Test
    void manyReorderedArrivalsAreSorted() {
        send(0, 2000);
        Random random = new Random(1);
        adapter.begin(0);
        for (int i = 0; i < 2000; i++) {
            adapter.onPacket(i, random.nextInt(1_000_000) * 1000L);
        }
        TransportPacketsFeedback feedback = adapter.end();
        assertEquals(2000, feedback.size());
        for (int i = 1; i < 2000; i++) {
            assertTrue(feedback.arrivalNanos(i - 1) <= feedback.arrivalNanos(i));
        }
    }

    @Test
    void congestionControlFeedbackNamesPacketsByStream() {
        send(0, 6);
        // Two streams; the first wraps.
        streams.put(7, 65_535, 0);
        streams.put(9, 100, 1);
        streams.put(7, 0, 2);
        streams.put(9, 101, 3);
        streams.put(7, 1, 4);
        streams.put(9, 102, 5);
        TransportPacketsFeedback feedback = adapter.onCongestionControlFeedback(
                (CongestionControlFeedback) read("8bcd 000a 00000001"
                        + "00000007 ffff 0003 8200 0000 8100 0000"
                        + "00000009 0064 0003 9fff 8180 8000 0000"
                        + "00010000"),
                0);
        assertEquals(4, feedback.size());
        assertEquals(1, feedback.lost());
        // Offsets 512, 384, 256 and 0 of 1024 in a second.
        int[] bytes = {1000, 1003, 1004, 1005};
        long[] after = {0, 125 * MS, 250 * MS, 500 * MS};
        for (int i = 0; i < 4; i++) {
            assertEquals(bytes[i], feedback.bytes(i));
            assertEquals(after[i], feedback.arrivalNanos(i) - feedback.arrivalNanos(0));
        }
        assertEquals(0, history.inFlightBytes());
        long last = feedback.arrivalNanos(3);
        send(6, 1);
        streams.put(7, 2, 6);
        feedback = adapter.onCongestionControlFeedback(
                (CongestionControlFeedback) read("8bcd 0005 00000001 00000007 0002 0002 8000 8000 00018000"), 0);
        assertEquals(1, feedback.size());
        assertEquals(500 * MS, feedback.arrivalNanos(0) - last);
        assertEquals(1, adapter.unknown());
    }

    @Test
    void streamsAreBounded() {
        for (int ssrc = 0; ssrc < 200; ssrc++) {
            streams.put(ssrc, 5, ssrc);
        }
        assertEquals(3, streams.get(3, 5));
        assertEquals(StreamSequences.NOT_FOUND, streams.get(3, 5 + StreamSequences.RING));
        assertEquals(StreamSequences.NOT_FOUND, streams.get(3, 6));
        assertEquals(StreamSequences.NOT_FOUND, streams.get(199, 5));
    }

    @Test
    void anyFeedbackIsTaken() {
        Random random = new Random(15);
        long sent = 0;
        for (int i = 0; i < 20_000; i++) {
            int count = random.nextInt(20);
            send((int) sent, count);
            sent += count;
            byte[] bytes = new byte[4 * (5 + random.nextInt(10))];
            random.nextBytes(bytes);
            bytes[0] = (byte) 0x8F;
            bytes[1] = (byte) 0xCD;
            Bytes.put16(bytes, 2, bytes.length / 4 - 1);
            Bytes.put16(bytes, 12, (int) sent - random.nextInt(100));
            Bytes.put16(bytes, 14, random.nextInt(40));
            List<RtcpPacket> packets = new ArrayList<>();
            RtcpReader.read(bytes, 0, bytes.length, packets);
            for (RtcpPacket packet : packets) {
                adapter.onTransportFeedback((TransportFeedback) packet, i * MS);
            }
            assertTrue(history.inFlightBytes() >= 0);
        }
        assertTrue(adapter.duplicates() > 100);
    }

    private void send(int first, int count) {
        for (int i = first; i < first + count; i++) {
            history.add(i, 1000 + i % 100, false, 0, i * MS);
        }
    }

    /** Pairs of status index and arrival in milliseconds. */
    private static TransportFeedback feedback(int base, long referenceMs, int... indexesAndMs) {
        TransportFeedbackWriter writer = new TransportFeedbackWriter();
        writer.start(base, referenceMs * TICKS_PER_MS, 1200);
        for (int i = 0; i < indexesAndMs.length; i += 2) {
            assertTrue(writer.add(indexesAndMs[i], (referenceMs + indexesAndMs[i + 1]) * TICKS_PER_MS));
        }
        ByteWriter out = new ByteWriter(new byte[1200]);
        assertTrue(writer.write(out, 1, 2, 0));
        List<RtcpPacket> packets = new ArrayList<>();
        assertTrue(RtcpReader.read(out.array(), 0, out.length(), packets));
        return (TransportFeedback) packets.getFirst();
    }

    private static RtcpPacket read(String hex) {
        byte[] bytes = Bytes.hex(hex);
        List<RtcpPacket> packets = new ArrayList<>();
        assertTrue(RtcpReader.read(bytes, 0, bytes.length, packets), hex);
        return packets.getFirst();
    }
}
