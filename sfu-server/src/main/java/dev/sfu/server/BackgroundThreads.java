package dev.sfu.server;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the JVM's compilers and its concurrent collector give way to the shards where they share a processor: Linux has a nice
 * value for each thread, raising it needs no privilege, and threads that these start have it too. The JVM has no flag for it.
 * Without it a packet that comes while either works waits for half of its time slices.
 */
final class BackgroundThreads {
    private static final Logger log = LoggerFactory.getLogger(BackgroundThreads.class);

    /**
     * Nine parts of a contended processor for a shard, one for them; all that is idle they get anyway. Nicer ones would take it from a shard
     * less often in the first minutes, but a cold server under load needs its compiler: docs/performance.md has both.
     */
    private static final int NICE = 10;

    private static final int PRIO_PROCESS = 0;
    /** As the JVM names them, cut to 15 characters by the kernel. Not those that work while the shards stand still. */
    private static final Pattern NAMES = Pattern.compile("(C[12] Compiler|Z[A-Z]|G1 (Conc|Main|Refine|Service)).*");

    private BackgroundThreads() {}

    /** Lowers their priority; how many threads it did that for, 0 where the system does not let it. */
    @SuppressWarnings("restricted") // java.lang.foreign
    static int giveWay() {
        Path tasks = Path.of("/proc/self/task");
        Linker linker = Linker.nativeLinker();
        Optional<MemorySegment> setpriority = linker.defaultLookup().find("setpriority");
        if (!Files.isDirectory(tasks) || setpriority.isEmpty()) {
            return 0;
        }
        MethodHandle call = linker.downcallHandle(
                setpriority.get(), FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
        int count = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(tasks)) {
            for (Path thread : threads) {
                if (NAMES.matcher(nameOf(thread)).matches()
                        && setPriority(call, Integer.parseInt(thread.getFileName().toString()))) {
                    count++;
                }
            }
        } catch (IOException e) {
            log.debug("threads cannot be listed", e);
        }
        return count;
    }

    private static String nameOf(Path thread) {
        try {
            return Files.readString(thread.resolve("comm"), UTF_8).strip();
        } catch (IOException ended) {
            return "";
        }
    }

    private static boolean setPriority(MethodHandle call, int thread) {
        try {
            return (int) call.invokeExact(PRIO_PROCESS, thread, NICE) == 0;
        } catch (Throwable e) {
            throw new IllegalStateException("setpriority", e);
        }
    }
}
