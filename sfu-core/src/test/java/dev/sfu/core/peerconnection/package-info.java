/** Tests of one peer's connection, in virtual time. */
@NullMarked
package dev.sfu.core.peerconnection;

import org.jspecify.annotations.NullMarked;
