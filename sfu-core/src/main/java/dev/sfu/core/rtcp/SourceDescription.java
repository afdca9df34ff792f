package dev.sfu.core.rtcp;

import java.util.List;

/**
 * Source description (RFC 3550 section 6.5). Of the items only CNAME is kept: the others are text for people.
 *
 * @param chunks at most 31
 */
public record SourceDescription(List<Chunk> chunks) implements RtcpPacket {
    static final int ITEM_CNAME = 1;

    /**
     * One source.
     *
     * @param ssrc the source
     * @param cname its canonical name, at most 255 bytes of UTF-8; empty if the chunk has none
     */
    public record Chunk(int ssrc, String cname) {}

    /** Copies the list. */
    public SourceDescription {
        chunks = List.copyOf(chunks);
    }

    /** The description of a single source. */
    public static SourceDescription of(int ssrc, String cname) {
        return new SourceDescription(List.of(new Chunk(ssrc, cname)));
    }
}
