/** Tests of buffer. */
@NullMarked
package dev.sfu.core.buffer;

import org.jspecify.annotations.NullMarked;
