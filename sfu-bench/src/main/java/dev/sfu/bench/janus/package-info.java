/**
 * Janus' VideoRoom as a server under load: {@link dev.sfu.bench.janus.JanusTarget}.
 *
 * <p>What is said to it follows its documentation: the configuration files that Debian's package installs as examples
 * under {@code /etc/janus}, and its HTTP interface (<a href="https://janus.conf.meetecho.com/docs/rest.html">general</a>,
 * <a href="https://janus.conf.meetecho.com/docs/videoroom.html">VideoRoom</a>). All of a run's peers are handles of one
 * session, whose events one long poll brings. Blocking calls, from virtual threads.
 *
 * <p>What a peer has to know: Janus 1.1.2 checks back and waits for the answer even when it is told to be a lite agent; it
 * gathers no loopback address; it answers an offer as DTLS client, and where an answer makes it the server it picks
 * AES-256-GCM before AES-128-GCM from what the client names.
 */
@NullMarked
package dev.sfu.bench.janus;

import org.jspecify.annotations.NullMarked;
