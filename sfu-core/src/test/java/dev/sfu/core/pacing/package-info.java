/** Tests of the pacer, in virtual time. */
@NullMarked
package dev.sfu.core.pacing;

import org.jspecify.annotations.NullMarked;
