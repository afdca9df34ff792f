@NullMarked
package dev.sfu.bench.trace;

import org.jspecify.annotations.NullMarked;
