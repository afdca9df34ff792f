/** Tests of congestion control, in virtual time. */
@NullMarked
package dev.sfu.core.bwe;

import org.jspecify.annotations.NullMarked;
