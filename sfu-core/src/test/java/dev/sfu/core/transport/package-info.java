/** Tests of sockets, over the loopback interface. */
@NullMarked
package dev.sfu.core.transport;

import org.jspecify.annotations.NullMarked;
