/**
 * The launcher: configuration to objects, start, stop.
 *
 * <p>Start at {@link dev.sfu.server.Main}. {@link dev.sfu.server.ConfigKeys} is the one table behind the YAML file, the
 * environment, the flags, {@code --help} and the table in the README. No logic of the product lives here.
 *
 * <p>Thread: the main thread starts, the JVM's shutdown hook stops.
 */
@NullMarked
package dev.sfu.server;

import org.jspecify.annotations.NullMarked;
