/** Tests of repair and reception bookkeeping, in virtual time. */
@NullMarked
package dev.sfu.core.repair;

import org.jspecify.annotations.NullMarked;
