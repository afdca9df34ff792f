package dev.sfu.bench;

import com.sun.management.GarbageCollectorMXBean;
import com.sun.management.GcInfo;
import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.jspecify.annotations.Nullable;

/** Looks into the heap of a server on this host; of one that is not written in Java all figures are zero. */
final class ServerHeap implements AutoCloseable {
    private static final Pattern TOTAL = Pattern.compile("^Total +\\d+ +(\\d+)", Pattern.MULTILINE);

    private final @Nullable JMXConnector connector;
    private final @Nullable ThreadMXBean threads;
    private final @Nullable MemoryMXBean memory;
    private final @Nullable MBeanServerConnection server;
    private final List<GarbageCollectorMXBean> collectors;
    private final Set<String> heapPools;

    private ServerHeap() {
        connector = null;
        threads = null;
        memory = null;
        server = null;
        collectors = List.of();
        heapPools = Set.of();
    }

    private ServerHeap(JMXConnector connector) throws IOException {
        this.connector = connector;
        server = connector.getMBeanServerConnection();
        threads = ManagementFactory.getPlatformMXBean(server, ThreadMXBean.class);
        memory = ManagementFactory.getPlatformMXBean(server, MemoryMXBean.class);
        collectors = ManagementFactory.getPlatformMXBeans(server, GarbageCollectorMXBean.class);
        heapPools = ManagementFactory.getPlatformMXBeans(server, MemoryPoolMXBean.class).stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getName)
                .collect(Collectors.toSet());
    }

    /**
     * Attaches to it.
     *
     * @throws IOException if it is written in Java and cannot be attached to
     */
    @SuppressWarnings("BanJNDI") // the address comes from a child process
    static ServerHeap of(long pid) throws IOException {
        Path library = Path.of("/proc", String.valueOf(pid), "maps");
        if (!Files.readString(library).contains("libjvm")) {
            return new ServerHeap();
        }
        String address;
        try {
            VirtualMachine machine = VirtualMachine.attach(String.valueOf(pid));
            try {
                address = machine.startLocalManagementAgent();
            } finally {
                machine.detach();
            }
        } catch (AttachNotSupportedException e) {
            throw new IOException("process " + pid + ": not a Java process", e);
        }
        JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(address));
        return new ServerHeap(connector);
    }

    /** Whether there is one to look into. */
    boolean exists() {
        return threads != null;
    }

    /** Bytes allocated by all threads since the start. */
    long allocatedBytes() {
        return threads == null ? 0 : threads.getTotalThreadAllocatedBytes();
    }

    /** Collects all garbage, which stops the server: never while something is measured. */
    void collect() {
        if (memory != null) {
            memory.gc();
        }
    }

    /**
     * What is reachable, counted object by object, which stops the server. What a collector says is in use may be many times
     * that, since ZGC counts whole pages and what is allocated while it collects.
     *
     * @throws IOException if it does not say
     */
    long liveBytes() throws IOException {
        if (server == null) {
            return 0;
        }
        Matcher total = TOTAL.matcher(diagnose("gcClassHistogram"));
        if (!total.find()) {
            throw new IOException("class histogram: no total");
        }
        return Long.parseLong(total.group(1));
    }

    /** Gives the kernel back what the C library keeps of freed memory, most of it the compilers'. */
    void trim() throws IOException {
        if (server != null) {
            diagnose("systemTrimNativeHeap");
        }
    }

    private String diagnose(String operation) throws IOException {
        try {
            return String.valueOf(Objects.requireNonNull(server)
                    .invoke(
                            ObjectName.getInstance("com.sun.management:type=DiagnosticCommand"),
                            operation,
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()}));
        } catch (JMException e) {
            throw new IOException("diagnostic command " + operation, e);
        }
    }

    /**
     * What the JVM itself has for the heap, compiled code and classes, more of each as it warms up; 0 without one. The rest of
     * what is resident is buffers, native cryptography, and the JVM's own books.
     */
    long committedBytes() {
        return memory == null
                ? 0
                : memory.getHeapMemoryUsage().getCommitted() + memory.getNonHeapMemoryUsage().getCommitted();
    }

    /** What was in use after the latest collection of any kind; 0 before the first one. */
    long bytesAfterCollection() {
        return collectors.stream()
                .flatMap(collector -> Stream.ofNullable(collector.getLastGcInfo()))
                .max(Comparator.comparingLong(GcInfo::getEndTime))
                .map(last -> last.getMemoryUsageAfterGc().entrySet().stream()
                        .filter(pool -> heapPools.contains(pool.getKey()))
                        .mapToLong(pool -> pool.getValue().getUsed())
                        .sum())
                .orElse(0L);
    }

    @Override
    public void close() throws IOException {
        if (connector != null) {
            connector.close();
        }
    }
}
