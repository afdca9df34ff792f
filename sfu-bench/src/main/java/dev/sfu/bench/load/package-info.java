/**
 * Synthetic WebRTC peers by the thousand on one thread: they handshake for real, look at the headers of what arrives,
 * decrypt samples of it, and report and ask like browsers do.
 */
@NullMarked
package dev.sfu.bench.load;

import org.jspecify.annotations.NullMarked;
