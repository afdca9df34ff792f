package dev.sfu.core.rtp;

import org.jspecify.annotations.Nullable;

/**
 * The identifiers negotiated for header extensions in one m-section, or in one bundle, where they must agree
 * (RFC 8285 section 5, RFC 9143 section 7.1.4).
 */
public final class HeaderExtensionMap {
    /** Identifier of an extension that was not negotiated. */
    public static final int ABSENT = 0;

    private static final int MAX_ID = 255;

    /** Ordinal plus one by identifier; 0 for none. */
    private final byte[] extensionById = new byte[MAX_ID + 1];
    private final int[] idByExtension = new int[HeaderExtension.count()];

    /**
     * Adds a negotiated pair. The same pair may be added again, as each m-section of a bundle repeats it.
     *
     * @return false, and no change, if {@code id} is not 1 to 255 or 15, which the one-byte form reserves, or if the
     *         identifier or the extension is already paired with another
     */
    public boolean add(HeaderExtension extension, int id) {
        if (id < 1 || id > MAX_ID || id == 15) {
            return false;
        }
        int knownId = idByExtension[extension.ordinal()];
        int knownExtension = extensionById[id];
        if (knownId == id) {
            return true;
        }
        if (knownId != ABSENT || knownExtension != 0) {
            return false;
        }
        idByExtension[extension.ordinal()] = id;
        extensionById[id] = (byte) (extension.ordinal() + 1);
        return true;
    }

    /** The identifier of an extension, 1 to 255, or {@link #ABSENT}. */
    public int id(HeaderExtension extension) {
        return idByExtension[extension.ordinal()];
    }

    /** Whether the extension was negotiated. */
    public boolean contains(HeaderExtension extension) {
        return idByExtension[extension.ordinal()] != ABSENT;
    }

    /** The extension with an identifier, or null if none was negotiated with it. */
    public @Nullable HeaderExtension extension(int id) {
        int known = id >= 1 && id <= MAX_ID ? extensionById[id] : 0;
        return known == 0 ? null : HeaderExtension.ofOrdinal(known - 1);
    }

    /** Index of the data of an extension in a parsed packet, or -1 if it is not negotiated or not there. */
    public int offsetIn(RtpPacket packet, HeaderExtension extension) {
        int id = idByExtension[extension.ordinal()];
        return id == ABSENT ? -1 : packet.extensionOffset(id);
    }

    /** Length of the data of an extension in a parsed packet, or -1 if it is not negotiated or not there. */
    public int bytesIn(RtpPacket packet, HeaderExtension extension) {
        int id = idByExtension[extension.ordinal()];
        return id == ABSENT ? -1 : packet.extensionBytes(id);
    }
}
