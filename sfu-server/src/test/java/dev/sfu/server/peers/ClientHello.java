package dev.sfu.server.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * How a DTLS ClientHello travelled.
 *
 * @param bytes length of the handshake message body
 * @param records records that it came in
 * @param datagramBytes sizes of the datagrams that carried parts of it
 */
record ClientHello(int bytes, int records, List<Integer> datagramBytes) {
    private static final int RECORD_HEADER_BYTES = 13;
    private static final int HANDSHAKE_HEADER_BYTES = 12;
    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;

    /** Reads the first transmission of the first ClientHello out of a client's datagrams (RFC 6347, section 4.2.2). */
    static ClientHello first(List<byte[]> datagrams) {
        int total = 0;
        TreeMap<Integer, Integer> fragments = new TreeMap<>();
        List<Integer> sizes = new ArrayList<>();
        for (byte[] datagram : datagrams) {
            boolean carries = false;
            int at = 0;
            while (at + RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES <= datagram.length) {
                int length = number(datagram, at + 11, 2);
                int handshake = at + RECORD_HEADER_BYTES;
                if (datagram[at] == HANDSHAKE
                        && datagram[handshake] == CLIENT_HELLO
                        && number(datagram, handshake + 4, 2) == 0) {
                    total = number(datagram, handshake + 1, 3);
                    carries |= fragments.putIfAbsent(
                            number(datagram, handshake + 6, 3), number(datagram, handshake + 9, 3)) == null;
                }
                at = handshake + length;
            }
            if (carries) {
                sizes.add(datagram.length);
            }
        }
        return new ClientHello(total, fragments.size(), List.copyOf(sizes));
    }

    private static int number(byte[] bytes, int at, int length) {
        int value = 0;
        for (int i = 0; i < length; i++) {
            value = (value << 8) | (bytes[at + i] & 0xFF);
        }
        return value;
    }
}
