/**
 * A simulated network and simulated browsers around the real engine, in virtual time: no sockets, no threads, no clock.
 * It shows what bandwidth estimation, layer selection and repair are worth, and turns a fault seen in the field into a
 * test.
 *
 * <p>Start at {@link dev.sfu.core.simulation.SimulatedRoom}: a real {@code Room} whose {@code PeerConnection}s send
 * into {@link dev.sfu.core.simulation.SimulatedLink}s and are woken by {@link dev.sfu.core.simulation.VirtualTime}. At
 * the other end are {@link dev.sfu.core.simulation.SyntheticBrowser}s, which encode, repair, decode and measure like
 * libwebrtc as far as that matters to a server. A {@link dev.sfu.core.simulation.BandwidthScenario} puts a room, its
 * networks and a schedule together and ends in {@link dev.sfu.core.simulation.ViewerResult}s; {@link
 * dev.sfu.core.simulation.BandwidthScenarios} has those that count.
 *
 * <p>The same seed gives the same run to the nanosecond. Only the DTLS handshake takes real time and threads; it goes
 * past the links and takes no virtual time.
 *
 * <p>Left out: pacing in browsers, audio RED, spatial layers in one stream, video other than VP8.
 */
@NullMarked
package dev.sfu.core.simulation;

import org.jspecify.annotations.NullMarked;
