package dev.sfu.admin;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where the admin interface listens and who may use it.
 *
 * @param host the address to bind to
 * @param port the TCP port, 0 to 65535; 0 picks a free one
 * @param token what callers send as {@code Authorization: Bearer}; null means none, which only loopback allows
 */
public record AdminConfig(String host, int port, @Nullable String token) {
    /** Loopback, port 8081, no token. */
    public static final AdminConfig DEFAULT = new AdminConfig("127.0.0.1", 8081, null);

    /** Refuses, with {@link IllegalArgumentException}, a bad port, a blank token and an open interface without a token. */
    public AdminConfig {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("admin.port: " + port + " (expected: 0 to 65535)");
        }
        if (token != null && token.isBlank()) {
            throw new IllegalArgumentException("admin.token: blank (expected: a secret)");
        }
        if (token == null && !isLoopback(host)) {
            throw new IllegalArgumentException(
                    "admin.token: not set (expected: a secret, because admin.host " + host + " is not loopback)");
        }
    }

    /** Names other than {@code localhost} count as remote: what they resolve to may change. */
    static boolean isLoopback(String host) {
        if (host.equalsIgnoreCase("localhost")) {
            return true;
        }
        try {
            return InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException notAnAddress) {
            return false;
        }
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "AdminConfig[host=" + host + ", port=" + port + ", token=" + (token == null ? "none" : "set") + "]";
    }
}
