package dev.sfu.core.api;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One participant's side of the engine, made by {@link MediaEngine#join}. Thread-safe. */
public interface ParticipantHandle {
    /** Unique in the engine. */
    String participantId();

    /** Names the participant's peer connection in {@link MediaEngine#stats}. */
    String connectionId();

    /** The room as it was when the participant joined, without the participant itself. */
    RoomInfo room();

    /**
     * Applies the browser's SDP offer and gives the answer. Called for the first negotiation, for new tracks or more
     * slots, and for an ICE restart. The offer is parsed on the calling thread.
     *
     * <p>Fails with {@link EngineException}: {@link ErrorCode#BAD_SDP} when the text cannot be read,
     * {@link ErrorCode#UNSUPPORTED} when it asks for what the server does not do.
     *
     * @param sdp the offer
     * @param tracks what the sending m-sections carry; a sending section not listed here is taken as microphone or
     *     camera by its kind
     */
    CompletionStage<String> offer(String sdp, List<TrackDeclaration> tracks);

    /**
     * Adds a candidate of the browser.
     *
     * @param candidate the {@code candidate:} attribute value; empty or null means end of candidates
     * @param mid the m-section it belongs to, when known
     * @param usernameFragment the ICE generation it belongs to, when known
     */
    CompletionStage<@Nullable Void> addIceCandidate(
            @Nullable String candidate, @Nullable String mid, @Nullable String usernameFragment);

    /** Says that a published track (by its mid) is muted or live again; others are told. */
    CompletionStage<@Nullable Void> setMuted(String mid, boolean muted);

    /**
     * Says what is wanted in the participant's video slots: replaces what was said before of each slot named; the others stay
     * as they are.
     *
     * <p>Fails with {@link ErrorCode#NOT_FOUND} when one names no video slot; then nothing is changed.
     */
    CompletionStage<@Nullable Void> setSlotWishes(List<SlotWish> wishes);

    /**
     * Says whose video is to be shown, the most important first: the page of a gallery, or the one who is spotlighted. Screens
     * that are shared are shown before them, unless the page is empty. Slots are assigned anew without renegotiation; who stays on
     * the page stays in his slot. Audio is heard whoever is shown. Ids of who is not in the room are remembered
     * for when he comes.
     *
     * @param participantIds empty to show nobody, null to show as many as there are slots
     */
    CompletionStage<@Nullable Void> setPage(@Nullable List<String> participantIds);

    /** Most characters of a chat message. */
    int MAX_CHAT_CHARACTERS = 4000;

    /** Sends a chat message of 1 to {@link #MAX_CHAT_CHARACTERS} characters to everybody in the room, the sender included. */
    CompletionStage<@Nullable Void> sendChat(String text);

    /** Ends the participant; idempotent. The listener gets {@link RoomEvent.Ended}. */
    CompletionStage<@Nullable Void> leave(String reason);
}
