package dev.sfu.core.srtp;

import java.util.Arrays;

/**
 * Master keys and salts of one connection, one pair per direction.
 *
 * <p>The arrays are secrets: they are not copied, so that the owner may erase them once sender and receiver exist.
 *
 * @param profile decides the lengths
 * @param localKey master key for packets this side sends
 * @param localSalt master salt for packets this side sends
 * @param remoteKey master key for packets the peer sends
 * @param remoteSalt master salt for packets the peer sends
 */
@SuppressWarnings("ArrayRecordComponent")
public record SrtpKeys(
        SrtpProfile profile, byte[] localKey, byte[] localSalt, byte[] remoteKey, byte[] remoteSalt) {
    /** The DTLS exporter label (RFC 5764 section 4.2); the exporter context is absent. */
    public static final String EXPORTER_LABEL = "EXTRACTOR-dtls_srtp";

    /**
     * Checks lengths.
     *
     * @throws IllegalArgumentException if a key or salt does not have the profile's length
     */
    public SrtpKeys {
        requireLength("localKey", localKey, profile.keyBytes());
        requireLength("localSalt", localSalt, profile.saltBytes());
        requireLength("remoteKey", remoteKey, profile.keyBytes());
        requireLength("remoteSalt", remoteSalt, profile.saltBytes());
    }

    /** Bytes to ask the DTLS exporter for. */
    public static int exporterBytes(SrtpProfile profile) {
        return 2 * (profile.keyBytes() + profile.saltBytes());
    }

    /**
     * Splits exported keying material: client key, server key, client salt, server salt (RFC 5764 section 4.2).
     *
     * @param material {@link #exporterBytes} bytes; copied
     * @param isDtlsClient whether this side was the DTLS client
     * @throws IllegalArgumentException if {@code material} has another length
     */
    public static SrtpKeys fromExporter(SrtpProfile profile, byte[] material, boolean isDtlsClient) {
        requireLength("material", material, exporterBytes(profile));
        int key = profile.keyBytes();
        int salt = profile.saltBytes();
        byte[] clientKey = Arrays.copyOfRange(material, 0, key);
        byte[] serverKey = Arrays.copyOfRange(material, key, 2 * key);
        byte[] clientSalt = Arrays.copyOfRange(material, 2 * key, 2 * key + salt);
        byte[] serverSalt = Arrays.copyOfRange(material, 2 * key + salt, 2 * (key + salt));
        return isDtlsClient
                ? new SrtpKeys(profile, clientKey, clientSalt, serverKey, serverSalt)
                : new SrtpKeys(profile, serverKey, serverSalt, clientKey, clientSalt);
    }

    /** Names the profile only. */
    @Override
    public String toString() {
        return "SrtpKeys[profile=" + profile + ", redacted]";
    }

    private static void requireLength(String name, byte[] bytes, int expected) {
        if (bytes.length != expected) {
            throw new IllegalArgumentException(name + ": " + bytes.length + " bytes (expected: " + expected + ")");
        }
    }
}
