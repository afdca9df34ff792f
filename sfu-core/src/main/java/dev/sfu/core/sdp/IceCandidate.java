package dev.sfu.core.sdp;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One transport address a peer can be reached at: the {@code candidate} attribute of RFC 8839 §5.1, with the TCP
 * types of RFC 6544 §4.5.
 *
 * @param foundation equal for candidates of the same base, type and server; up to 32 characters
 * @param component 1 for RTP (and everything under rtcp-mux), 2 for RTCP; up to 256
 * @param protocol {@code udp} or {@code tcp}, lower case
 * @param priority 1..2^31-1, higher is better
 * @param address an IP literal or a host name (browsers hide theirs behind mDNS {@code .local} names); never resolved
 *     here
 * @param port 0..65535; an active TCP candidate has the discard port 9
 * @param type what kind of address it is
 * @param tcpType who opens the connection; null for UDP
 * @param relatedAddress the base (srflx, prflx) or mapped address (relay), when told
 * @param relatedPort the related address's port, when told
 * @param usernameFragment the ICE generation the candidate belongs to, when told
 */
public record IceCandidate(
        String foundation,
        int component,
        String protocol,
        long priority,
        String address,
        int port,
        IceCandidateType type,
        @Nullable TcpCandidateType tcpType,
        @Nullable String relatedAddress,
        @Nullable Integer relatedPort,
        @Nullable String usernameFragment) {
    /** No candidate of a real peer comes near this. */
    static final int LENGTH_LIMIT = 1024;

    private static final int TOKEN_LIMIT = 64;
    private static final long PRIORITY_LIMIT = 0x7fff_ffffL;

    /**
     * Reads a candidate: {@code candidate:...} as browsers trickle it, the bare value, or the whole {@code a=} line.
     * Extension pairs it does not know (generation, network-id, network-cost) are accepted and dropped.
     *
     * @throws SdpException when it is malformed, over its limits, or of a transport other than UDP and TCP
     */
    public static IceCandidate parse(String text) throws SdpException {
        if (text.length() > LENGTH_LIMIT) {
            throw SdpException.of(text, "candidate of at most " + LENGTH_LIMIT + " characters");
        }
        String value = text.startsWith("a=") ? text.substring(2) : text;
        value = value.startsWith("candidate:") ? value.substring("candidate:".length()) : value;
        List<String> tokens = Syntax.split(value.stripTrailing(), ' ', TOKEN_LIMIT, "words in a candidate");
        if (tokens.size() < 8 || tokens.size() % 2 != 0 || !tokens.get(6).equals("typ")) {
            throw SdpException.of(text, "candidate:<foundation> <component> <transport> <priority> <address> <port> "
                    + "typ <type> and pairs");
        }
        String foundation = tokens.get(0);
        if (!Syntax.isIceText(foundation, 1, 32)) {
            throw SdpException.of(foundation, "foundation of 1..32 ICE characters");
        }
        String protocol = tokens.get(2).toLowerCase(Locale.ROOT);
        if (!protocol.equals("udp") && !protocol.equals("tcp")) {
            throw SdpException.of(tokens.get(2), "transport udp or tcp");
        }
        Extensions extensions = Extensions.read(tokens);
        return new IceCandidate(
                foundation,
                Syntax.integer(tokens.get(1), 1, 256, "component"),
                protocol,
                Syntax.number(tokens.get(3), 1, PRIORITY_LIMIT, "priority"),
                Syntax.address(tokens.get(4)),
                Syntax.integer(tokens.get(5), 0, 65535, "port"),
                IceCandidateType.parse(tokens.get(7)),
                extensions.tcpType(protocol),
                extensions.relatedAddress,
                extensions.relatedPort,
                extensions.usernameFragment);
    }

    /** The candidate as W3C's {@code candidate} member and SDP (behind {@code a=}) have it: {@code candidate:...}. */
    public String format() {
        StringBuilder out = new StringBuilder(96);
        out.append("candidate:").append(foundation).append(' ').append(component).append(' ').append(protocol)
                .append(' ').append(priority).append(' ').append(address).append(' ').append(port)
                .append(" typ ").append(type.text());
        if (relatedAddress != null) {
            out.append(" raddr ").append(relatedAddress);
        }
        if (relatedPort != null) {
            out.append(" rport ").append(relatedPort);
        }
        if (tcpType != null) {
            out.append(" tcptype ").append(tcpType.text());
        }
        if (usernameFragment != null) {
            out.append(" ufrag ").append(usernameFragment);
        }
        return out.toString();
    }

    /** Whether the address is an IPv4 or IPv6 literal; otherwise it is a name somebody has to resolve. */
    public boolean hasIpAddress() {
        return Syntax.isIpLiteral(address);
    }

    /** The name and value pairs behind the type. */
    private static final class Extensions {
        @Nullable TcpCandidateType tcpType;
        @Nullable String relatedAddress;
        @Nullable Integer relatedPort;
        @Nullable String usernameFragment;

        static Extensions read(List<String> tokens) throws SdpException {
            Extensions found = new Extensions();
            Set<String> seen = new HashSet<>();
            for (int i = 8; i < tokens.size(); i += 2) {
                String name = Syntax.word(tokens.get(i), 32, "name of an extension");
                if (!seen.add(name)) {
                    throw SdpException.of(name, "each extension once");
                }
                found.set(name, Syntax.word(tokens.get(i + 1), 256, "value of " + name));
            }
            return found;
        }

        private void set(String name, String value) throws SdpException {
            switch (name) {
                case "raddr" -> relatedAddress = Syntax.address(value);
                case "rport" -> relatedPort = Syntax.integer(value, 0, 65535, "rport");
                case "tcptype" -> tcpType = TcpCandidateType.parse(value);
                case "ufrag" -> {
                    if (!Syntax.isIceText(value, 1, 256)) {
                        throw SdpException.of(value, "ufrag of ICE characters");
                    }
                    usernameFragment = value;
                }
                default -> {
                    // RFC 8839 §5.1: an extension that is not understood is ignored.
                }
            }
        }

        /** Endpoints older than RFC 6544 leave the type out and listen. */
        @Nullable TcpCandidateType tcpType(String protocol) {
            if (protocol.equals("udp")) {
                return null;
            }
            return tcpType == null ? TcpCandidateType.PASSIVE : tcpType;
        }
    }
}
