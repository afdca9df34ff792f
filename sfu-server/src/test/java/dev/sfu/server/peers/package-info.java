/**
 * The server against peers that others wrote: Firefox, libwebrtc and aiortc.
 *
 * <p>Start at {@link dev.sfu.server.peers.FirefoxTest}. A {@link dev.sfu.server.peers.BrowserPage} runs JavaScript in a
 * page of the server, whichever browser it is; {@link dev.sfu.server.peers.FirefoxBrowser} speaks WebDriver BiDi to
 * Firefox without anything in between. Tests of libwebrtc run in a JVM of their own, because a native abort ends it.
 *
 * <p>Out of scope: the demo page, and whatever Chromium alone can show.
 */
@NullMarked
package dev.sfu.server.peers;

import org.jspecify.annotations.NullMarked;
