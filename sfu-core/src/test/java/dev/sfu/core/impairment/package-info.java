/**
 * A bad network between a real peer and the server, for tests.
 *
 * <p>Start at {@link dev.sfu.core.impairment.ImpairmentProxy}, which stands between the two on UDP. What happens to a
 * packet is decided by {@link dev.sfu.core.impairment.ImpairedLink}, from a seed and without a clock, so that it can be
 * used in virtual time as well. A viewer whose network differs from others' gets a proxy of its own, and candidates
 * that name the proxy's address instead of the server's.
 *
 * <p>Thread: the proxy has one of its own; links are confined to whoever uses them.
 */
@NullMarked
package dev.sfu.core.impairment;

import org.jspecify.annotations.NullMarked;
