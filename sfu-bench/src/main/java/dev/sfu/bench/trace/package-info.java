/**
 * What synthetic publishers send: recorded browser traffic or made-up patterns, as {@link dev.sfu.bench.trace.Trace}.
 * Immutable values.
 */
@NullMarked
package dev.sfu.bench.trace;

import org.jspecify.annotations.NullMarked;
