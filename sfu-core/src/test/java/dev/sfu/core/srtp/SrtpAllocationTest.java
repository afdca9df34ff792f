package dev.sfu.core.srtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Garbage per packet: what the provider makes, and nothing of ours. */
@Tag("cipher-allocation")
class SrtpAllocationTest {
    private static final int ROUND = 10_000;
    /** Enough for the compiler to have replaced what it can; the first rounds allocate more. */
    private static final int MAX_ROUNDS = 30;

    private final byte[] plain = SrtpCases.rtp(SrtpCases.SSRC, 0, new byte[1200]);
    private final byte[] packet = new byte[1500];
    private final byte[] out = new byte[1500];
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private long protectBytes;
    private long unprotectBytes;

    /** One packet at a time, so that both directions are measured in one run of indices. */
    private void forward(SrtpSender sender, SrtpReceiver receiver, int from, int count, int prefixBytes) {
        protectBytes = 0;
        unprotectBytes = 0;
        for (int index = from; index < from + count; index++) {
            System.arraycopy(plain, 0, packet, 0, 12 + prefixBytes);
            packet[2] = (byte) (index >> 8);
            packet[3] = (byte) index;
            long start = threads.getCurrentThreadAllocatedBytes();
            int length = sender.protectRtp(
                    index, packet, 0, 12, prefixBytes, plain, 12 + prefixBytes, 1200 - prefixBytes);
            long middle = threads.getCurrentThreadAllocatedBytes();
            int result = receiver.unprotectRtp(packet, 0, length, out, 0);
            long end = threads.getCurrentThreadAllocatedBytes();
            protectBytes += middle - start;
            unprotectBytes += end - middle;
            assertEquals(1212, result);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sfu.core.srtp.SrtpCases#profilesAndProviders")
    void staysWithinTheBudget(SrtpProfile profile, CryptoProviders providers) {
        assertTrue(threads.isThreadAllocatedMemorySupported());
        threads.setThreadAllocatedMemoryEnabled(true);
        SrtpSender sender = SrtpCases.sender(profile, providers);
        SrtpReceiver receiver = SrtpCases.receiver(profile, providers);
        boolean accp = !providers.equals(CryptoProviders.jdk());
        int budget = !profile.aead() ? 112 : accp ? 48 : 1024;
        int index = 0;
        for (int prefixBytes : new int[] {0, 6}) {
            int rounds = 0;
            do {
                forward(sender, receiver, index, ROUND, prefixBytes);
                index += ROUND;
                rounds++;
            } while (Math.max(protectBytes, unprotectBytes) / ROUND > budget && rounds < MAX_ROUNDS);
            String what = profile + " " + providers.gcm().getName() + " prefix " + prefixBytes;
            assertTrue(protectBytes / ROUND <= budget, what + ": protect " + protectBytes / ROUND);
            assertTrue(unprotectBytes / ROUND <= budget, what + ": unprotect " + unprotectBytes / ROUND);
        }
        assertTrue(Arrays.equals(plain, 12, 1212, out, 12, 1212));
    }
}
