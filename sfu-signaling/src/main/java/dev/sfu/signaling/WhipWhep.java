package dev.sfu.signaling;

import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.MediaEngine;
import dev.sfu.core.api.ParticipantHandle;
import dev.sfu.core.api.RoomEvent;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.CorsHandler;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep): publish to and watch a room with one HTTP request.
 *
 * <p>Both protocols are the same here but for what the participant is for. Candidates may trickle; ICE restarts are
 * refused with 422, as RFC 9725 asks of a server that does the one but not the other. Confined to the signaling loop.
 */
final class WhipWhep {
    private static final String SDP = "application/sdp";
    private static final String FRAGMENT = "application/trickle-ice-sdpfrag";
    private static final int ID_BYTES = 24;
    private static final int RETRY_SECONDS = 10;

    /** A publisher or viewer that came by HTTP. */
    private record Session(ParticipantHandle participant, String etag, @Nullable String usernameFragment) {}

    private final MediaEngine engine;
    private final EngineLoop loop;
    private final JoinLimiter joins;
    private final Problems problems;
    private final BooleanSupplier accepting;
    private final LongSupplier nanoClock;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Session> sessions = new HashMap<>();

    /** Takes no new sessions while {@code accepting} is false. */
    WhipWhep(
            MediaEngine engine,
            EngineLoop loop,
            JoinLimiter joins,
            MessageCodec codec,
            BooleanSupplier accepting,
            LongSupplier nanoClock) {
        this.engine = engine;
        this.loop = loop;
        this.joins = joins;
        this.problems = new Problems(codec);
        this.accepting = accepting;
        this.nanoClock = nanoClock;
    }

    /** Adds {@code /whip/{room}}, {@code /whep/{room}} and their session resources. */
    void mount(Router router, int bodyBytes) {
        mount(router, "/whip/:room", JoinRequest.Role.PUBLISHER, bodyBytes);
        mount(router, "/whep/:room", JoinRequest.Role.VIEWER, bodyBytes);
    }

    private void mount(Router router, String path, JoinRequest.Role role, int bodyBytes) {
        CorsHandler cors = CorsHandler.create()
                .addOrigin("*")
                .allowedMethods(Set.of(HttpMethod.POST, HttpMethod.PATCH, HttpMethod.DELETE, HttpMethod.OPTIONS))
                .allowedHeaders(Set.of("Content-Type", "If-Match", "Authorization"))
                .exposedHeaders(Set.of("Location", "ETag", "Accept-Post", "Accept-Patch", "Retry-After"))
                .maxAgeSeconds(600);
        BodyHandler body = BodyHandler.create(false).setBodyLimit(bodyBytes);
        String session = path + "/:session";
        router.options(path).handler(ctx -> {
            ctx.response().putHeader("Accept-Post", SDP);
            ctx.next();
        });
        router.options(session).handler(ctx -> {
            ctx.response().putHeader("Accept-Patch", FRAGMENT);
            ctx.next();
        });
        for (String each : List.of(path, session)) {
            router.route(each).handler(cors);
            router.route(each).failureHandler(problems::onFailure);
        }
        router.post(path).handler(body).handler(ctx -> onPost(ctx, role));
        router.patch(session).handler(body).handler(this::onPatch);
        router.delete(session).handler(this::onDelete);
        router.options(path).handler(ctx -> end(ctx.response().putHeader("Allow", "POST, OPTIONS"), 204));
        router.options(session).handler(ctx -> end(ctx.response().putHeader("Allow", "PATCH, DELETE, OPTIONS"), 204));
        router.route(path).handler(ctx -> notAllowed(ctx, "POST, OPTIONS"));
        router.route(session).handler(ctx -> notAllowed(ctx, "PATCH, DELETE, OPTIONS"));
    }

    /** How many sessions there are. */
    int size() {
        return sessions.size();
    }

    private void onPost(RoutingContext ctx, JoinRequest.Role role) {
        String accept = ctx.request().getHeader("Accept");
        if (!isType(ctx.request().getHeader("Content-Type"), SDP)) {
            ctx.response().putHeader("Accept-Post", SDP);
            problems.send(ctx, 415, ErrorCode.BAD_REQUEST, "Content-Type (expected: " + SDP + ")");
            return;
        }
        if (accept != null && !accept.contains(SDP) && !accept.contains("application/*") && !accept.contains("*/*")) {
            problems.send(ctx, 406, ErrorCode.BAD_REQUEST, "Accept (expected: " + SDP + ")");
            return;
        }
        String offer = ctx.body().asString("UTF-8");
        if (offer == null || offer.isBlank()) {
            problems.send(ctx, 400, ErrorCode.BAD_SDP, "the body is empty (expected: an SDP offer)");
            return;
        }
        if (!accepting.getAsBoolean()) {
            ctx.response().putHeader("Retry-After", Integer.toString(RETRY_SECONDS));
            problems.send(ctx, 503, ErrorCode.LIMIT_REACHED, "the server takes no more sessions");
            return;
        }
        if (!joins.tryJoin(ctx.request().remoteAddress().hostAddress(), nanoClock.getAsLong())) {
            ctx.response().putHeader("Retry-After", Integer.toString(RETRY_SECONDS));
            problems.send(ctx, 429, ErrorCode.LIMIT_REACHED, "too many joins from your address");
            return;
        }
        join(ctx, role, offer);
    }

    private void join(RoutingContext ctx, JoinRequest.Role role, String offer) {
        String id = randomToken();
        String name = Objects.requireNonNullElse(
                ctx.request().getParam("name"), role == JoinRequest.Role.PUBLISHER ? "Publisher" : "Viewer");
        loop.call(() -> engine.join(
                        Names.joinRequest(
                                String.valueOf(ctx.pathParam("room")),
                                name,
                                role,
                                ctx.request().remoteAddress().hostAddress()),
                        loop.listener(event -> onEvent(id, event))))
                .onFailure(failure -> problems.send(ctx, failure))
                .onSuccess(participant -> {
                    String etag = "\"" + randomToken() + "\"";
                    // Known from now on: the engine may end the participant before its answer is out.
                    sessions.put(id, new Session(participant, etag, IceFragment.usernameFragmentOf(offer)));
                    loop.call(() -> participant.offer(offer, List.of()))
                            .onFailure(failure -> {
                                end(id, "offer refused");
                                problems.send(ctx, failure);
                            })
                            .onSuccess(answer -> created(ctx, id, etag, answer));
                });
    }

    private void created(RoutingContext ctx, String id, String etag, String answer) {
        HttpServerResponse response = ctx.response();
        if (response.closed() || !sessions.containsKey(id)) {
            end(id, "client gone");
            if (!response.closed()) {
                problems.send(ctx, 503, ErrorCode.CONNECTION_FAILED, "the session has ended already");
            }
            return;
        }
        String path = String.valueOf(ctx.request().path());
        var unused = response.setStatusCode(201)
                .putHeader("Location", (path.endsWith("/") ? path : path + "/") + id)
                .putHeader("ETag", etag)
                .putHeader("Accept-Patch", FRAGMENT)
                .putHeader("Content-Type", SDP)
                .putHeader("Cache-Control", "no-store")
                .end(answer);
    }

    private void onPatch(RoutingContext ctx) {
        Session session = sessions.get(ctx.pathParam("session"));
        if (session == null) {
            problems.send(ctx, 404, ErrorCode.NOT_FOUND, "no such session");
            return;
        }
        if (!isType(ctx.request().getHeader("Content-Type"), FRAGMENT)) {
            ctx.response().putHeader("Accept-Patch", FRAGMENT);
            problems.send(ctx, 415, ErrorCode.BAD_REQUEST, "Content-Type (expected: " + FRAGMENT + ")");
            return;
        }
        String match = ctx.request().getHeader("If-Match");
        if (match != null && !match.equals("*") && !match.equals(session.etag())) {
            problems.send(ctx, 412, ErrorCode.INVALID_STATE, "If-Match does not name this ICE session");
            return;
        }
        try {
            String body = ctx.body().asString("UTF-8");
            trickle(ctx, session, IceFragment.parse(body == null ? "" : body));
        } catch (EngineException refusal) {
            problems.send(ctx, refusal);
        }
    }

    private void trickle(RoutingContext ctx, Session session, IceFragment fragment) {
        String usernameFragment = fragment.usernameFragment();
        if (usernameFragment != null && !usernameFragment.equals(session.usernameFragment())) {
            problems.send(ctx, 422, ErrorCode.UNSUPPORTED, "ICE restarts are not supported; make a new session");
            return;
        }
        List<Future<?>> adding = new ArrayList<>();
        for (IceFragment.Candidate c : fragment.candidates()) {
            adding.add(loop.call(
                    () -> session.participant().addIceCandidate(c.candidate(), c.mid(), usernameFragment)));
        }
        Future.all(adding)
                .compose(all -> fragment.endOfCandidates()
                        ? loop.call(() -> session.participant().addIceCandidate(null, null, usernameFragment))
                        : Future.succeededFuture())
                .onComplete(added -> end(ctx.response(), 204), failure -> problems.send(ctx, failure));
    }

    private void onDelete(RoutingContext ctx) {
        Session session = sessions.remove(ctx.pathParam("session"));
        if (session == null) {
            problems.send(ctx, 404, ErrorCode.NOT_FOUND, "no such session");
            return;
        }
        leave(session.participant(), "left")
                .onComplete(left -> end(ctx.response(), 200), failure -> problems.send(ctx, failure));
    }

    private void notAllowed(RoutingContext ctx, String allowed) {
        ctx.response().putHeader("Allow", allowed);
        problems.send(ctx, 405, ErrorCode.BAD_REQUEST, "method (expected: " + allowed + ")");
    }

    private void onEvent(String id, RoomEvent event) {
        if (event instanceof RoomEvent.Ended) {
            sessions.remove(id);
        }
    }

    private void end(String id, String reason) {
        Session session = sessions.remove(id);
        if (session != null) {
            leave(session.participant(), reason).onFailure(EngineLoop::refusal);
        }
    }

    private Future<Void> leave(ParticipantHandle participant, String reason) {
        return loop.call(() -> participant.leave(reason)).mapEmpty();
    }

    private String randomToken() {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static void end(HttpServerResponse response, int status) {
        if (!response.ended()) {
            var unused = response.setStatusCode(status).end();
        }
    }

    private static boolean isType(@Nullable String header, String type) {
        return header != null && header.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals(type);
    }
}
