/** Tests of RTCP on the wire. */
@NullMarked
package dev.sfu.core.rtcp;

import org.jspecify.annotations.NullMarked;
