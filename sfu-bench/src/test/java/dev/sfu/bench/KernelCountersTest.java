package dev.sfu.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.junit.jupiter.api.Test;

class KernelCountersTest {
    private static final List<String> SNMP = List.of(
            "Ip: Forwarding DefaultTTL",
            "Ip: 2 64",
            "Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors",
            "Udp: 38040740 11711 50922 24736980 50921 3");

    @Test
    void readsWhatTheKernelWrites() {
        KernelCounters counters = KernelCounters.parse(
                SNMP,
                List.of("01490261 00000010 00000001", "003e6c7d 0000000f 00000001"),
                List.of(
                        "cpu  9 9 9 9 9 9 9 9 0 0",
                        "cpu0 1000 200 30 5000 600 4 3 2 0 0",
                        "cpu1 1 1 1 1 1 1 1 1 0 0",
                        "intr 5"));
        assertEquals(50_921, counters.socketDrops());
        assertEquals(31, counters.backlogDrops());
        assertEquals(List.of(1239L, 6L), counters.coreBusyTicks());
    }

    @Test
    void aTickIsAHundredthOfASecond() {
        KernelCounters before = new KernelCounters(0, 0, List.of(100L, 7L));
        KernelCounters after = new KernelCounters(0, 0, List.of(250L, 7L));
        assertEquals(75, after.corePercent(before, 0, 2));
        assertEquals(0, after.corePercent(before, 1, 2));
        assertEquals(0, after.corePercent(before, 2, 2));
    }

    @Test
    void thisKernelCanBeRead() throws Exception {
        assertFalse(KernelCounters.now().coreBusyTicks().isEmpty());
    }
}
