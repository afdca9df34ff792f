package dev.sfu.server.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.sfu.core.Needs;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/** A WHIP or WHEP session of a page whose media may go through a relay: the answer's candidates are replaced. */
final class RelayedSession {
    private static final String FUNCTIONS =
            """
            const offer = async (resource, camera) => {
              const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
              (window.connections ??= {})[resource] = pc;
              if (camera) {
                const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: camera });
                for (const track of stream.getTracks()) pc.addTransceiver(track, { direction: 'sendonly' });
              } else {
                pc.ontrack = ({ track }) => {
                  const element = document.createElement('video');
                  element.autoplay = true;
                  element.srcObject = new MediaStream([track]);
                  document.body.append(element);
                };
                pc.addTransceiver('audio', { direction: 'recvonly' });
                pc.addTransceiver('video', { direction: 'recvonly' });
              }
              await pc.setLocalDescription();
              const response = await fetch(resource, {
                method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: pc.localDescription.sdp });
              return response.text();
            };
            const video = async resource => {
              let found = {};
              (await connections[resource].getStats()).forEach(s => {
                if (s.type === 'inbound-rtp' && s.kind === 'video') found = s;
              });
              return found;
            };
            """;

    private static final Pattern IPV4_CANDIDATE =
            Pattern.compile("a=candidate:\\S+ 1 udp \\d+ (\\d+\\.\\d+\\.\\d+\\.\\d+) (\\d+) typ host");

    private final BrowserPage page;
    private final String resource;
    private final String answer;

    private RelayedSession(BrowserPage page, String resource, String answer) {
        this.page = page;
        this.resource = resource;
        this.answer = answer;
    }

    /**
     * Offers, and keeps the answer.
     *
     * @param resource path of the WHIP or WHEP resource
     * @param camera constraints, JavaScript; null to receive
     */
    static RelayedSession offer(BrowserPage page, String resource, String camera) throws IOException {
        String answer = page.run(FUNCTIONS + "return offer('" + resource + "', " + camera + ")").asText();
        return new RelayedSession(page, resource, answer);
    }

    /** The server's answer. */
    String answer() {
        return answer;
    }

    /**
     * The first of the server's UDP candidates that is neither IPv6 nor loopback, which Firefox sends nothing to. Skips the test where
     * there is none.
     */
    InetSocketAddress server() {
        Optional<InetSocketAddress> candidate = IPV4_CANDIDATE
                .matcher(answer)
                .results()
                .map(m -> new InetSocketAddress(m.group(1), Integer.parseInt(m.group(2))))
                .filter(address -> !address.getAddress().isLoopbackAddress())
                .findFirst();
        Needs.that(candidate.isPresent(), "an IPv4 address other than loopback");
        return candidate.orElseThrow();
    }

    /** Takes the answer with that address as its only candidate. */
    void connect(InetSocketAddress relay) throws IOException {
        String candidate = "a=candidate:1 1 udp 2130706431 " + relay.getAddress().getHostAddress() + " "
                + relay.getPort() + " typ host\r\n";
        String relayed = answer.replaceAll("a=candidate:[^\r]*\r\n", "")
                .replaceAll("a=end-of-candidates\r\n", "")
                .replaceFirst("a=ice-pwd:", candidate + "a=ice-pwd:");
        page.run("await connections['" + resource + "'].setRemoteDescription({ type: 'answer', sdp: "
                + TextNode.valueOf(relayed) + " })");
    }

    /** The inbound-rtp stats of the received video; empty before there are any. */
    JsonNode receivedVideo() throws IOException {
        return page.run(FUNCTIONS + "return video('" + resource + "')");
    }

    void close() throws IOException {
        page.run("connections['" + resource + "'].close()");
    }
}
