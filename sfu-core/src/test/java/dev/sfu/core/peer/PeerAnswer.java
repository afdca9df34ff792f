package dev.sfu.core.peer;

import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.sdp.Fingerprint;
import dev.sfu.core.sdp.IceCandidate;
import dev.sfu.core.sdp.MediaSection;
import dev.sfu.core.sdp.SdpException;
import dev.sfu.core.sdp.SdpReader;
import dev.sfu.core.sdp.SdpSession;
import dev.sfu.core.sdp.Setup;
import dev.sfu.core.sdp.TransportAttributes;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a synthetic peer needs of an answer.
 *
 * @param session all of it
 * @param credentials the server's ICE credentials
 * @param fingerprints of the server's certificate
 * @param setup the server's DTLS role
 * @param udp where to send on UDP
 * @param tcp where to connect to, or null
 */
public record PeerAnswer(
        SdpSession session,
        IceCredentials credentials,
        List<Fingerprint> fingerprints,
        @Nullable Setup setup,
        InetSocketAddress udp,
        @Nullable InetSocketAddress tcp) {

    static PeerAnswer read(String sdp) {
        try {
            SdpSession session = SdpReader.read(sdp);
            MediaSection bundled = session.media().stream()
                    .filter(section -> !section.isRejected())
                    .findFirst()
                    .orElseThrow();
            TransportAttributes transport = session.transportOf(bundled);
            return new PeerAnswer(
                    session,
                    new IceCredentials(
                            Objects.requireNonNull(transport.iceUfrag()), Objects.requireNonNull(transport.icePwd())),
                    transport.fingerprints(),
                    transport.setup(),
                    Objects.requireNonNull(address(bundled, "udp")),
                    address(bundled, "tcp"));
        } catch (SdpException | UnknownHostException e) {
            throw new AssertionError("the answer cannot be read:\n" + sdp, e);
        }
    }

    private static @Nullable InetSocketAddress address(MediaSection section, String transport)
            throws UnknownHostException {
        for (IceCandidate candidate : section.candidates()) {
            InetAddress address = InetAddress.getByName(candidate.address());
            if (candidate.protocol().equalsIgnoreCase(transport) && address.isLoopbackAddress()
                    && address.getAddress().length == 4) {
                return new InetSocketAddress(address, candidate.port());
            }
        }
        return null;
    }
}
