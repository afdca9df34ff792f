package dev.sfu.core.sdp;

/** Text from a peer that is not the SDP or candidate line it claims to be; the message says what was expected. */
public final class SdpException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int CLIP = 60;

    SdpException(String message) {
        super(message);
    }

    /** An error about one value: {@code value (expected: expected)}, the value clipped and made printable. */
    static SdpException of(String value, String expected) {
        return new SdpException(clip(value) + " (expected: " + expected + ")");
    }

    /** The same error with its place in the text, counted from 1. */
    SdpException atLine(int line) {
        SdpException placed = new SdpException("line " + line + ": " + getMessage());
        placed.setStackTrace(getStackTrace());
        return placed;
    }

    /** What a peer sent, short enough for a log line and with nothing in it that could break one. */
    static String clip(String value) {
        int length = Math.min(value.length(), CLIP);
        StringBuilder shown = new StringBuilder(length + 5).append('"');
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            shown.append(c >= 0x20 && c < 0x7f ? c : '?');
        }
        if (length < value.length()) {
            shown.append("...");
        }
        return shown.append('"').toString();
    }
}
