package dev.sfu.core.dtls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.stats.DropReason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Records after the handshake, wanted and unwanted. */
class DtlsRecordsTest {
    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;
    private static final int APPLICATION_DATA = 23;

    private static byte[] record(int type, int epoch, long sequence, byte[] body) {
        return new ByteWriter(new byte[13 + body.length])
                .u8(type).u16(0xFEFD).u16(epoch).u16((int) (sequence >>> 32)).u32(sequence).u16(body.length)
                .bytes(body).toByteArray();
    }

    /** Random bytes that claim to be DTLS, and well-formed headers around random bodies of every type and epoch. */
    private static List<byte[]> garbage(long seed) {
        Random random = new Random(seed);
        List<byte[]> datagrams = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            byte[] noise = new byte[random.nextInt(1, 1400)];
            random.nextBytes(noise);
            noise[0] = (byte) random.nextInt(20, 64);
            datagrams.add(noise);
        }
        for (int type = 20; type <= 26; type++) {
            for (int epoch = 0; epoch <= 2; epoch++) {
                for (int length : new int[] {0, 1, 2, 7, 8, 23, 24, 25, 40, 1200}) {
                    byte[] body = new byte[length];
                    random.nextBytes(body);
                    datagrams.add(record(type, epoch, random.nextLong(1L << 48), body));
                }
            }
        }
        // Every version, the reserved FEFE among them, in the first record of a datagram and in the second.
        for (int version = 0; version <= 0xFF; version++) {
            byte[] first = record(HANDSHAKE, 0, version, new byte[12]);
            first[2] = (byte) version;
            datagrams.add(first);
            datagrams.add(new ByteWriter(new byte[2 * first.length])
                    .bytes(record(APPLICATION_DATA, 1, version, new byte[12])).bytes(first).toByteArray());
        }
        return datagrams;
    }

    private static void exchange(DtlsEndpoint from, DtlsEndpoint to, String text) {
        byte[] data = text.getBytes(StandardCharsets.UTF_8);
        assertTrue(from.call(() -> from.transport().sendApplicationData(data, 0, data.length)));
        assertArrayEquals(data, to.awaitApplicationData());
    }

    @Test
    void applicationDataGoesBothWays() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.server();
            assertFalse(client.call(() -> client.transport().sendApplicationData(new byte[1], 0, 1)));
            DtlsTestBed.connect(client, server);
            for (int i = 0; i < 10; i++) {
                exchange(client, server, "up " + i);
                exchange(server, client, "down " + i);
            }
            assertEquals(List.of(), server.drops());
            server.run(() -> assertThrows(
                    IllegalArgumentException.class,
                    () -> server.transport().sendApplicationData(new byte[1200], 0, 1200)));
            assertEquals(DtlsTransportState.CONNECTED, server.state());
        }
    }

    @ParameterizedTest
    @EnumSource
    void garbageAfterTheHandshakeChangesNothing(DtlsRole victimRole) {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.server();
            DtlsTestBed.connect(client, server);
            DtlsEndpoint victim = victimRole == DtlsRole.CLIENT ? client : server;
            DtlsEndpoint other = victimRole == DtlsRole.CLIENT ? server : client;

            victim.run(() -> garbage(42).forEach(victim::receive));

            assertTrue(victim.undisturbed());
            assertEquals(DtlsTransportState.CONNECTED, victim.state());
            exchange(other, victim, "still here");
            exchange(victim, other, "me too");
        }
    }

    @Test
    void plaintextAfterTheHandshakeIsDroppedAndCounted() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.server();
            DtlsTestBed.connect(client, server);
            for (byte[] forged : List.of(
                    record(ALERT, 0, 1000, new byte[] {2, 40}),
                    record(ALERT, 0, 1001, new byte[] {1, 0}),
                    record(APPLICATION_DATA, 0, 1002, new byte[] {1, 2, 3}),
                    record(ALERT, 1, 1003, new byte[] {2, 40}),
                    record(APPLICATION_DATA, 1, 1004, new byte[5]))) {
                assertEquals(DropReason.DTLS_UNEXPECTED, server.call(() -> server.receive(forged)));
            }
            assertTrue(server.undisturbed());
            exchange(client, server, "after");
        }
    }

    @Test
    void replayedAndAlteredRecordsAreDropped() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.server();
            DtlsTestBed.connect(client, server);
            List<byte[]> sent = new ArrayList<>();
            client.outgoing(sent::add);
            client.run(() -> client.transport().sendApplicationData(new byte[] {7}, 0, 1));
            byte[] record = sent.getFirst();
            byte[] altered = record.clone();
            altered[altered.length - 1] ^= 1;
            assertEquals(DropReason.DTLS_UNEXPECTED, server.call(() -> server.receive(altered)));
            assertNull(server.call(() -> server.receive(record)));
            assertArrayEquals(new byte[] {7}, server.awaitApplicationData());
            assertEquals(DropReason.DTLS_UNEXPECTED, server.call(() -> server.receive(record)));
            assertTrue(server.undisturbed());
        }
    }

    @Test
    void severalRecordsInOneDatagramAreAllRead() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.server();
            DtlsTestBed.connect(client, server);
            ByteWriter joined = new ByteWriter(new byte[1200]);
            client.outgoing(joined::bytes);
            client.run(() -> {
                client.transport().sendApplicationData(new byte[] {1}, 0, 1);
                client.transport().sendApplicationData(new byte[] {2}, 0, 1);
            });
            assertNull(server.call(() -> server.receive(joined.toByteArray())));
            assertArrayEquals(new byte[] {1}, server.awaitApplicationData());
            assertArrayEquals(new byte[] {2}, server.awaitApplicationData());
        }
    }

    @Test
    void garbageBeforeTheClientHelloStartsNoHandshake() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.server();
            DtlsEndpoint.join(client, DtlsWire.perfect(), server, DtlsWire.perfect());
            server.run(() -> server.transport().start());
            server.run(() -> garbage(43).forEach(server::receive));
            assertEquals(0, bed.handshakes.inFlight());
            assertEquals(garbage(43).size(), server.drops().size());
            client.run(() -> client.transport().start());
            client.awaitConnected();
            server.awaitConnected();
        }
    }

    /** What does not pretend to be the message that is due does not hurt a handshake. */
    @Test
    void garbageDuringTheHandshakeDoesNotHurt() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.server();
            DtlsEndpoint.join(client, DtlsWire.perfect(), server, DtlsWire.perfect());
            List<byte[]> harmless = garbage(44);
            int[] next = {0};
            client.outgoing(datagram -> bed.owner.execute(() -> {
                for (int i = 0; i < 20; i++) {
                    server.receive(harmless.get(next[0]++ % harmless.size()));
                }
                server.receive(datagram);
            }));
            server.outgoing(datagram -> bed.owner.execute(() -> {
                for (int i = 0; i < 20; i++) {
                    client.receive(harmless.get(next[0]++ % harmless.size()));
                }
                client.receive(datagram);
            }));
            DtlsTestBed.start(client, server);
            DtlsHandshakeTest.assertSameKeys(client.awaitConnected(), server.awaitConnected());
        }
    }

    @Test
    void aMessageThatDeclaresMegabytesIsNotReassembled() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint server = bed.server();
            server.run(() -> server.transport().start());
            byte[] body = new ByteWriter(new byte[13]).u8(1).u24(0xFFFFFF).u16(0).u24(0).u24(1).u8(0).toByteArray();
            assertNull(server.call(() -> server.receive(record(HANDSHAKE, 0, 0, body))));
            DtlsEndpoint client = bed.client();
            DtlsEndpoint.join(client, DtlsWire.perfect(), server, DtlsWire.perfect());
            client.run(() -> client.transport().start());
            client.awaitConnected();
            server.awaitConnected();
        }
    }

    @ParameterizedTest
    @EnumSource
    void closeNotifyClosesThePeer(DtlsRole whoCloses) {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.server();
            DtlsTestBed.connect(client, server);
            DtlsEndpoint closer = whoCloses == DtlsRole.CLIENT ? client : server;
            DtlsEndpoint other = whoCloses == DtlsRole.CLIENT ? server : client;

            closer.run(() -> {
                closer.transport().close();
                closer.transport().close();
            });

            other.awaitClosed();
            assertEquals(DtlsTransportState.CLOSED, closer.state());
            assertEquals(DtlsTransportState.CLOSED, other.state());
            assertTrue(closer.undisturbed(), "its own close is no event");
            assertEquals(DropReason.DTLS_UNEXPECTED, other.call(() -> other.receive(new byte[40])));
            assertFalse(other.call(() -> other.transport().sendApplicationData(new byte[1], 0, 1)));
        }
    }

    @Test
    void tooLargeDatagramsAreDropped() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint server = bed.server();
            assertEquals(DropReason.TOO_LARGE, server.call(() -> server.receive(new byte[2049])));
        }
    }
}
