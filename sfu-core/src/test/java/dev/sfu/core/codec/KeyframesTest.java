package dev.sfu.core.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.buffer.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class KeyframesTest {
    private static boolean starts(Codec codec, String hex) {
        byte[] bytes = Bytes.hex(hex);
        return Keyframes.startsKeyframe(codec, bytes, 0, bytes.length);
    }

    @ParameterizedTest
    @CsvSource({
        "VP8, true, 10 50 7A 00 9D 01 2A", "VP8, true, 90 80 8001 50 7A", "VP8, true, 90 F0 8001 05 20 50",
        "VP8, false, 10 51", "VP8, false, 00 50", "VP8, false, 11 50", "VP8, false, 10", "VP8, false, 90",
        "VP8, false, 90 80", "VP8, false, 90 F0 8001 05 20", "VP8, false, 90 F0 80",
        "VP9, true, 08 82", "VP9, true, 88 9234 82", "VP9, true, A8 12 00 05 82", "VP9, true, 0A 18 0001 0002 00 82",
        "VP9, false, 48 82", "VP9, false, 00 82", "VP9, false, A8 12 02 05 82", "VP9, false, 88", "VP9, false, 88 92",
        "VP9, false, A8 12", "VP9, false, 08",
    })
    void findsKeyframesOfVp8AndVp9(Codec codec, boolean expected, String payload) {
        assertEquals(expected, starts(codec, payload));
    }

    @ParameterizedTest
    @CsvSource({
        "true, 67 42E01F", "true, 65 88 84", "false, 65 08 84", "false, 65", "false, 41 9A", "false, 68 CE",
        "false, 06 05", "false, 67",
        "true, 78 0004 6742E01F 0002 68CE", "true, 78 0002 68CE 0003 65B800", "false, 78 0002 68CE 0002 0605",
        "false, 78", "false, 78 00", "false, 78 0004 6742E0", "false, 78 0000 0000", "true, 78 0000 0002 6742",
        "true, 7C 85 88", "true, 7C 87 42", "false, 7C 05 88", "false, 7C 45 88", "false, 7C 81 9A", "false, 7C",
        "false, 7C 85", "false, 7C 85 08",
    })
    void findsKeyframesOfH264(boolean expected, String payload) {
        assertEquals(expected, starts(Codec.H264, payload));
    }

    @ParameterizedTest
    @CsvSource({
        // W=1, N: one element, a sequence header.
        "true, 18 0A 0B 00",
        // W=2, N: sequence header with its length, then a frame to the end.
        "true, 28 03 0A0B00 32 00",
        // W=0, N: every element with its length; a temporal delimiter first.
        "true, 08 01 10 03 0A0B00",
        // LEB128 in two bytes.
        "true, 28 8300 0A0B00 32 00",
        // Y: the last element goes on in the next packet.
        "true, 58 0A 0B",
        "false, 10 0A 0B 00", "false, 98 0A 0B 00", "false, 18 32 00", "false, 28 03 320000 32",
        "false, 18", "false, 08",
        "false, 08 05 0A0B", "false, 08 80808080808080808000", "false, 08 FFFFFFFFFFFFFF7F 0A", "false, 08 80",
        "false, 08 00 00 00",
    })
    void findsKeyframesOfAv1(boolean expected, String payload) {
        assertEquals(expected, starts(Codec.AV1, payload));
    }

    @Test
    void everyAudioPacketIsAStartAndRtxNeverIs() {
        assertTrue(starts(Codec.OPUS, "78"));
        assertTrue(starts(Codec.RED, "6F 78"));
        assertTrue(starts(Codec.PCMU, "FF"));
        assertFalse(starts(Codec.RTX, "0001 10 00"));
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyPayloadStartsNothing(Codec codec) {
        assertFalse(starts(codec, ""));
    }

    @Test
    void neverThrowsNorLooksOutsideTheRange() {
        byte[][] samples = {
            Bytes.hex("90 F0 8001 05 20 50"), Bytes.hex("A8 12 00 05 82"), Bytes.hex("78 0002 68CE 0003 65B800"),
            Bytes.hex("7C 85 88"), Bytes.hex("08 01 10 03 0A0B00"), Bytes.hex("28 8300 0A0B00 32 00"),
        };
        HostileInput.check(0x5EED_0013L, 40_000, samples, (array, offset, length) -> {
            List<Boolean> starts = new ArrayList<>();
            for (Codec codec : Codec.values()) {
                starts.add(Keyframes.startsKeyframe(codec, array, offset, length));
            }
            return starts;
        });
    }
}
