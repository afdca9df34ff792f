package dev.sfu.bench;

import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.jspecify.annotations.Nullable;

/** Looks into the heap of a server on this host; of one that is not written in Java all figures are zero. */
final class ServerHeap implements AutoCloseable {
    private final @Nullable JMXConnector connector;
    private final @Nullable ThreadMXBean threads;
    private final List<GarbageCollectorMXBean> collectors;

    private ServerHeap(
            @Nullable JMXConnector connector, @Nullable ThreadMXBean threads, List<GarbageCollectorMXBean> collectors) {
        this.connector = connector;
        this.threads = threads;
        this.collectors = collectors;
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
            return new ServerHeap(null, null, List.of());
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
        MBeanServerConnection server = connector.getMBeanServerConnection();
        return new ServerHeap(
                connector,
                ManagementFactory.getPlatformMXBean(server, ThreadMXBean.class),
                ManagementFactory.getPlatformMXBeans(server, GarbageCollectorMXBean.class));
    }

    /** Whether there is one to look into. */
    boolean exists() {
        return threads != null;
    }

    /** Bytes allocated by all threads since the start. */
    long allocatedBytes() {
        return threads == null ? 0 : threads.getTotalThreadAllocatedBytes();
    }

    /** Milliseconds that collections took since the start. */
    long collectionMillis() {
        return collectors.stream().mapToLong(GarbageCollectorMXBean::getCollectionTime).sum();
    }

    @Override
    public void close() throws IOException {
        if (connector != null) {
            connector.close();
        }
    }
}
