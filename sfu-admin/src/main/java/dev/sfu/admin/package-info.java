/**
 * What operators see: health, Prometheus metrics, rooms, connections and their W3C webrtc-stats over HTTP, and a small
 * page that shows them live.
 *
 * <p>Start at {@link dev.sfu.admin.AdminServer}. Everything is read from {@link dev.sfu.core.api.MediaEngine}; nothing
 * here changes the engine. Standards: webrtc-stats for members and units, RFC 6750 for the bearer token, the WHATWG
 * event stream format, Prometheus text format 0.0.4. TLS is out of scope: put a proxy in front.
 *
 * <p>Thread: the Vert.x event loop of the server. Engine answers are brought back to it.
 */
@NullMarked
package dev.sfu.admin;

import org.jspecify.annotations.NullMarked;
