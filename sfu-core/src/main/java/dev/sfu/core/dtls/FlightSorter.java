package dev.sfu.core.dtls;

import dev.sfu.core.buffer.Bytes;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.HandshakeType;
import org.jspecify.annotations.Nullable;

/**
 * Brings a peer's handshake records into the order that Bouncy Castle can take, and keeps out what would harm it.
 *
 * <p>Bouncy Castle reassembles and orders handshake messages itself, but it obeys ChangeCipherSpec as soon as it comes
 * and from then on is deaf to unencrypted records: a server that gets it before a delayed or lost CertificateVerify
 * can never complete. So a server's sorter holds ChangeCipherSpec and encrypted records back until every message up to
 * CertificateVerify is here. Bouncy Castle also allocates whatever length a fragment declares, up to 16 MiB a message;
 * records that declare more than {@link Negotiation#HANDSHAKE_MESSAGE_LIMIT_BYTES} are dropped.
 *
 * <p>What is not encrypted may come from anybody, so before a server has a whole ClientHello nothing else passes. Alerts are
 * set apart for the link to believe or not. And records are numbered anew: after one with a high number Bouncy Castle would
 * take those of the peer for replays.
 */
final class FlightSorter {
    private static final int RECORD_HEADER_BYTES = ClientHelloAssembly.RECORD_HEADER_BYTES;
    private static final int MESSAGE_HEADER_BYTES = ClientHelloAssembly.MESSAGE_HEADER_BYTES;
    private static final int DTLS_1_0 = 0xFEFF;
    private static final int DTLS_1_2 = 0xFEFD;
    private static final int HELD_LIMIT = 8;
    /** ClientHello, Certificate, ClientKeyExchange, CertificateVerify, and some slack. */
    private static final int MESSAGE_LIMIT = 8;

    private final Coverage[] messages = new Coverage[MESSAGE_LIMIT];
    private final Deque<byte[]> held = new ArrayDeque<>();
    private final ClientHelloAssembly hello = new ClientHelloAssembly();
    private boolean awaitsHello;
    private boolean holding;
    private long plaintextRecords;
    private byte @Nullable [] alert;

    FlightSorter(DtlsRole role) {
        awaitsHello = role == DtlsRole.SERVER;
        holding = role == DtlsRole.SERVER;
    }

    private static final class Coverage {
        final int type;
        final int length;
        final BitSet received;

        Coverage(int type, int length) {
            this.type = type;
            this.length = length;
            this.received = new BitSet(length);
        }

        boolean complete() {
            return received.cardinality() == length;
        }
    }

    /** True if the datagram begins with a whole record of DTLS 1.x. */
    static boolean startsWithRecord(byte[] array, int offset, int length) {
        return length > RECORD_HEADER_BYTES
                && Bytes.u8(array, offset) >= ContentType.change_cipher_spec
                && Bytes.u8(array, offset) <= ContentType.application_data
                && Bytes.u8(array, offset + 1) == 0xFE
                && Bytes.u16(array, offset + 11) <= length - RECORD_HEADER_BYTES;
    }

    /**
     * False if any record's header names a version that is neither DTLS 1.0 nor 1.2. Bouncy Castle answers some of those,
     * of which FEFE differs from a ClientHello's FEFF in a single bit, by ending the association, before it has checked
     * whether the record is genuine.
     */
    static boolean versionsKnown(byte[] array, int offset, int length) {
        int end = offset + length;
        for (int at = offset; end - at >= RECORD_HEADER_BYTES; at += RECORD_HEADER_BYTES + Bytes.u16(array, at + 11)) {
            int version = Bytes.u16(array, at + 1);
            if (version != DTLS_1_0 && version != DTLS_1_2) {
                return false;
            }
        }
        return true;
    }

    /** True if the datagram begins with all or part of a ClientHello: what may wake a server. */
    static boolean startsWithClientHello(byte[] array, int offset, int length) {
        return startsWithRecord(array, offset, length)
                && length > RECORD_HEADER_BYTES + MESSAGE_HEADER_BYTES
                && Bytes.u8(array, offset) == ContentType.handshake
                && Bytes.u16(array, offset + 3) == 0
                && Bytes.u8(array, offset + RECORD_HEADER_BYTES) == HandshakeType.client_hello;
    }

    /** An alert that anybody may have sent, unless the peer has gone on with the handshake since; else null. */
    byte @Nullable [] plaintextAlert() {
        return alert;
    }

    /** Appends to {@code out} what may be processed now that {@code datagram} has come, in that order. */
    void sort(byte[] datagram, Deque<byte[]> out) {
        byte[] passed = new byte[datagram.length];
        int passedBytes = 0;
        int position = 0;
        while (datagram.length - position >= RECORD_HEADER_BYTES) {
            int end = position + RECORD_HEADER_BYTES + Bytes.u16(datagram, position + 11);
            if (end > datagram.length) {
                break;
            }
            if (awaitsHello) {
                if (isPlaintext(datagram, position, ContentType.handshake)) {
                    readMessages(datagram, position, end, out);
                }
            } else if (passes(datagram, position, end, out)) {
                System.arraycopy(datagram, position, passed, passedBytes, end - position);
                number(passed, passedBytes);
                passedBytes += end - position;
            }
            position = end;
        }
        if (passedBytes > 0) {
            out.add(Arrays.copyOf(passed, passedBytes));
        }
        if (holding && flightComplete()) {
            holding = false;
            held.forEach(record -> number(record, 0));
            out.addAll(held);
            held.clear();
            Arrays.fill(messages, null);
        }
    }

    /** Whether a record may be processed now; keeps those that may be later. */
    private boolean passes(byte[] datagram, int start, int end, Deque<byte[]> out) {
        boolean encrypted = Bytes.u16(datagram, start + 3) != 0;
        if (holding && (encrypted || Bytes.u8(datagram, start) == ContentType.change_cipher_spec)) {
            if (held.size() < HELD_LIMIT) {
                held.add(Arrays.copyOfRange(datagram, start, end));
            }
            return false;
        }
        if (isPlaintext(datagram, start, ContentType.alert)) {
            alert = Arrays.copyOfRange(datagram, start, end);
            number(alert, 0);
            return false;
        }
        if (isPlaintext(datagram, start, ContentType.handshake)) {
            boolean wellFormed = readMessages(datagram, start, end, out);
            if (wellFormed) {
                alert = null;
            }
            return wellFormed;
        }
        return true;
    }

    private static boolean isPlaintext(byte[] datagram, int start, int type) {
        return Bytes.u8(datagram, start) == type && Bytes.u16(datagram, start + 3) == 0;
    }

    /** Gives the record the next number of its epoch; an encrypted one's number is authenticated and stays. */
    private void number(byte[] array, int start) {
        if (Bytes.u16(array, start + 3) == 0) {
            Bytes.put16(array, start + 5, (int) (plaintextRecords >>> 32));
            Bytes.put32(array, start + 7, plaintextRecords);
            plaintextRecords++;
        }
    }

    /** Notes what a plaintext handshake record carries; false if it is malformed or declares too much. */
    private boolean readMessages(byte[] datagram, int start, int end, Deque<byte[]> out) {
        int position = start + RECORD_HEADER_BYTES;
        while (end - position >= MESSAGE_HEADER_BYTES) {
            int type = Bytes.u8(datagram, position);
            int length = Bytes.u24(datagram, position + 1);
            int sequence = Bytes.u16(datagram, position + 4);
            int fragmentOffset = Bytes.u24(datagram, position + 6);
            int fragmentLength = Bytes.u24(datagram, position + 9);
            position += MESSAGE_HEADER_BYTES + fragmentLength;
            if (position > end
                    || length > Negotiation.HANDSHAKE_MESSAGE_LIMIT_BYTES
                    || fragmentOffset + fragmentLength > length) {
                return false;
            }
            if (awaitsHello) {
                if (type == HandshakeType.client_hello
                        && sequence == 0
                        && hello.add(length, datagram, position - fragmentLength, fragmentOffset, fragmentLength)) {
                    awaitsHello = false;
                    hello.write(out);
                    out.forEach(record -> number(record, 0));
                }
            } else if (holding && sequence < MESSAGE_LIMIT) {
                note(sequence, type, length, fragmentOffset, fragmentLength);
            }
        }
        return position == end;
    }

    private void note(int sequence, int type, int length, int fragmentOffset, int fragmentLength) {
        Coverage coverage = messages[sequence];
        if (coverage == null) {
            coverage = new Coverage(type, length);
            messages[sequence] = coverage;
        }
        if (coverage.type == type && coverage.length == length) {
            coverage.received.set(fragmentOffset, fragmentOffset + fragmentLength);
        }
    }

    private boolean flightComplete() {
        for (int sequence = 1; sequence < MESSAGE_LIMIT; sequence++) {
            @Nullable Coverage coverage = messages[sequence];
            if (coverage == null || !coverage.complete()) {
                return false;
            }
            if (coverage.type == HandshakeType.certificate_verify) {
                return true;
            }
        }
        return false;
    }
}
