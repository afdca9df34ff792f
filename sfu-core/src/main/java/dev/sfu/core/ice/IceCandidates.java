package dev.sfu.core.ice;

import dev.sfu.core.sdp.IceCandidate;
import dev.sfu.core.sdp.IceCandidateType;
import dev.sfu.core.sdp.TcpCandidateType;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Host candidates of the addresses that a server advertises, the only ones a lite agent has (RFC 8445 section 5.2).
 * They are for one component: RTP and RTCP share a port.
 */
public final class IceCandidates {
    private static final int COMPONENT = 1;

    /** RFC 8445 section 5.1.2.2. */
    private static final int HOST_TYPE_PREFERENCE = 126;

    /**
     * Below every UDP path but a relayed one (RFC 6544 section 4.2 leaves it open), and what libwebrtc uses: media over
     * TCP is for where UDP does not get through.
     */
    private static final int TCP_HOST_TYPE_PREFERENCE = 90;

    /** RFC 6544 section 4.2, passive host candidates, above a 13-bit preference. */
    private static final int PASSIVE_DIRECTION_PREFERENCE = 4;

    private static final int MAX_LOCAL_PREFERENCE = 0xFFFF;
    private static final int MAX_OTHER_PREFERENCE = 0x1FFF;

    /** Most addresses of one transport, far below what the preferences can tell apart. */
    private static final int MAX_ADDRESSES = 64;

    /**
     * An address to be reached at.
     *
     * @param transport a socket for UDP, a listening one for TCP
     * @param address resolved, with the port as seen from outside
     */
    public record Advertised(Transport transport, InetSocketAddress address) {
        /**
         * Checks the address.
         *
         * @throws IllegalArgumentException if it is not resolved, a wildcard or without port
         */
        public Advertised {
            if (address.isUnresolved() || address.getAddress().isAnyLocalAddress() || address.getPort() == 0) {
                throw new IllegalArgumentException(
                        "advertised address: " + address + " (expected: an IP address other than 0.0.0.0 and a port)");
            }
        }
    }

    private IceCandidates() {}

    /**
     * Candidates, the preferred first: UDP before TCP, IPv6 and IPv4 mixed (RFC 8421 section 4), else in the order
     * given.
     *
     * @param ufrag the local ufrag to name in each, or null to leave it to the description they stand in
     * @throws IllegalArgumentException if there are more than 64 addresses of a transport
     */
    public static List<IceCandidate> ofHost(List<Advertised> addresses, @Nullable String ufrag) {
        List<IceCandidate> candidates = new ArrayList<>();
        for (Transport transport : Transport.values()) {
            List<InetSocketAddress> ordered = mixFamilies(addresses.stream()
                    .filter(a -> a.transport() == transport)
                    .map(Advertised::address)
                    .distinct()
                    .toList());
            if (ordered.size() > MAX_ADDRESSES) {
                throw new IllegalArgumentException("advertised " + transport.text() + " addresses: " + ordered.size()
                        + " (expected: at most " + MAX_ADDRESSES + ")");
            }
            for (int rank = 0; rank < ordered.size(); rank++) {
                // Candidates share a foundation only if type, transport and address are the same, port aside
                // (RFC 8445 section 5.1.1.3).
                candidates.add(
                        candidate(transport, ordered.get(rank), rank, foundation(transport, ordered, rank), ufrag));
            }
        }
        return List.copyOf(candidates);
    }

    private static IceCandidate candidate(
            Transport transport, InetSocketAddress address, int rank, String foundation,
            @Nullable String ufrag) {
        return new IceCandidate(
                foundation,
                COMPONENT,
                transport.text(),
                priority(transport, rank),
                literal(address.getAddress()),
                address.getPort(),
                IceCandidateType.HOST,
                transport == Transport.TCP ? TcpCandidateType.PASSIVE : null,
                null,
                null,
                ufrag);
    }

    private static String foundation(Transport transport, List<InetSocketAddress> addresses, int index) {
        InetAddress address = addresses.get(index).getAddress();
        int first = 0;
        while (!addresses.get(first).getAddress().equals(address)) {
            first++;
        }
        return Integer.toString((transport == Transport.UDP ? 1 : 1 + MAX_ADDRESSES) + first);
    }

    /** RFC 8445 section 5.1.2.1: type preference, local preference, component. */
    private static long priority(Transport transport, int rank) {
        return switch (transport) {
            case UDP -> priority(HOST_TYPE_PREFERENCE, MAX_LOCAL_PREFERENCE - rank);
            case TCP -> priority(TCP_HOST_TYPE_PREFERENCE,
                    (PASSIVE_DIRECTION_PREFERENCE << 13) + MAX_OTHER_PREFERENCE - rank);
        };
    }

    private static long priority(int typePreference, int localPreference) {
        return ((long) typePreference << 24) + ((long) localPreference << 8) + (256 - COMPONENT);
    }

    /**
     * IPv6 first, then after every {@code (n4 + n6) / n4} of it one IPv4 address, so that a broken family does not hold
     * up the other's checks for long (RFC 8421 section 4).
     */
    private static List<InetSocketAddress> mixFamilies(List<InetSocketAddress> addresses) {
        List<InetSocketAddress> v6 = new ArrayList<>();
        List<InetSocketAddress> v4 = new ArrayList<>();
        for (InetSocketAddress address : addresses) {
            (address.getAddress() instanceof Inet6Address ? v6 : v4).add(address);
        }
        if (v4.isEmpty()) {
            return v6;
        }
        int headStart = addresses.size() / v4.size();
        List<InetSocketAddress> mixed = new ArrayList<>(addresses.size());
        int next6 = 0;
        for (InetSocketAddress address : v4) {
            for (int i = 0; i < headStart && next6 < v6.size(); i++) {
                mixed.add(v6.get(next6++));
            }
            mixed.add(address);
        }
        mixed.addAll(v6.subList(next6, v6.size()));
        return mixed;
    }

    private static String literal(InetAddress address) {
        String text = address.getHostAddress();
        // A scope means something only on this host.
        int scope = text.indexOf('%');
        return scope < 0 ? text : text.substring(0, scope);
    }
}
