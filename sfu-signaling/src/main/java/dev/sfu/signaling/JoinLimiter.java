package dev.sfu.signaling;

import java.util.LinkedHashMap;
import java.util.Map;

/** Joins per minute and remote address, over all protocols. Remembers a bounded number of addresses. Loop-confined. */
final class JoinLimiter {
    private static final int MAX_ADDRESSES = 10_000;

    private final int joinsPerMinute;
    private final Map<String, TokenBucket> buckets = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TokenBucket> eldest) {
            return size() > MAX_ADDRESSES;
        }
    };

    JoinLimiter(int joinsPerMinute) {
        this.joinsPerMinute = joinsPerMinute;
    }

    /** Whether one more join from this address is fine. */
    boolean tryJoin(String address, long nowNanos) {
        return buckets
                .computeIfAbsent(
                        key(address), ignored -> new TokenBucket(joinsPerMinute / 60.0, joinsPerMinute, nowNanos))
                .tryTake(nowNanos);
    }

    /** One IPv6 subscriber owns at least a /64, so that is what counts as an address. */
    private static String key(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        String[] groups = address.split(":", -1);
        int end = 0;
        StringBuilder prefix = new StringBuilder();
        // Netty and the JDK print IPv6 addresses uncompressed or with one "::"; what precedes it is the prefix.
        while (end < 4 && end < groups.length && !groups[end].isEmpty()) {
            prefix.append(groups[end++]).append(':');
        }
        return prefix.toString();
    }
}
