/** Tests of routing, in virtual time. */
@NullMarked
package dev.sfu.core.routing;

import org.jspecify.annotations.NullMarked;
