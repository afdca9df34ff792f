package dev.sfu.bench.load;

import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.sdp.Fingerprint;
import dev.sfu.core.sdp.IceCandidate;
import dev.sfu.core.sdp.MediaSection;
import dev.sfu.core.sdp.SdpException;
import dev.sfu.core.sdp.SdpReader;
import dev.sfu.core.sdp.SdpSession;
import dev.sfu.core.sdp.Setup;
import dev.sfu.core.sdp.TransportAttributes;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a peer needs of the server's description.
 *
 * @param session all of it
 * @param credentials the server's ICE credentials
 * @param fingerprints of the server's certificate
 * @param setup the server's DTLS role
 * @param host where to send, as a number
 * @param port where to send
 */
record RemoteSide(
        SdpSession session,
        IceCredentials credentials,
        List<Fingerprint> fingerprints,
        @Nullable Setup setup,
        int host,
        int port) {
    static RemoteSide read(String sdp) {
        try {
            SdpSession session = SdpReader.read(sdp);
            MediaSection bundled = session.media().stream()
                    .filter(section -> !section.isRejected())
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("description: all sections are refused"));
            TransportAttributes transport = session.transportOf(bundled);
            String ufrag = transport.iceUfrag();
            String password = transport.icePwd();
            IceCandidate candidate = best(bundled);
            if (ufrag == null || password == null || candidate == null) {
                throw new IllegalArgumentException(
                        "description: without ICE credentials or IPv4 UDP candidate (expected: both)");
            }
            return new RemoteSide(
                    session,
                    new IceCredentials(ufrag, password),
                    transport.fingerprints(),
                    transport.setup(),
                    Bytes.i32(InetAddress.ofLiteral(candidate.address()).getAddress(), 0),
                    candidate.port());
        } catch (SdpException e) {
            throw new IllegalArgumentException("description: " + e.getMessage(), e);
        }
    }

    /** On loopback if there is a choice. */
    private static @Nullable IceCandidate best(MediaSection section) {
        IceCandidate best = null;
        for (IceCandidate candidate : section.candidates()) {
            if (!candidate.protocol().equalsIgnoreCase("udp") || !candidate.hasIpAddress()) {
                continue;
            }
            InetAddress address = InetAddress.ofLiteral(candidate.address());
            if (address instanceof Inet4Address && (best == null || address.isLoopbackAddress())) {
                best = candidate;
            }
        }
        return best;
    }
}
