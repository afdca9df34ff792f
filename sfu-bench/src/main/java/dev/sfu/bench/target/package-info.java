/**
 * Servers that can be put under load, behind one small interface: {@link dev.sfu.bench.target.Target}. Blocking calls, made
 * from virtual threads.
 */
@NullMarked
package dev.sfu.bench.target;

import org.jspecify.annotations.NullMarked;
