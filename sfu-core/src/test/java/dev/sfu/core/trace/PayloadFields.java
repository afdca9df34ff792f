package dev.sfu.core.trace;

import dev.sfu.core.codec.Codec;
import java.util.Arrays;

/**
 * Where the numbers are in a VP8 (RFC 7741 section 4.2) or VP9 (RFC 9628 section 4.2) payload descriptor, and what it says. A
 * position of -1 is a field that is not there.
 */
final class PayloadFields {
    int pictureIdAt = -1;
    boolean wide;
    int tl0At = -1;
    int layersAt = -1;
    boolean hasTid;
    int temporal;
    int spatial;
    boolean upSwitch;
    int keyIdx = -1;
    boolean start;
    boolean end;
    boolean interPicture = true;
    boolean interLayer;
    boolean flexible;
    int[] differences = {};
    /** Behind what was read. */
    int bytes;

    /** Reads what there is; of codecs other than these two there is nothing. */
    static PayloadFields of(Codec codec, byte[] payload) {
        PayloadFields fields = new PayloadFields();
        if (codec == Codec.VP8) {
            fields.readVp8(payload);
        } else if (codec == Codec.VP9) {
            fields.readVp9(payload);
        }
        return fields;
    }

    private void readVp8(byte[] payload) {
        int at = 1;
        start = (payload[0] & 0x17) == 0x10;
        int extended = payload[0] < 0 ? payload[at++] & 0xFF : 0;
        if ((extended & 0x80) != 0) {
            at = pictureId(payload, at);
        }
        if ((extended & 0x40) != 0) {
            tl0At = at++;
        }
        if ((extended & 0x30) != 0) {
            layersAt = at++;
            hasTid = (extended & 0x20) != 0;
            temporal = hasTid ? (payload[layersAt] & 0xFF) >> 6 : 0;
            upSwitch = hasTid && (payload[layersAt] & 0x20) != 0;
            keyIdx = (extended & 0x10) != 0 ? payload[layersAt] & 0x1F : -1;
        }
        interPicture = !start || (payload[at] & 1) != 0;
        bytes = at;
    }

    private void readVp9(byte[] payload) {
        int flags = payload[0];
        int at = 1;
        interPicture = (flags & 0x40) != 0;
        flexible = (flags & 0x10) != 0;
        start = (flags & 0x08) != 0;
        end = (flags & 0x04) != 0;
        if ((flags & 0x80) != 0) {
            at = pictureId(payload, at);
        }
        if ((flags & 0x20) != 0) {
            layersAt = at++;
            hasTid = true;
            temporal = (payload[layersAt] & 0xFF) >> 5;
            upSwitch = (payload[layersAt] & 0x10) != 0;
            spatial = (payload[layersAt] >> 1) & 7;
            interLayer = (payload[layersAt] & 1) != 0;
            if (!flexible) {
                tl0At = at++;
            }
        }
        if (flexible && interPicture) {
            int[] read = new int[3];
            int count = 0;
            boolean more;
            do {
                read[count++] = (payload[at] & 0xFF) >> 1;
                more = (payload[at++] & 1) != 0;
            } while (more);
            differences = Arrays.copyOf(read, count);
        }
        bytes = at;
    }

    private int pictureId(byte[] payload, int at) {
        pictureIdAt = at;
        wide = payload[at] < 0;
        return at + (wide ? 2 : 1);
    }

    int pictureId(byte[] payload) {
        return wide
                ? ((payload[pictureIdAt] & 0x7F) << 8) | (payload[pictureIdAt + 1] & 0xFF)
                : payload[pictureIdAt] & 0x7F;
    }

    int pictureIdMask() {
        return wide ? 0x7FFF : 0x7F;
    }

    void putPictureId(byte[] payload, int id) {
        if (wide) {
            payload[pictureIdAt] = (byte) (0x80 | ((id >> 8) & 0x7F));
            payload[pictureIdAt + 1] = (byte) id;
        } else {
            payload[pictureIdAt] = (byte) (id & 0x7F);
        }
    }

    int tl0(byte[] payload) {
        return payload[tl0At] & 0xFF;
    }
}
