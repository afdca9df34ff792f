/** Tests of time. */
@NullMarked
package dev.sfu.core.time;

import org.jspecify.annotations.NullMarked;
