package dev.sfu.core.dtls;

import dev.sfu.core.buffer.ByteWriter;
import java.util.BitSet;
import java.util.Deque;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.HandshakeType;

/**
 * Puts a ClientHello together from its fragments, so that Bouncy Castle gets it whole or not at all.
 *
 * <p>Nothing authenticates a ClientHello, so anybody who can write the peer's address on a datagram can send a fragment of
 * one. Bouncy Castle binds itself to the length that the first fragment declares and is deaf to all others from then on;
 * here a fragment of another length begins anew, and the client's own ClientHello, which it repeats until it is answered,
 * gets through.
 */
final class ClientHelloAssembly {
    static final int RECORD_HEADER_BYTES = 13;
    static final int MESSAGE_HEADER_BYTES = 12;
    private static final int DTLS_1_2 = 0xFEFD;
    private static final int FRAGMENT_LIMIT_BYTES =
            DtlsLink.RECEIVE_LIMIT_BYTES - RECORD_HEADER_BYTES - MESSAGE_HEADER_BYTES;

    private byte[] body = new byte[0];
    private final BitSet received = new BitSet();

    /** Takes a fragment of a message of {@code length} bytes; true if the message is whole now. */
    boolean add(int length, byte[] array, int position, int fragmentOffset, int fragmentLength) {
        if (length != body.length) {
            body = new byte[length];
            received.clear();
        }
        System.arraycopy(array, position, body, fragmentOffset, fragmentLength);
        received.set(fragmentOffset, fragmentOffset + fragmentLength);
        return received.cardinality() == length;
    }

    /** Appends the message, in as few datagrams of one record as it takes. */
    void write(Deque<byte[]> out) {
        int offset = 0;
        do {
            int count = Math.min(FRAGMENT_LIMIT_BYTES, body.length - offset);
            ByteWriter record = new ByteWriter(new byte[RECORD_HEADER_BYTES + MESSAGE_HEADER_BYTES + count]);
            record.u8(ContentType.handshake).u16(DTLS_1_2).zeros(8).u16(MESSAGE_HEADER_BYTES + count);
            record.u8(HandshakeType.client_hello).u24(body.length).u16(0).u24(offset).u24(count);
            out.add(record.bytes(body, offset, count).toByteArray());
            offset += count;
        } while (offset < body.length);
    }
}
