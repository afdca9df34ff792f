package dev.sfu.core.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.ice.IceCandidates.Advertised;
import dev.sfu.core.sdp.IceCandidate;
import dev.sfu.core.sdp.IceCandidateType;
import dev.sfu.core.sdp.TcpCandidateType;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IceCandidatesTest {
    private static Advertised udp(String address, int port) {
        return new Advertised(Transport.UDP, new InetSocketAddress(address, port));
    }

    private static Advertised tcp(String address, int port) {
        return new Advertised(Transport.TCP, new InetSocketAddress(address, port));
    }

    private static List<String> addressesOf(int v6, int v4) {
        List<Advertised> addresses = new ArrayList<>();
        for (int i = 1; i <= v4; i++) {
            addresses.add(udp("192.0.2." + i, 1));
        }
        for (int i = 1; i <= v6; i++) {
            addresses.add(udp("2001:db8::" + i, 1));
        }
        return IceCandidates.ofHost(addresses, "ufrag").stream()
                .map(c -> c.address().contains(":") ? "6" : "4")
                .toList();
    }

    @Test
    void aSingleUdpAddressHasTheUsualHostPriority() {
        IceCandidate candidate = IceCandidates.ofHost(List.of(udp("203.0.113.5", 10_000)), "abcdefgh").getFirst();
        assertEquals("candidate:1 1 udp 2130706431 203.0.113.5 10000 typ host ufrag abcdefgh", candidate.format());
        assertEquals(IceCandidateType.HOST, candidate.type());
        assertNull(candidate.tcpType());
        assertNull(candidate.relatedAddress());
    }

    @Test
    void tcpIsPassiveAndBelowEveryUdpCandidate() throws Exception {
        List<IceCandidate> candidates = IceCandidates.ofHost(
                List.of(tcp("203.0.113.5", 443), udp("203.0.113.5", 1), udp("2001:db8::5", 1), tcp("2001:db8::5", 443)),
                "ufrag");
        assertEquals(List.of("udp", "udp", "tcp", "tcp"), candidates.stream().map(IceCandidate::protocol).toList());
        assertEquals(TcpCandidateType.PASSIVE, candidates.get(2).tcpType());
        // RFC 6544 section 4.2: direction preference 4 above 13 bits.
        assertEquals((90L << 24) + (((4L << 13) + 8191) << 8) + 255, candidates.get(2).priority());
        for (int i = 1; i < candidates.size(); i++) {
            assertTrue(candidates.get(i).priority() < candidates.get(i - 1).priority());
        }
        assertEquals(4, candidates.stream().map(IceCandidate::foundation).distinct().count());
        for (IceCandidate candidate : candidates) {
            assertEquals(candidate, IceCandidate.parse(candidate.format()));
        }
    }

    @Test
    void familiesAreMixedByRfc8421() {
        assertEquals(List.of("6", "4"), addressesOf(1, 1));
        assertEquals(List.of("6", "6", "6", "6", "4", "6", "6", "4"), addressesOf(6, 2));
        assertEquals(List.of("6", "4", "4"), addressesOf(1, 2));
        assertEquals(List.of("6", "6", "4", "4"), addressesOf(2, 2));
        assertEquals(List.of("4", "4"), addressesOf(0, 2));
        assertEquals(List.of("6", "6"), addressesOf(2, 0));
        assertEquals(List.of(), addressesOf(0, 0));
    }

    @Test
    void portsOfOneAddressShareAFoundation() {
        List<IceCandidate> candidates =
                IceCandidates.ofHost(List.of(udp("192.0.2.1", 1), udp("192.0.2.1", 2), udp("192.0.2.2", 1)), "ufrag");
        assertEquals(List.of("1", "1", "3"), candidates.stream().map(IceCandidate::foundation).toList());
        assertEquals(3, candidates.stream().map(IceCandidate::priority).distinct().count());
    }

    @Test
    void repeatedAddressesAreNamedOnce() {
        assertEquals(1, IceCandidates.ofHost(List.of(udp("192.0.2.1", 1), udp("192.0.2.1", 1)), "ufrag").size());
    }

    @Test
    void addressesNobodyCanReachAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> udp("0.0.0.0", 1));
        assertThrows(IllegalArgumentException.class, () -> udp("::", 1));
        assertThrows(IllegalArgumentException.class, () -> udp("192.0.2.1", 0));
        assertThrows(IllegalArgumentException.class,
                () -> new Advertised(Transport.UDP, InetSocketAddress.createUnresolved("host.invalid", 1)));
    }
}
