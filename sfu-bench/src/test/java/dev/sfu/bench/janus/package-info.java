@NullMarked
package dev.sfu.bench.janus;

import org.jspecify.annotations.NullMarked;
