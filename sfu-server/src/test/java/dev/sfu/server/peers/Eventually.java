package dev.sfu.server.peers;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Assertions;

/** Asks again and again until the answer is good, or fails with the last one. */
final class Eventually {
    private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();

    private Eventually() {}

    static <T> T until(String what, Duration patience, Callable<T> question, Predicate<T> good) throws Exception {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            T answer = question.call();
            if (good.test(answer)) {
                return answer;
            }
            if (System.nanoTime() - deadline > 0) {
                return Assertions.fail(what + ": not within " + patience.toSeconds() + " s, but " + answer);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
