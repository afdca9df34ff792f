/**
 * A simulated network in virtual time: no sockets, no threads, no clock.
 *
 * <p>Start at {@link dev.sfu.core.simulation.SimulatedLink}, one direction of a path, which
 * {@link dev.sfu.core.simulation.VirtualTime} drives. The same seed gives the same run to the nanosecond.
 */
@NullMarked
package dev.sfu.core.simulation;

import org.jspecify.annotations.NullMarked;
