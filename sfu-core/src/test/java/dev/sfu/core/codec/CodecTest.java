package dev.sfu.core.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.buffer.Bytes;
import org.junit.jupiter.api.Test;

class CodecTest {
    @Test
    void namesAreComparedWithoutCase() {
        for (Codec codec : Codec.values()) {
            assertSame(codec, Codec.of(codec.kind(), codec.encodingName()));
        }
        assertSame(Codec.OPUS, Codec.of(MediaKind.AUDIO, "OPUS"));
        assertSame(Codec.H264, Codec.of(MediaKind.VIDEO, "h264"));
        assertSame(Codec.RTX, Codec.of(MediaKind.VIDEO, "RTX"));
    }

    @Test
    void aNameOfTheOtherKindIsAnotherFormat() {
        assertNull(Codec.of(MediaKind.VIDEO, "red"), "RFC 2198 around ULPFEC is not supported");
        assertNull(Codec.of(MediaKind.AUDIO, "VP8"));
        assertNull(Codec.of(MediaKind.VIDEO, "H265"));
    }

    @Test
    void opusIsAlwaysWrittenWithTwoChannels() {
        assertEquals(2, Codec.OPUS.channels());
        assertEquals(48_000, Codec.OPUS.clockRateHz());
        assertEquals(90_000, Codec.AV1.clockRateHz());
        assertTrue(Codec.RTX.isRepair());
        assertFalse(Codec.RED.isRepair());
        assertFalse(Codec.VP8.isRepair());
    }
}
