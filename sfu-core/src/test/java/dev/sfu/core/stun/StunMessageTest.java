package dev.sfu.core.stun;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.Bytes;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StunMessageTest {
    private static final byte[] TRANSACTION = Bytes.hex("000102030405060708090a0b");
    private static final StunIntegrity KEY = StunIntegrity.ofPassword("a-password-of-the-receiver");
    private static final byte[] USERNAME = "serverUf:clientUf".getBytes(US_ASCII);

    private final byte[] array = new byte[1600];
    private final StunWriter writer = new StunWriter(array);

    private StunWriter request() {
        return writer.begin(StunClass.REQUEST, StunMessage.BINDING, TRANSACTION);
    }

    private @Nullable StunMessage read() {
        return StunMessage.read(array, 0, writer.length());
    }

    private StunMessage readOk() {
        StunMessage message = read();
        assertNotNull(message);
        return message;
    }

    @Test
    void everyIceAttributeComesBack() {
        request().username(USERNAME).priority(0xFFFF_FFFFL).iceControlling(-2).useCandidate().nomination(7)
                .integrity(KEY).fingerprint();
        StunMessage message = readOk();
        assertEquals("serverUf:clientUf", message.username());
        assertEquals(0xFFFF_FFFFL, message.priority());
        assertTrue(message.iceControlling());
        assertFalse(message.iceControlled());
        assertEquals(-2, message.tieBreaker());
        assertTrue(message.useCandidate());
        assertTrue(message.hasNomination());
        assertEquals(7, message.nomination());
        assertTrue(message.verifies(KEY));
        assertTrue(message.hasFingerprint());
        assertEquals("serverUf", StunMessage.localUfrag(array, 0, writer.length()));
    }

    @Test
    void absentAttributesHaveNeutralValues() {
        request();
        StunMessage message = readOk();
        assertNull(message.username());
        assertEquals(0, message.priority());
        assertEquals(0, message.tieBreaker());
        assertEquals(0, message.nomination());
        assertFalse(message.hasNomination());
        assertEquals(0, message.errorCode());
        assertEquals(0, message.unknownAttributes().length);
        assertNull(message.xorMappedAddress());
        assertFalse(message.verifies(KEY));
        assertFalse(message.hasFingerprint());
        assertNull(StunMessage.localUfrag(array, 0, writer.length()));
    }

    @Test
    void errorResponseNamesCodeAndUnknownTypes() {
        request();
        StunMessage question = readOk();
        byte[] answer = new byte[200];
        StunWriter response = new StunWriter(answer).beginResponse(StunClass.ERROR, question)
                .errorCode(420, "Unknown Attribute").unknownAttributes(new int[] {0x7001, 0x7002, 0x7003})
                .integrity(KEY).fingerprint();
        StunMessage message = StunMessage.read(answer, 0, response.length());
        assertNotNull(message);
        assertEquals(StunClass.ERROR, message.stunClass());
        assertEquals(420, message.errorCode());
        assertArrayEquals(new int[] {0x7001, 0x7002, 0x7003}, message.unknownAttributes());
        byte[] id = new byte[12];
        message.copyTransactionId(id, 0);
        assertArrayEquals(TRANSACTION, id);
    }

    @Test
    void mappedAddressesOfBothFamiliesComeBack() {
        for (String host : new String[] {"203.0.113.77", "2001:db8::1:ffff"}) {
            InetSocketAddress address = new InetSocketAddress(host, 65_535);
            writer.begin(StunClass.SUCCESS, StunMessage.BINDING, TRANSACTION).xorMappedAddress(address);
            assertEquals(address, readOk().xorMappedAddress());
        }
    }

    @Test
    void typesAreEncodedAndDecodedForAllMethodsAndClasses() {
        for (int method = 0; method <= 0xFFF; method++) {
            for (StunClass stunClass : StunClass.values()) {
                int type = stunClass.typeWith(method);
                assertEquals(0, type & 0xC000);
                assertEquals(stunClass, StunClass.ofType(type));
                assertEquals(method, StunClass.methodOfType(type));
            }
        }
        assertEquals(0x0111, StunClass.ERROR.typeWith(StunMessage.BINDING));
    }

    @Test
    void unknownOptionalAttributesAreTolerated() {
        request().username(USERNAME).attribute(0xC057, new byte[] {1, 2, 3, 4}).attribute(0xC070, new byte[700])
                .priority(1).integrity(KEY).fingerprint();
        StunMessage message = readOk();
        assertFalse(message.hasUnknownRequired());
        assertTrue(message.verifies(KEY));
    }

    @Test
    void unknownRequiredAttributesAreListedUpToALimit() {
        request();
        for (int type = 0x7000; type < 0x7010; type++) {
            writer.attribute(type, new byte[1]);
        }
        StunMessage message = readOk();
        assertTrue(message.hasUnknownRequired());
        assertArrayEquals(new int[] {0x7000, 0x7001, 0x7002, 0x7003}, message.unknownRequired());
    }

    @Test
    void attributesAfterIntegrityAreIgnored() {
        request().username(USERNAME).integrity(KEY).useCandidate().priority(9).attribute(0x7000, new byte[3])
                .attribute(StunAttributeType.USERNAME, new byte[600]).fingerprint();
        StunMessage message = readOk();
        assertFalse(message.useCandidate());
        assertEquals(0, message.priority());
        assertFalse(message.hasUnknownRequired());
        assertEquals("serverUf:clientUf", message.username());
        assertTrue(message.verifies(KEY));
        assertTrue(message.hasFingerprint());
    }

    @Test
    void usernameAfterIntegrityNamesNobody() {
        request().integrity(KEY).username(USERNAME).fingerprint();
        assertNull(StunMessage.localUfrag(array, 0, writer.length()));
        assertNull(readOk().username());
    }

    @Test
    void theFirstOfTwoEqualAttributesCounts() {
        request().username(USERNAME).username("other:one".getBytes(US_ASCII)).priority(1).priority(2);
        StunMessage message = readOk();
        assertEquals("serverUf:clientUf", message.username());
        assertEquals(1, message.priority());
    }

    @Test
    void wrongLengthsMakeAMessageUnreadable() {
        int[][] wrong = {
            {StunAttributeType.PRIORITY, 3}, {StunAttributeType.PRIORITY, 8}, {StunAttributeType.USE_CANDIDATE, 1},
            {StunAttributeType.ICE_CONTROLLING, 4}, {StunAttributeType.ICE_CONTROLLED, 9},
            {StunAttributeType.MESSAGE_INTEGRITY, 16}, {StunAttributeType.FINGERPRINT, 8},
            {StunAttributeType.NOMINATION, 2}, {StunAttributeType.XOR_MAPPED_ADDRESS, 0},
            {StunAttributeType.XOR_MAPPED_ADDRESS, 8}, {StunAttributeType.XOR_MAPPED_ADDRESS, 24},
            {StunAttributeType.ERROR_CODE, 3}, {StunAttributeType.UNKNOWN_ATTRIBUTES, 3},
            {StunAttributeType.USERNAME, 514},
        };
        for (int[] typeAndLength : wrong) {
            request().attribute(typeAndLength[0], new byte[typeAndLength[1]]);
            assertNull(read(), () -> Arrays.toString(typeAndLength));
        }
    }

    @Test
    void nothingMayFollowFingerprint() {
        // Its CRC covers the header's length, so one that is right with something behind it takes some making.
        request().attribute(StunAttributeType.FINGERPRINT, new byte[4]).priority(1);
        Bytes.put32(array, 24, StunFingerprint.compute(array, 0, 20));
        assertNull(read());
        request().attribute(StunAttributeType.FINGERPRINT, new byte[4]);
        Bytes.put32(array, 24, StunFingerprint.compute(array, 0, 20));
        assertNotNull(read());
    }

    @Test
    void attributeCountAndLengthAreCapped() {
        request();
        for (int i = 0; i < StunMessage.MAX_ATTRIBUTES; i++) {
            writer.attribute(0xC100 + i, new byte[0]);
        }
        assertNotNull(read());
        writer.attribute(0xC200, new byte[0]);
        assertNull(read());

        request().attribute(0xC100, new byte[StunMessage.MAX_BYTES - 24]);
        assertNotNull(read());
        request().attribute(0xC100, new byte[StunMessage.MAX_BYTES - 20]);
        assertNull(read());
    }

    @Test
    void headersThatAreNotStunAreRefused() {
        request().priority(1);
        int length = writer.length();
        assertTrue(StunMessage.looksLikeStun(array, 0, length));
        assertTrue(StunMessage.looksLikeStun(array, 0, length + 9));
        assertNull(StunMessage.read(array, 0, length + 4));
        assertFalse(StunMessage.looksLikeStun(array, 0, length - 1));
        assertFalse(StunMessage.looksLikeStun(array, 0, 19));
        assertFalse(StunMessage.looksLikeStun(array, 0, 0));
        byte[] bytes = Arrays.copyOf(array, length);
        bytes[0] |= (byte) 0x80;
        assertFalse(StunMessage.looksLikeStun(bytes, 0, length));
        bytes[0] = 0;
        bytes[5] ^= 1;
        assertFalse(StunMessage.looksLikeStun(bytes, 0, length));
        bytes[5] ^= 1;
        bytes[3] = 6;
        assertFalse(StunMessage.looksLikeStun(bytes, 0, length));
    }

    @Test
    void localUfragWantsIceCharsAndAColon() {
        assertNull(ufragOf("nocolon"));
        assertNull(ufragOf(":remote"));
        assertNull(ufragOf("bad ufrag:remote"));
        assertNull(ufragOf("x".repeat(257) + ":r"));
        assertEquals("x".repeat(256), ufragOf("x".repeat(256) + ":r"));
        assertEquals("aZ09+/", ufragOf("aZ09+/:"));
        writer.begin(StunClass.INDICATION, StunMessage.BINDING, TRANSACTION).username(USERNAME);
        assertNull(StunMessage.localUfrag(array, 0, writer.length()));
    }

    private @Nullable String ufragOf(String username) {
        request().username(username.getBytes(US_ASCII));
        return StunMessage.localUfrag(array, 0, writer.length());
    }

    @Test
    void usernameIsComparedInBothParts() {
        request().username(USERNAME);
        StunMessage message = readOk();
        assertTrue(message.usernameIs("serverUf".getBytes(US_ASCII), "clientUf".getBytes(US_ASCII)));
        assertTrue(message.usernameIs("serverUf".getBytes(US_ASCII), null));
        assertFalse(message.usernameIs("serverUf".getBytes(US_ASCII), "clientU".getBytes(US_ASCII)));
        assertFalse(message.usernameIs("serverUf".getBytes(US_ASCII), "clientUfx".getBytes(US_ASCII)));
        assertFalse(message.usernameIs("serverU".getBytes(US_ASCII), null));
        assertFalse(message.usernameIs("serverUf:clientUf".getBytes(US_ASCII), null));
        request().username("serverUf:".getBytes(US_ASCII));
        assertFalse(readOk().usernameIs("serverUf".getBytes(US_ASCII), null));
    }

    @Test
    void whatDoesNotFitIsNotWritten() {
        byte[] small = new byte[40];
        Arrays.fill(small, (byte) 0x55);
        StunWriter tight = new StunWriter(small, 4, 32);
        tight.begin(StunClass.REQUEST, StunMessage.BINDING, TRANSACTION).priority(1).iceControlling(1);
        assertEquals(0, tight.length());
        assertEquals(0x55, small[36]);
        assertEquals(20, tight.begin(StunClass.REQUEST, StunMessage.BINDING, TRANSACTION).length());
        assertEquals(0, new StunWriter(small, 0, 19).begin(StunClass.REQUEST, 1, TRANSACTION).priority(1).length());
    }

    @Test
    void everyFlippedBitIsNoticed() {
        request().username(USERNAME).priority(5).iceControlling(3).useCandidate().integrity(KEY).fingerprint();
        int length = writer.length();
        for (int bit = 0; bit < length * 8; bit++) {
            array[bit / 8] ^= (byte) (1 << (bit % 8));
            StunMessage message = StunMessage.read(array, 0, length);
            // A changed type of FINGERPRINT makes it one of the ignored attributes behind MESSAGE-INTEGRITY.
            boolean inFingerprintType = bit / 8 == length - 8 || bit / 8 == length - 7;
            assertTrue(message == null || (inFingerprintType && !message.hasFingerprint()), "bit " + bit);
            array[bit / 8] ^= (byte) (1 << (bit % 8));
        }
    }

    @Test
    void mutatedAndRandomInputNeverThrowsAndNeverVerifies() {
        long seed = 5769;
        Random random = new Random(seed);
        int readable = 0;
        for (int round = 0; round < 200_000; round++) {
            byte[] input = mutated(random);
            StunMessage message = StunMessage.read(input, 3, input.length - 3);
            StunMessage.localUfrag(input, 3, input.length - 3);
            if (message != null) {
                readable++;
                assertFalse(message.verifies(KEY), "seed " + seed + " round " + round);
                touch(message);
            }
        }
        assertTrue(readable > 1000, "only " + readable + " inputs got past the header");
    }

    private static byte[] mutated(Random random) {
        byte[][] seeds = {Rfc5769Test.REQUEST, Rfc5769Test.IPV4_RESPONSE, Rfc5769Test.IPV6_RESPONSE};
        byte[] seed = seeds[random.nextInt(seeds.length)];
        // Without FINGERPRINT, so that changes get past the checksum.
        int length = random.nextInt(3) == 0 ? 4 * random.nextInt(40) : seed.length - 8;
        byte[] input = new byte[3 + Math.max(length, 4)];
        if (random.nextBoolean()) {
            random.nextBytes(input);
        }
        System.arraycopy(seed, 0, input, 3, Math.min(length, Math.min(seed.length, input.length - 3)));
        for (int i = random.nextInt(6); i > 0; i--) {
            input[3 + random.nextInt(input.length - 3)] = (byte) random.nextInt();
        }
        if (input.length >= 23 && random.nextInt(8) != 0) {
            input[3] = (byte) (random.nextInt(4) == 0 ? 1 : 0);
            Bytes.put16(input, 5, input.length - 23);
            Bytes.put32(input, 7, StunMessage.MAGIC_COOKIE);
        }
        return input;
    }

    private static void touch(StunMessage message) {
        message.stunClass();
        message.username();
        message.usernameIs("evtj".getBytes(US_ASCII), "h6vY".getBytes(US_ASCII));
        message.priority();
        message.tieBreaker();
        message.nomination();
        message.errorCode();
        message.unknownAttributes();
        message.unknownRequired();
        message.xorMappedAddress();
    }
}
