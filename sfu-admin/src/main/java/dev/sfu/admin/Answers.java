package dev.sfu.admin;

import dev.sfu.core.api.ConnectionInfo;
import dev.sfu.core.api.ParticipantInfo;
import dev.sfu.core.api.RoomInfo;
import dev.sfu.core.api.TrackInfo;
import dev.sfu.core.stats.StatsReport;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** Values as JSON. Enum constants are their lower-case names, which for connection states are the W3C ones. */
final class Answers {
    private Answers() {}

    static void json(RoutingContext ctx, int status, JsonObject body) {
        send(ctx, status, body.toBuffer());
    }

    static void json(RoutingContext ctx, int status, JsonArray body) {
        send(ctx, status, body.toBuffer());
    }

    static void error(RoutingContext ctx, int status, String code, String message) {
        json(ctx, status, new JsonObject().put("error", new JsonObject().put("code", code).put("message", message)));
    }

    /** The {@code :id} of the route. */
    static String connectionId(RoutingContext ctx) {
        return Objects.requireNonNull(ctx.pathParam("id"));
    }

    static void unknownConnection(RoutingContext ctx, String id) {
        error(ctx, 404, "not_found", "connection: " + id + " (expected: the id of a present connection)");
    }

    static JsonObject connection(ConnectionInfo info) {
        return new JsonObject()
                .put("id", info.id())
                .put("room", info.room())
                .put("participantId", info.participantId())
                .put("participantName", info.participantName())
                .put("role", name(info.role()))
                .put("state", name(info.state()))
                .put("createdEpochMillis", info.createdEpochMillis());
    }

    static JsonObject room(RoomInfo info) {
        return new JsonObject()
                .put("name", info.name())
                .put("participants", new JsonArray(info.participants().stream().map(Answers::participant).toList()))
                .put("viewers", info.viewers());
    }

    /** An object whose keys are stats ids, as {@code JSON.stringify} makes of a report's entries. */
    static JsonObject report(StatsReport report) {
        JsonObject json = new JsonObject();
        for (Map<String, Object> stats : report.stats()) {
            json.put(String.valueOf(stats.get("id")), stats);
        }
        return json;
    }

    private static JsonObject participant(ParticipantInfo info) {
        return new JsonObject()
                .put("id", info.id())
                .put("name", info.name())
                .put("tracks", new JsonArray(info.tracks().stream().map(Answers::track).toList()));
    }

    private static JsonObject track(TrackInfo info) {
        return new JsonObject()
                .put("id", info.id())
                .put("kind", name(info.kind()))
                .put("source", name(info.source()))
                .put("muted", info.muted());
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static void send(RoutingContext ctx, int status, Buffer body) {
        if (ctx.response().ended() || ctx.response().closed()) {
            return;
        }
        ctx.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(body);
    }
}
