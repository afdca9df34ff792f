package dev.sfu.core.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.buffer.Bytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Somebody else sends in the client's name before it is known: its handshake completes all the same. */
class DtlsForgeryTest {
    private static final int MESSAGE = 13;
    private static final int BODY = MESSAGE + 12;
    private static final int HANDSHAKE_FAILURE = 40;
    private static final int USE_SRTP = 14;
    private static final int SUPPORTED_VERSIONS = 43;

    /** What is sent in the client's name, made of its own ClientHello. */
    private record Forgery(String name, Function<byte[], byte[]> of) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static byte[] record(int type, long sequence, byte[] body) {
        return new ByteWriter(new byte[MESSAGE + body.length])
                .u8(type).u16(0xFEFD).u16(0).u16((int) (sequence >>> 32)).u32(sequence).u16(body.length)
                .bytes(body).toByteArray();
    }

    /** A fragment of a ClientHello of {@code length} bytes. */
    private static byte[] fragment(int length, int offset, byte[] part) {
        return record(22, 9, new ByteWriter(new byte[12 + part.length])
                .u8(1).u24(length).u16(0).u24(offset).u24(part.length).bytes(part).toByteArray());
    }

    private static byte[] withVersion(byte[] hello, int version) {
        byte[] forged = hello.clone();
        Bytes.put16(forged, BODY, version);
        return forged;
    }

    /** The ClientHello with these extensions alone. */
    private static byte[] withExtensions(byte[] hello, byte[] extensions) {
        int at = BODY + 34;
        at += 1 + Bytes.u8(hello, at);
        at += 1 + Bytes.u8(hello, at);
        at += 2 + Bytes.u16(hello, at);
        at += 1 + Bytes.u8(hello, at);
        byte[] body = new ByteWriter(new byte[at - BODY + 2 + extensions.length])
                .bytes(hello, BODY, at - BODY).u16(extensions.length).bytes(extensions).toByteArray();
        return fragment(body.length, 0, body);
    }

    private static byte[] extensions(byte[] hello) {
        int at = BODY + 34;
        at += 1 + Bytes.u8(hello, at);
        at += 1 + Bytes.u8(hello, at);
        at += 2 + Bytes.u16(hello, at);
        at += 1 + Bytes.u8(hello, at);
        return Arrays.copyOfRange(hello, at + 2, hello.length);
    }

    private static byte[] withExtension(byte[] hello, int type, byte[] data) {
        byte[] others = extensions(hello);
        return withExtensions(hello, new ByteWriter(new byte[others.length + 4 + data.length])
                .bytes(others).u16(type).u16(data.length).bytes(data).toByteArray());
    }

    private static byte[] withoutSrtp(byte[] hello) {
        byte[] all = extensions(hello);
        ByteWriter kept = new ByteWriter(new byte[all.length]);
        for (int at = 0; at < all.length; at += 4 + Bytes.u16(all, at + 2)) {
            if (Bytes.u16(all, at) != USE_SRTP) {
                kept.bytes(all, at, 4 + Bytes.u16(all, at + 2));
            }
        }
        return withExtensions(hello, kept.toByteArray());
    }

    /** Nothing that the server can answer: who sends that in the client's name cannot be told from the client. */
    static Stream<Forgery> forgeries() {
        Stream<Forgery> versions = IntStream.of(0xFEFE, 0xFEFF, 0x0303, 0x0000, 0xFFFF)
                .mapToObj(version -> new Forgery(
                        "client_version " + Integer.toHexString(version), hello -> withVersion(hello, version)));
        Stream<Forgery> supported = IntStream.of(0xFEFE, 0xFEFF, 0x0304)
                .mapToObj(version -> new Forgery(
                        "supported_versions " + Integer.toHexString(version),
                        hello -> withExtension(
                                hello, SUPPORTED_VERSIONS, new ByteWriter(new byte[3]).u8(2).u16(version).toByteArray())));
        Stream<Forgery> others = Stream.of(
                new Forgery("odd supported_versions", hello -> withExtension(hello, SUPPORTED_VERSIONS, new byte[] {3, 1, 2, 3})),
                new Forgery("no extensions", hello -> withExtensions(hello, new byte[0])),
                new Forgery("no use_srtp", DtlsForgeryTest::withoutSrtp),
                new Forgery("extensions that overrun", hello -> withExtensions(hello, new byte[] {0, 14, 9, 9, 1})),
                new Forgery("empty", hello -> fragment(0, 0, new byte[0])),
                new Forgery("random", hello -> fragment(200, 0, new byte[200])),
                new Forgery("cut off", hello -> fragment(60, 0, Arrays.copyOfRange(hello, BODY, BODY + 60))),
                new Forgery("part of a longer one", hello -> fragment(9_000, 100, new byte[300])),
                new Forgery("part of one as long", hello -> fragment(hello.length - BODY, 2, new byte[40])),
                new Forgery("Certificate", hello -> {
                    byte[] forged = hello.clone();
                    forged[MESSAGE] = 11;
                    return forged;
                }),
                new Forgery("fatal alert", hello -> record(21, 9, new byte[] {2, HANDSHAKE_FAILURE})),
                new Forgery("close_notify", hello -> record(21, 9, new byte[] {1, 0})),
                new Forgery("a high record number", hello -> record(21, (1L << 48) - 1, new byte[] {1, 90})));
        return Stream.of(versions, supported, others).flatMap(stream -> stream);
    }

    @ParameterizedTest
    @MethodSource("forgeries")
    void beforeTheClientHello(Forgery forgery) {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.server();
            List<byte[]> heard = new CopyOnWriteArrayList<>();
            server.outgoing(datagram -> bed.owner.execute(() -> {
                heard.add(datagram);
                client.receive(datagram);
            }));
            boolean[] forged = {false};
            client.outgoing(datagram -> bed.owner.execute(() -> {
                if (!forged[0]) {
                    forged[0] = true;
                    server.receive(forgery.of().apply(datagram));
                }
                server.receive(datagram);
            }));
            DtlsTestBed.start(client, server);
            DtlsHandshakeTest.assertSameKeys(client.awaitConnected(), server.awaitConnected());
            assertTrue(heard.stream().noneMatch(datagram -> datagram[0] == 21), "the client hears no alert");
        }
    }

    /** Any number of them, also after the server has answered. */
    @Test
    void allOfThemTimeAndAgain() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.server();
            server.outgoing(datagram -> bed.owner.execute(() -> client.receive(datagram)));
            List<byte[]> forged = new ArrayList<>();
            client.outgoing(datagram -> bed.owner.execute(() -> {
                if (forged.isEmpty()) {
                    forgeries().forEach(forgery -> forged.add(forgery.of().apply(datagram)));
                }
                forged.forEach(server::receive);
                server.receive(datagram);
            }));
            DtlsTestBed.start(client, server);
            DtlsHandshakeTest.assertSameKeys(client.awaitConnected(), server.awaitConnected());
        }
    }

    @Test
    void whoeverOffersNothingElseIsToldWhatWasWrong() {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint client = bed.client();
            DtlsEndpoint server = bed.server();
            server.outgoing(datagram -> bed.owner.execute(() -> client.receive(datagram)));
            client.outgoing(datagram -> bed.owner.execute(() -> server.receive(withoutSrtp(datagram))));
            DtlsTestBed.start(client, server);
            assertEquals("the peer offers no SRTP profile that is acceptable here", server.awaitFailed());
            assertTrue(client.awaitFailed().contains("handshake_failure"));
        }
    }
}
