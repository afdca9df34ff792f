/**
 * Real Chromium against the whole server: what users of the demo page and of the WHIP and WHEP pages get.
 *
 * <p>Start at {@link dev.sfu.server.browser.Chromium}. Tests wait for conditions with deadlines that a loaded machine
 * meets, and print how long it really took. They are skipped, and say so, where there is no Chromium.
 *
 * <p>Thread: the test's; Playwright objects belong to the thread that made them.
 */
@NullMarked
package dev.sfu.server.browser;

import org.jspecify.annotations.NullMarked;
