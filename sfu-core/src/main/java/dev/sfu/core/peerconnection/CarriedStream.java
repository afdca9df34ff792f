package dev.sfu.core.peerconnection;

import org.jspecify.annotations.Nullable;

/**
 * A stream as it stands when carrying it begins, so that the other side can choose among a track's streams at once.
 *
 * @param number {@link IncomingStream#number}
 * @param ssrc its SSRC
 * @param rid its restriction identifier, or null
 * @param payloadType of its latest packet
 * @param clockTimestamp a point of its timestamp line, unwrapped RTP time
 * @param clockNanos the server's time at that point
 * @param clockReported whether a sender report fixed the line
 * @param lastPacketNanos when its latest packet came
 * @param bitrateBps its bitrate
 */
public record CarriedStream(
        int number,
        int ssrc,
        @Nullable String rid,
        PayloadType payloadType,
        long clockTimestamp,
        long clockNanos,
        boolean clockReported,
        long lastPacketNanos,
        long bitrateBps) {}
