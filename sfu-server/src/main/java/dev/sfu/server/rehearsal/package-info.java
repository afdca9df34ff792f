/**
 * What the JVM learns from before the server is put to work: a publisher and viewers that join a server in its own
 * process, so that the cache of classes and profiles (JEP 483, 514, 515) holds what first joins need.
 *
 * <p>Start at {@link dev.sfu.server.rehearsal.Rehearsal}. Runs only while such a cache is made. Out of scope: measuring,
 * testing, everything a peer does beyond receiving its first packets.
 *
 * <p>Thread: the one that starts it; blocks.
 */
@NullMarked
package dev.sfu.server.rehearsal;

import org.jspecify.annotations.NullMarked;
