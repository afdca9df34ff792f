/** Tests. */
@NullMarked
package dev.sfu.bench.load;

import org.jspecify.annotations.NullMarked;
