package dev.sfu.core.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.srtp.SrtpKeys;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Hashtable;
import java.util.List;
import java.util.Random;
import java.util.Vector;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** ClientHellos as new browsers send them: DTLS 1.3 and post-quantum offers, larger than a datagram. */
class DtlsClientHelloTest {
    private static final int X25519_MLKEM768 = 0x11EC;
    private static final int GREASE = 0x2A2A;
    private static final int RECORD_HEADER = 13;
    private static final int MESSAGE_HEADER = 12;

    /** Offers what Firefox does: DTLS 1.3 next to 1.2, a hybrid group with its key share, things nobody knows. */
    @SuppressWarnings({"rawtypes", "unchecked", "JdkObsolete"}) // Bouncy Castle's signatures
    private static final class ModernClient extends DtlsClient {
        ModernClient(Negotiation negotiation) {
            super(negotiation);
        }

        @Override
        protected Vector getSupportedGroups(Vector namedGroupRoles) {
            Vector groups = super.getSupportedGroups(namedGroupRoles);
            groups.add(0, X25519_MLKEM768);
            groups.add(0, GREASE);
            return groups;
        }

        @Override
        public Hashtable getClientExtensions() throws IOException {
            Hashtable extensions = super.getClientExtensions();
            extensions.put(43, new ByteWriter(new byte[7]).u8(6).u16(GREASE).u16(0xFEFC).u16(0xFEFD).toByteArray());
            ByteWriter shares = new ByteWriter(new byte[2048]);
            shares.u16(1220 + 36).u16(X25519_MLKEM768).u16(1216).zeros(1216).u16(0x001D).u16(32).zeros(32);
            extensions.put(51, shares.toByteArray());
            extensions.put(45, new byte[] {1, 1});
            extensions.put(GREASE, new byte[500]);
            return extensions;
        }
    }

    /** Connects a modern client whose ClientHello reaches the server as {@code rearrange} makes of its fragments. */
    private static void connect(int fragmentBytes, UnaryOperator<List<byte[]>> rearrange) {
        try (DtlsTestBed bed = new DtlsTestBed()) {
            DtlsEndpoint server = bed.server();
            Refragmenter refragmenter = new Refragmenter(fragmentBytes, rearrange);

            CompletableFuture<SrtpKeys> client =
                    bed.connectForeign(ModernClient::new, sent -> refragmenter.apply(sent.getFirst()), server);

            DtlsHandshakeTest.assertSameKeys(client.join(), server.awaitConnected());
            assertTrue(refragmenter.helloBytes > 1800, "ClientHello of " + refragmenter.helloBytes + " bytes");
            assertEquals("FEFD", server.transport().tlsVersion());
        }
    }

    /** Collects the ClientHello and cuts it anew; other records pass. */
    private static final class Refragmenter {
        private final int fragmentBytes;
        private final UnaryOperator<List<byte[]>> rearrange;
        private byte[] hello = new byte[0];
        private int received;
        private int recordSequence;
        int helloBytes;

        Refragmenter(int fragmentBytes, UnaryOperator<List<byte[]>> rearrange) {
            this.fragmentBytes = fragmentBytes;
            this.rearrange = rearrange;
        }

        List<byte[]> apply(byte[] datagram) {
            if (!FlightSorter.startsWithClientHello(datagram, 0, datagram.length)) {
                return List.of(datagram);
            }
            int length = Bytes.u24(datagram, RECORD_HEADER + 1);
            int offset = Bytes.u24(datagram, RECORD_HEADER + 6);
            int count = Bytes.u24(datagram, RECORD_HEADER + 9);
            if (hello.length != length) {
                hello = new byte[length];
            }
            System.arraycopy(datagram, RECORD_HEADER + MESSAGE_HEADER, hello, offset, count);
            received += count;
            if (received < length) {
                return List.of();
            }
            received = 0;
            helloBytes = length;
            List<byte[]> fragments = new ArrayList<>();
            for (int start = 0; start < length; start += fragmentBytes) {
                fragments.add(fragment(start, Math.min(fragmentBytes, length - start)));
            }
            return rearrange.apply(fragments);
        }

        private byte[] fragment(int start, int count) {
            ByteWriter writer = new ByteWriter(new byte[RECORD_HEADER + MESSAGE_HEADER + count]);
            writer.u8(22).u16(0xFEFF).u16(0).u16(0).u32(recordSequence++).u16(MESSAGE_HEADER + count);
            writer.u8(1).u24(hello.length).u16(0).u24(start).u24(count).bytes(hello, start, count);
            return writer.toByteArray();
        }
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] joined = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }

    @Test
    void spansTwoDatagrams() {
        connect(1100, UnaryOperator.identity());
    }

    @Test
    void arrivesInReverse() {
        connect(300, fragments -> {
            Collections.reverse(fragments);
            return fragments;
        });
    }

    @Test
    void arrivesDuplicatedAndShuffled() {
        connect(400, fragments -> {
            fragments.addAll(List.copyOf(fragments));
            Collections.shuffle(fragments, new Random(7));
            return fragments;
        });
    }

    @Test
    void spansRecordsOfOneDatagram() {
        connect(500, fragments -> {
            List<byte[]> paired = new ArrayList<>();
            paired.add(concat(fragments.get(3), fragments.get(1)));
            paired.add(concat(fragments.get(0), fragments.get(2)));
            return paired;
        });
    }

    @Test
    void losesItsFirstFragmentOnce() {
        boolean[] lost = {false};
        connect(1100, fragments -> {
            if (!lost[0]) {
                lost[0] = true;
                return fragments.subList(1, fragments.size());
            }
            return fragments;
        });
    }
}
