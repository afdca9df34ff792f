package dev.sfu.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackgroundThreadsTest {
    private static final Path TASKS = Path.of("/proc/self/task");

    @Test
    void compilersGiveWayAndThreadsOfJavaDoNot() throws IOException {
        assumeTrue(Files.isDirectory(TASKS), "Linux");
        int before = niceOf("/proc/thread-self");
        int lowered = BackgroundThreads.giveWay();
        Map<String, Integer> compilers = new HashMap<>();
        for (Path thread : threads()) {
            String name = Files.readString(thread.resolve("comm")).strip();
            if (name.startsWith("C1 Compiler") || name.startsWith("C2 Compiler")) {
                compilers.put(name, niceOf(thread.toString()));
            }
        }
        assertTrue(!compilers.isEmpty() && lowered >= compilers.size(), lowered + " lowered of " + compilers);
        assertTrue(compilers.values().stream().allMatch(nice -> nice == 10), compilers::toString);
        assertEquals(before, niceOf("/proc/thread-self"));
    }

    private static List<Path> threads() throws IOException {
        try (Stream<Path> threads = Files.list(TASKS)) {
            return threads.toList();
        }
    }

    /** Field 19 of proc_pid_stat(5); the second may have blanks, in parentheses. */
    private static int niceOf(String thread) throws IOException {
        String stat = Files.readString(Path.of(thread, "stat"));
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
    }
}
