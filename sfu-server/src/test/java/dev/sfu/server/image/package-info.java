/**
 * The container image that {@code deploy/Dockerfile} makes: built with the command that the README gives, then run.
 *
 * <p>Start at {@link dev.sfu.server.image.ImageTest}. It needs a Docker daemon and is skipped, and says so, where there is none.
 *
 * <p>Thread: the test's.
 */
@NullMarked
package dev.sfu.server.image;

import org.jspecify.annotations.NullMarked;
