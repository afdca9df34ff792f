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
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.jspecify.annotations.Nullable;

/** Looks into the heap of a server on this host; of one that is not written in Java all figures are zero. */
final class ServerHeap implements AutoCloseable {
    private final @Nullable JMXConnector connector;
    private final @Nullable ThreadMXBean threads;
    private final @Nullable MemoryMXBean memory;
    private final List<GarbageCollectorMXBean> collectors;
    private final Set<String> heapPools;

    private ServerHeap() {
        connector = null;
        threads = null;
        memory = null;
        collectors = List.of();
        heapPools = Set.of();
    }

    private ServerHeap(JMXConnector connector) throws IOException {
        this.connector = connector;
        MBeanServerConnection server = connector.getMBeanServerConnection();
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

    /** What is in use now: after {@link #collect}, what is reachable. */
    long liveBytes() {
        return memory == null ? 0 : memory.getHeapMemoryUsage().getUsed();
    }

    /** What the heap may use before it grows; 0 without one. */
    long committedBytes() {
        return memory == null ? 0 : memory.getHeapMemoryUsage().getCommitted();
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
