@NullMarked
package dev.sfu.bench.target;

import org.jspecify.annotations.NullMarked;
