package dev.sfu.core.sdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IceCandidateTest {
    @Test
    void readsWhatChromiumTrickles() throws SdpException {
        IceCandidate candidate = IceCandidate.parse("candidate:842163049 1 udp 1677729535 203.0.113.9 46154 typ srflx "
                + "raddr 192.0.2.7 rport 46154 generation 0 ufrag Zk3+ network-id 1 network-cost 10");
        assertEquals(new IceCandidate("842163049", 1, "udp", 1677729535L, "203.0.113.9", 46154,
                IceCandidateType.SRFLX, null, "192.0.2.7", 46154, "Zk3+"), candidate);
        assertEquals("candidate:842163049 1 udp 1677729535 203.0.113.9 46154 typ srflx raddr 192.0.2.7 rport 46154 "
                + "ufrag Zk3+", candidate.format());
        assertEquals(candidate, IceCandidate.parse("a=" + candidate.format()));
    }

    @Test
    void readsTcpCandidatesOfFirefoxInUpperCase() throws SdpException {
        IceCandidate candidate =
                IceCandidate.parse("candidate:1 1 TCP 2105524479 192.0.2.7 9 typ host tcptype active");
        assertEquals("tcp", candidate.protocol());
        assertEquals(TcpCandidateType.ACTIVE, candidate.tcpType());
        assertEquals("candidate:1 1 tcp 2105524479 192.0.2.7 9 typ host tcptype active", candidate.format());
    }

    @Test
    void takesATcpCandidateWithoutTypeForPassive() throws SdpException {
        assertEquals(TcpCandidateType.PASSIVE,
                IceCandidate.parse("candidate:1 1 tcp 2105524479 192.0.2.7 443 typ host").tcpType());
        assertNull(IceCandidate.parse("1 1 udp 1 192.0.2.7 443 typ host tcptype so").tcpType());
    }

    @Test
    void acceptsMdnsNamesAndIpv6() throws SdpException {
        IceCandidate mdns = IceCandidate.parse(
                "candidate:0 1 UDP 2122187007 3f2c4b1a-9a3e-4c8f-8f2d-6b1f0c9d7e5a.local 53124 typ host");
        assertFalse(mdns.hasIpAddress());
        assertTrue(IceCandidate.parse("0 1 udp 5 2001:db8::1 1 typ host").hasIpAddress());
        assertTrue(IceCandidate.parse("0 1 udp 5 ::ffff:192.0.2.1 1 typ host").hasIpAddress());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "",
        "candidate:",
        "candidate:1 1 udp 1 192.0.2.1 1 typ",
        "candidate:1 1 udp 1 192.0.2.1 1 type host",
        "candidate:1 1 udp 1 192.0.2.1 1 typ moon",
        "candidate:1 1 ssltcp 1 192.0.2.1 1 typ host",
        "candidate:1 0 udp 1 192.0.2.1 1 typ host",
        "candidate:1 257 udp 1 192.0.2.1 1 typ host",
        "candidate:1 1 udp 0 192.0.2.1 1 typ host",
        "candidate:1 1 udp 2147483648 192.0.2.1 1 typ host",
        "candidate:1 1 udp 9999999999999999999 192.0.2.1 1 typ host",
        "candidate:1 1 udp 1 192.0.2.256 1 typ host",
        "candidate:1 1 udp 1 127.1 1 typ host",
        "candidate:1 1 udp 1 2130706433 1 typ host",
        "candidate:1 1 udp 1 fe80::1%eth0 1 typ host",
        "candidate:1 1 udp 1 :::: 1 typ host",
        "candidate:1 1 udp 1 ho_st/ 1 typ host",
        "candidate:1 1 udp 1 192.0.2.1 65536 typ host",
        "candidate:1 1 udp 1 192.0.2.1 -1 typ host",
        "candidate:1  1 udp 1 192.0.2.1 1 typ host",
        "candidate:1 1 udp 1 192.0.2.1 1 typ host raddr",
        "candidate:1 1 udp 1 192.0.2.1 1 typ host rport x",
        "candidate:1 1 udp 1 192.0.2.1 1 typ host ufrag a:b",
        "candidate:1 1 udp 1 192.0.2.1 1 typ host generation 0 generation 1",
        "candidate:1 1 tcp 1 192.0.2.1 1 typ host tcptype maybe",
        "candidate:123456789012345678901234567890123 1 udp 1 192.0.2.1 1 typ host"
    })
    void refusesMalformedCandidates(String text) {
        SdpException thrown = assertThrows(SdpException.class, () -> IceCandidate.parse(text));
        assertTrue(String.valueOf(thrown.getMessage()).contains("(expected: "), thrown.getMessage());
    }

    @Test
    void refusesCandidatesOverTheLimits() {
        String base = "candidate:1 1 udp 1 192.0.2.1 1 typ host";
        assertThrows(SdpException.class, () -> IceCandidate.parse(base + " x y".repeat(30)));
        assertThrows(SdpException.class, () -> IceCandidate.parse(base + " x " + "y".repeat(2000)));
    }
}
