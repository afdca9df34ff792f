package dev.sfu.signaling;

import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.JoinRequest;
import java.net.InetAddress;

/** Room and display names as clients give them: trimmed, without control characters. */
final class Names {
    private Names() {}

    /** Fails with {@link ErrorCode#BAD_REQUEST}. */
    static JoinRequest joinRequest(String room, String name, JoinRequest.Role role, String clientAddress) {
        return new JoinRequest(checked("room", room), checked("name", name), role, isLoopback(clientAddress));
    }

    private static boolean isLoopback(String clientAddress) {
        try {
            return InetAddress.ofLiteral(clientAddress).isLoopbackAddress();
        } catch (IllegalArgumentException e) {
            // A proxy may forward a name or nothing of use for the address.
            return false;
        }
    }

    private static String checked(String what, String value) {
        // Also format characters: a right-to-left override in a name would garble the lists it is shown in.
        boolean bad = value.codePoints().anyMatch(c -> Character.isISOControl(c)
                || (Character.getType(c) == Character.FORMAT && c != 0x200D)
                || Character.getType(c) == Character.SURROGATE);
        if (bad) {
            throw new EngineException(ErrorCode.BAD_REQUEST, what + ": control characters (expected: none)");
        }
        return value.strip();
    }
}
