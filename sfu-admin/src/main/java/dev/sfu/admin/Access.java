package dev.sfu.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.security.MessageDigest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Who may ask: holders of the token (RFC 6750), or without a token programs that address loopback by its name. */
final class Access {
    private static final String SCHEME = "bearer ";

    private final byte @Nullable [] token;

    Access(AdminConfig config) {
        this.token = config.token() == null ? null : config.token().getBytes(UTF_8);
    }

    /** Headers for every answer; without a token also the check against DNS rebinding. */
    void harden(RoutingContext ctx) {
        ctx.response()
                .putHeader("Content-Security-Policy",
                        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                                + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        // A web page whose name its owner points at 127.0.0.1 would otherwise read this through the user's browser.
        HostAndPort authority = ctx.request().authority();
        if (token == null && (authority == null || !AdminConfig.isLoopback(unbracketed(authority.host())))) {
            Answers.error(ctx, 403, "forbidden",
                    "Host: " + (authority == null ? "none" : authority.host()) + " (expected: localhost or a loopback address)");
            return;
        }
        ctx.next();
    }

    void authorize(RoutingContext ctx) {
        byte[] expected = token;
        if (expected == null || matches(expected, ctx.request().getHeader(HttpHeaders.AUTHORIZATION))) {
            ctx.next();
            return;
        }
        ctx.response().putHeader("WWW-Authenticate", "Bearer realm=\"sfu\"");
        Answers.error(ctx, 401, "unauthorized", "Authorization: missing or wrong (expected: Bearer and the admin.token)");
    }

    private static boolean matches(byte[] expected, @Nullable String header) {
        return header != null
                && header.toLowerCase(Locale.ROOT).startsWith(SCHEME)
                && MessageDigest.isEqual(expected, header.substring(SCHEME.length()).trim().getBytes(UTF_8));
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }
}
