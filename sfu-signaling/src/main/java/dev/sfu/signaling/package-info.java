/**
 * Signaling: how browsers and WHIP/WHEP clients reach the {@link dev.sfu.core.api.MediaEngine}, and the demo page.
 *
 * <p>Start at {@link dev.sfu.signaling.SignalingServer}. A browser opens a WebSocket and gets a
 * {@code WebSocketSession}; its messages are {@code ClientMessage}s, what it is told are {@code ServerMessage}s, and
 * {@code docs/protocol.md} describes both. WHIP (RFC 9725) and WHEP clients use {@code WhipWhep}. Pages and the browser
 * client are resources under {@code web/}.
 *
 * <p>Out of scope: media, SDP contents, rooms (the engine's), authentication of participants.
 *
 * <p>Thread: everything here is confined to one Vert.x event loop; what the engine says on its own threads is handed to
 * that loop by {@code EngineLoop} first.
 */
@NullMarked
package dev.sfu.signaling;

import org.jspecify.annotations.NullMarked;
