/**
 * JMH benchmarks of single steps of the packet path and of connecting; {@code bench.args=micro} runs them. Two more are in the
 * packages of what they measure, which nobody else sees: {@code DemuxBenchmark} and {@code RewriteBenchmark}.
 */
@NullMarked
package dev.sfu.bench.micro;

import org.jspecify.annotations.NullMarked;
