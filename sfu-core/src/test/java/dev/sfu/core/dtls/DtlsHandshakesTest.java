package dev.sfu.core.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.stats.DropReason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How many handshakes run, wait and are refused, and that their threads end. */
class DtlsHandshakesTest {
    private static DtlsTestBed bed(int maxInFlight, int maxWaiting) {
        return new DtlsTestBed(new DtlsHandshakes(DtlsTestBed.RANDOM, maxInFlight, maxWaiting));
    }

    @Test
    void theExcessWaitsAndBeyondThatFails() {
        try (DtlsTestBed bed = bed(1, 1)) {
            DtlsEndpoint first = bed.client();
            DtlsEndpoint second = bed.client();
            DtlsEndpoint third = bed.client();
            CompletableFuture<byte[]> hello = new CompletableFuture<>();
            second.outgoing(hello::complete);
            first.run(() -> {
                first.transport().start();
                second.transport().start();
                third.transport().start();
            });
            assertEquals("too many DTLS handshakes are under way", third.awaitFailed());
            assertEquals(DtlsTransportState.FAILED, third.state());
            assertEquals(1, bed.handshakes.inFlight());
            assertEquals(1, bed.handshakes.waiting());

            first.run(() -> first.transport().close());

            assertTrue(hello.orTimeout(20, TimeUnit.SECONDS).join().length > 0, "the second took its place");
            assertEquals(1, bed.handshakes.inFlight());
            assertEquals(0, bed.handshakes.waiting());
        }
    }

    @Test
    void aServerWithoutRoomTakesTheRetransmittedClientHello() {
        try (DtlsTestBed bed = bed(1, 0)) {
            DtlsEndpoint blocker = bed.client();
            DtlsEndpoint server = bed.server();
            DtlsTestBed clients = bed(1, 0);
            try (clients) {
                DtlsEndpoint client = clients.client();
                List<DropReason> reasons = new ArrayList<>();
                CompletableFuture<Boolean> refused = new CompletableFuture<>();
                client.outgoing(datagram -> bed.owner.execute(() -> {
                    DropReason reason = server.receive(datagram);
                    if (reason != null) {
                        reasons.add(reason);
                        refused.complete(true);
                    }
                }));
                server.outgoing(datagram -> clients.owner.execute(() -> client.receive(datagram)));
                blocker.run(() -> blocker.transport().start());
                DtlsTestBed.start(client, server);
                assertTrue(refused.orTimeout(20, TimeUnit.SECONDS).join());
                assertEquals(DropReason.QUEUE_FULL, server.call(reasons::getFirst));
                assertEquals(DtlsTransportState.CONNECTING, server.state());

                blocker.run(() -> blocker.transport().close());

                DtlsHandshakeTest.assertSameKeys(client.awaitConnected(), server.awaitConnected());
            }
        }
    }

    @Test
    void aServerHasNoThreadUntilTheClientSpeaks() {
        try (DtlsTestBed bed = bed(8, 0)) {
            DtlsEndpoint server = bed.server();
            server.run(() -> server.transport().start());
            assertEquals(DtlsTransportState.CONNECTING, server.state());
            assertEquals(0, bed.handshakes.inFlight());
            server.run(() -> server.transport().close());
        }
    }

    @Test
    void noThreadRemainsOnceConnected() {
        try (DtlsTestBed bed = bed(8, 0)) {
            DtlsTestBed.connect(bed.client(), bed.server());
            bed.awaitIdle();
            assertEquals(0, bed.handshakes.inFlight());
        }
    }

    @Test
    void closingDuringTheHandshakeEndsItsThreadAtOnce() {
        try (DtlsTestBed bed = bed(64, 0)) {
            List<DtlsEndpoint> clients = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                clients.add(bed.client());
            }
            clients.forEach(client -> client.run(() -> client.transport().start()));
            assertEquals(50, bed.handshakes.inFlight());
            clients.forEach(client -> client.run(() -> client.transport().close()));
            bed.awaitIdle();
            for (DtlsEndpoint client : clients) {
                assertEquals(DtlsTransportState.CLOSED, client.state());
                assertTrue(client.undisturbed());
            }
        }
    }

    @Test
    void closingAWaitingHandshakeFreesItsPlace() {
        try (DtlsTestBed bed = bed(1, 1)) {
            DtlsEndpoint first = bed.client();
            DtlsEndpoint second = bed.client();
            first.run(() -> {
                first.transport().start();
                second.transport().start();
                second.transport().close();
            });
            assertEquals(0, bed.handshakes.waiting());
        }
    }

    @Test
    void shutdownFailsWhatIsUnderWay() {
        try (DtlsTestBed bed = bed(1, 1)) {
            DtlsEndpoint running = bed.client();
            DtlsEndpoint waiting = bed.client();
            DtlsEndpoint late = bed.client();
            running.run(() -> {
                running.transport().start();
                waiting.transport().start();
            });
            bed.handshakes.close();
            assertEquals("the server is shutting down", running.awaitFailed());
            assertEquals("the server is shutting down", waiting.awaitFailed());
            late.run(() -> late.transport().start());
            assertEquals("the server is shutting down", late.awaitFailed());
            bed.awaitIdle();
        }
    }

    @Test
    void theDatagramsOfAHandshakeThatWaitsAreBounded() {
        try (DtlsTestBed bed = bed(1, 1)) {
            DtlsEndpoint blocker = bed.client();
            DtlsEndpoint server = bed.server();
            blocker.run(() -> blocker.transport().start());
            server.run(() -> server.transport().start());
            byte[] hello = new byte[100];
            hello[0] = 22;
            hello[1] = (byte) 0xFE;
            hello[2] = (byte) 0xFD;
            hello[12] = 87;
            hello[13] = 1;
            server.run(() -> {
                for (int i = 0; i < DtlsLink.QUEUE_LIMIT; i++) {
                    assertNull(server.receive(hello));
                }
                assertEquals(DropReason.QUEUE_FULL, server.receive(hello));
            });
            server.run(() -> server.transport().close());
        }
    }

    @Test
    void anOwnerThatHasStoppedLeavesNoThreadBehind() {
        try (DtlsTestBed bed = bed(8, 0)) {
            ExecutorService stopping = Executors.newSingleThreadExecutor();
            DtlsEndpoint client = new DtlsEndpoint(
                    DtlsTestBed.config(DtlsRole.CLIENT, List.of()), bed.handshakes, stopping);
            client.run(() -> client.transport().start());
            stopping.shutdownNow();
            bed.awaitIdle();
        }
    }

    @Test
    void startsOnce() {
        try (DtlsTestBed bed = bed(8, 0)) {
            DtlsEndpoint server = bed.server();
            server.run(() -> server.transport().start());
            server.run(() -> assertThrows(IllegalStateException.class, () -> server.transport().start()));
            server.run(() -> server.transport().close());
        }
    }

    @Test
    void refusesSenselessBounds() {
        assertThrows(IllegalArgumentException.class, () -> new DtlsHandshakes(DtlsTestBed.RANDOM, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new DtlsHandshakes(DtlsTestBed.RANDOM, 1, -1));
    }
}
