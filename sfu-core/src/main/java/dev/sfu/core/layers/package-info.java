/**
 * Which packets of a published track a subscriber gets, and the numbers they get.
 *
 * <p>Start at {@link dev.sfu.core.layers.LayerSelector}: target and packet in, decision out. It covers simulcast (several
 * streams of which one plays) and scalable streams (several layers in one), by the dependency descriptor where there is one and
 * by the payload descriptors of VP8 (RFC 7741) and VP9 (RFC 9628) where not. {@link dev.sfu.core.layers.NumberMap} closes the gaps
 * that left-out packets and pictures make in a sequence of numbers. What there is to choose from, and what it costs, {@link
 * dev.sfu.core.layers.LayerMeter} finds out, once for all subscribers of a track.
 *
 * <p>Pure logic; which of the choices a subscriber should get is decided elsewhere. Layer 2. Thread: the owner's.
 */
@NullMarked
package dev.sfu.core.layers;

import org.jspecify.annotations.NullMarked;
