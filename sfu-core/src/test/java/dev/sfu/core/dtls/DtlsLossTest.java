package dev.sfu.core.dtls;

import static dev.sfu.core.dtls.DtlsHandshakeTest.assertSameKeys;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.srtp.SrtpProfile;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths that lose, duplicate and reorder. */
class DtlsLossTest {
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void survivesLossDuplicationAndReorderingOfDatagrams(long seed) {
        connectOver(new DtlsWire(seed, 0.3, 0.2, 0.3, false), new DtlsWire(-seed, 0.3, 0.2, 0.3, false));
    }

    /** A peer that sends every record as a datagram of its own exposes every order of them. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void survivesLossDuplicationAndReorderingOfRecords(long seed) {
        connectOver(new DtlsWire(seed, 0.2, 0.2, 0.3, true), new DtlsWire(-seed, 0.2, 0.2, 0.3, true));
    }

    private static void connectOver(DtlsWire up, DtlsWire down) {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.server();
            DtlsEndpoint.join(client, up, server, down);
            DtlsTestBed.start(client, server);
            assertSameKeys(client.awaitConnected(), server.awaitConnected());
            bed.awaitIdle();
        }
    }

    /** The client's last flight, as records: Certificate, ClientKeyExchange, CertificateVerify, CCS, Finished. */
    @ParameterizedTest(name = "record {0} of the client's last flight is lost")
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void survivesTheLossOfAnyRecordOfTheClientsLastFlight(int lost) {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.server();
            DtlsEndpoint.join(client, DtlsWire.perfect(), server, DtlsWire.perfect());
            AtomicInteger records = new AtomicInteger();
            DtlsWire splitter = new DtlsWire(0, 0, 0, 0, true);
            client.outgoing(datagram -> splitter.send(datagram, record -> {
                boolean hello = FlightSorter.startsWithClientHello(record, 0, record.length);
                if (hello || records.getAndIncrement() != lost) {
                    bed.owner.execute(() -> server.receive(record));
                }
            }));
            DtlsTestBed.start(client, server);
            assertSameKeys(client.awaitConnected(), server.awaitConnected());
            assertTrue(records.get() > 5, "the flight was retransmitted");
        }
    }

    @Test
    void theServerRepeatsItsLastFlightAfterItsHandshakeIsOver() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.server();
            DtlsEndpoint.join(client, DtlsWire.perfect(), server, DtlsWire.perfect());
            CountDownLatch lost = new CountDownLatch(3);
            server.outgoing(datagram -> {
                // ChangeCipherSpec begins the server's last flight.
                if (datagram[0] == 20 && lost.getCount() > 0) {
                    lost.countDown();
                } else {
                    bed.owner.execute(() -> client.receive(datagram));
                }
            });
            DtlsTestBed.start(client, server);
            server.awaitConnected();
            assertSameKeys(client.awaitConnected(), server.awaitConnected());
            assertEquals(0, lost.getCount(), "lost before one came through");
        }
    }

    @Test
    void anUnansweredHandshakeFailsAfterItsTime() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.endpoint(new DtlsConfig(
                    DtlsRole.CLIENT,
                    DtlsTestBed.CLIENT_CERTIFICATE,
                    List.of(),
                    List.of(SrtpProfile.values()),
                    new DtlsConfig.Timing(10, 500)));
            AtomicInteger datagrams = new AtomicInteger();
            client.outgoing(datagram -> {
                if (FlightSorter.startsWithClientHello(datagram, 0, datagram.length)) {
                    datagrams.incrementAndGet();
                }
            });
            client.run(() -> client.transport().start());
            assertEquals("not complete after 500 ms", client.awaitFailed());
            // At 0, 10, 30, 70, 150 and 310 ms and once more when time is up.
            assertTrue(datagrams.get() >= 2 && datagrams.get() <= 7, "retransmitted with back-off: " + datagrams);
        }
    }
}
