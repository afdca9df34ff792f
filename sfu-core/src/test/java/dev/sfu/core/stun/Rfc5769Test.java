package dev.sfu.core.stun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.Bytes;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.junit.jupiter.api.Test;

/** The test vectors of RFC 5769. */
class Rfc5769Test {
    private static final String PASSWORD = "VOkJxbRl1RmTxUk/WvJxBt";
    private static final byte[] TRANSACTION = Bytes.hex("b7e7a701bc34d686fa87dfae");

    static final byte[] REQUEST = Bytes.hex("""
            00010058 2112a442 b7e7a701 bc34d686 fa87dfae
            80220010 5354554e 20746573 7420636c 69656e74
            00240004 6e0001ff
            80290008 932ff9b1 51263b36
            00060009 6576746a 3a683676 59202020
            00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
            80280004 e57a3bcf""");

    static final byte[] IPV4_RESPONSE = Bytes.hex("""
            0101003c 2112a442 b7e7a701 bc34d686 fa87dfae
            8022000b 74657374 20766563 746f7220
            00200008 0001a147 e112a643
            00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7
            80280004 c07d4c96""");

    static final byte[] IPV6_RESPONSE = Bytes.hex("""
            01010048 2112a442 b7e7a701 bc34d686 fa87dfae
            8022000b 74657374 20766563 746f7220
            00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
            00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41
            80280004 c8fb0b4c""");

    private static final byte[] LONG_TERM_REQUEST = Bytes.hex("""
            00010060 2112a442 78ad3433 c6ad72c0 29da412e
            00060012 e3839ee3 8388e383 aae38383 e382afe3 82b90000
            0015001c 662f2f34 39396b39 35346436 4f4c3334 6f4c3946 53547679 36347341
            0014000b 6578616d 706c652e 6f726700
            00080014 f6702465 6dd64a3e 02b8e071 2e85c9a2 8ca89666""");

    private static StunMessage read(byte[] bytes) {
        StunMessage message = StunMessage.read(bytes, 0, bytes.length);
        assertNotNull(message);
        return message;
    }

    @Test
    void section21Request() {
        StunMessage message = read(REQUEST);
        assertEquals(StunClass.REQUEST, message.stunClass());
        assertEquals(StunMessage.BINDING, message.method());
        assertEquals("evtj:h6vY", message.username());
        assertEquals(0x6e0001ffL, message.priority());
        assertTrue(message.iceControlled());
        assertFalse(message.iceControlling());
        assertEquals(0x932ff9b151263b36L, message.tieBreaker());
        assertFalse(message.useCandidate());
        assertTrue(message.hasFingerprint());
        assertFalse(message.hasUnknownRequired());
        assertTrue(message.verifies(StunIntegrity.ofPassword(PASSWORD)));
        assertFalse(message.verifies(StunIntegrity.ofPassword(PASSWORD + "x")));
        assertEquals("evtj", StunMessage.localUfrag(REQUEST, 0, REQUEST.length));
        assertEquals(0xbc34d686fa87dfaeL, message.transactionTail());
    }

    @Test
    void section22Ipv4Response() throws Exception {
        StunMessage message = read(IPV4_RESPONSE);
        assertEquals(StunClass.SUCCESS, message.stunClass());
        assertEquals(new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 32853), message.xorMappedAddress());
        assertTrue(message.verifies(StunIntegrity.ofPassword(PASSWORD)));
        assertNull(StunMessage.localUfrag(IPV4_RESPONSE, 0, IPV4_RESPONSE.length));
    }

    @Test
    void section23Ipv6Response() throws Exception {
        StunMessage message = read(IPV6_RESPONSE);
        assertEquals(new InetSocketAddress(InetAddress.getByName("2001:db8:1234:5678:11:2233:4455:6677"), 32853),
                message.xorMappedAddress());
        assertTrue(message.verifies(StunIntegrity.ofPassword(PASSWORD)));
    }

    @Test
    void section24LongTermRequest() throws Exception {
        String user = "\u30de\u30c8\u30ea\u30c3\u30af\u30b9";
        byte[] key = MessageDigest.getInstance("MD5")
                .digest((user + ":example.org:TheMatrIX").getBytes(StandardCharsets.UTF_8));
        StunMessage message = read(LONG_TERM_REQUEST);
        assertEquals(user, message.username());
        assertFalse(message.hasFingerprint());
        assertTrue(message.verifies(new StunIntegrity(key)));
    }

    /** The vectors pad with blanks where the writer pads with zeros, so only attributes without padding compare. */
    @Test
    void writerReproducesSection22WithoutPaddedAttribute() throws Exception {
        byte[] array = new byte[200];
        int length = new StunWriter(array, 7, 190).begin(StunClass.SUCCESS, StunMessage.BINDING, TRANSACTION)
                .attribute(StunAttributeType.SOFTWARE, "test vector ".getBytes(StandardCharsets.US_ASCII))
                .xorMappedAddress(new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 32853))
                .integrity(StunIntegrity.ofPassword(PASSWORD))
                .length();
        assertEquals(IPV4_RESPONSE.length - 8, length);
        byte[] expected = IPV4_RESPONSE.clone();
        // Up to MESSAGE-INTEGRITY the bytes are the vector's, but for the length of SOFTWARE and of the message.
        expected[3] = 0x34;
        expected[23] = 12;
        byte[] written = new byte[48];
        System.arraycopy(array, 7, written, 0, 48);
        byte[] vector = new byte[48];
        System.arraycopy(expected, 0, vector, 0, 48);
        assertArrayEquals(vector, written);
    }
}
