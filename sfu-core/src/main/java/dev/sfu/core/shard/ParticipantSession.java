package dev.sfu.core.shard;

import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.ParticipantHandle;
import dev.sfu.core.api.RoomInfo;
import dev.sfu.core.api.SlotWish;
import dev.sfu.core.api.TrackDeclaration;
import dev.sfu.core.routing.Participant;
import dev.sfu.core.sdp.IceCandidate;
import dev.sfu.core.sdp.SdpException;
import dev.sfu.core.sdp.SdpReader;
import dev.sfu.core.sdp.SdpSession;
import dev.sfu.core.sdp.SdpWriter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A participant as other threads hold it: every call becomes a message to the shard. */
final class ParticipantSession implements ParticipantHandle {
    private final Shard shard;
    private final ShardConnection connection;
    private final Participant participant;
    private final String participantId;
    private final String connectionId;
    private final RoomInfo room;

    ParticipantSession(Shard shard, ShardConnection connection, Participant participant, RoomInfo room) {
        this.shard = shard;
        this.connection = connection;
        this.participant = participant;
        this.participantId = participant.id();
        this.connectionId = connection.connection().id();
        this.room = room;
    }

    @Override
    public String participantId() {
        return participantId;
    }

    @Override
    public String connectionId() {
        return connectionId;
    }

    @Override
    public RoomInfo room() {
        return room;
    }

    @Override
    public CompletionStage<String> offer(String sdp, List<TrackDeclaration> tracks) {
        SdpSession offer;
        try {
            offer = SdpReader.read(sdp);
        } catch (SdpException e) {
            return CompletableFuture.failedFuture(new EngineException(ErrorCode.BAD_SDP, "sdp: " + e.getMessage()));
        }
        List<TrackDeclaration> declarations = List.copyOf(tracks);
        return shard.submit(() -> {
            requireOpen();
            SdpSession answer = connection.connection().acceptOffer(offer, shard.now());
            participant.onNegotiated(declarations, shard.now());
            shard.touch(connection);
            return SdpWriter.write(answer);
        });
    }

    @Override
    public CompletionStage<@Nullable Void> addIceCandidate(
            @Nullable String candidate, @Nullable String mid, @Nullable String usernameFragment) {
        // A lite agent learns its peer from connectivity checks (RFC 8445 section 2.5): the text is checked and let go.
        if (candidate != null && !candidate.isEmpty()) {
            try {
                IceCandidate.parse(candidate);
            } catch (SdpException e) {
                return CompletableFuture.failedFuture(
                        new EngineException(ErrorCode.BAD_REQUEST, "candidate: " + e.getMessage()));
            }
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<@Nullable Void> setMuted(String mid, boolean muted) {
        return shard.<@Nullable Void>submit(() -> {
            requireOpen();
            if (!participant.setMuted(mid, muted, shard.now())) {
                throw new EngineException(ErrorCode.NOT_FOUND, "mid: " + mid + " (expected: that of a published track)");
            }
            return null;
        });
    }

    @Override
    public CompletionStage<@Nullable Void> setSlotWishes(List<SlotWish> wishes) {
        List<SlotWish> copy = List.copyOf(wishes);
        return shard.<@Nullable Void>submit(() -> {
            requireOpen();
            participant.setSlotWishes(copy, shard.now());
            shard.touch(connection);
            return null;
        });
    }

    @Override
    public CompletionStage<@Nullable Void> setPage(@Nullable List<String> participantIds) {
        List<String> copy = participantIds == null ? null : List.copyOf(participantIds);
        return shard.<@Nullable Void>submit(() -> {
            requireOpen();
            participant.setPage(copy, shard.now());
            shard.touch(connection);
            return null;
        });
    }

    @Override
    public CompletionStage<@Nullable Void> sendChat(String text) {
        if (text.isBlank() || text.length() > MAX_CHAT_CHARACTERS) {
            return CompletableFuture.failedFuture(new EngineException(
                    ErrorCode.BAD_REQUEST,
                    "text: " + text.length() + " characters (expected: 1 to " + MAX_CHAT_CHARACTERS + ")"));
        }
        return shard.<@Nullable Void>submit(() -> {
            requireOpen();
            long epochMillis = shard.epochMillis();
            participant.room().chat(participant, text, epochMillis);
            return null;
        });
    }

    @Override
    public CompletionStage<@Nullable Void> leave(String reason) {
        return shard.<@Nullable Void>submit(() -> {
            shard.end(connection, ErrorCode.LEFT, reason);
            return null;
        });
    }

    private void requireOpen() {
        if (connection.connection().connectionState() == ConnectionState.CLOSED) {
            throw new EngineException(ErrorCode.INVALID_STATE, "participant: has left (expected: in the room)");
        }
    }
}
