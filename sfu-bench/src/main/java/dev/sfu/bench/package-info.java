/**
 * The bench: runs a scenario against a server under load and reports what a forwarded packet costs.
 *
 * <p>Start at {@link dev.sfu.bench.Bench}; {@code docs/performance.md} says how to run it and what is measured. The servers are behind
 * {@link dev.sfu.bench.target.Target}, what the synthetic peers publish is a
 * {@link dev.sfu.bench.trace.Trace}. Out of scope: correctness, which the tests of the server look after.
 */
@NullMarked
package dev.sfu.bench;

import org.jspecify.annotations.NullMarked;
