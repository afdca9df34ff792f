package dev.sfu.bench.load;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The system calls of the load generator. One call fetches all that waits in a socket, with the kernel's receive times, and
 * nothing is allocated: a load generator on Netty or NIO would need the core that the server is to be measured on.
 */
@SuppressWarnings("restricted") // it is what java.lang.foreign is for
final class Linux {
    static final int EPOLLIN = 1;
    static final boolean PACKED_EVENTS = System.getProperty("os.arch").matches("amd64|x86_64");

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM_NONBLOCK = 2 | 0x800;
    private static final int SOL_SOCKET = 1;
    private static final int SO_RCVBUF = 8;
    private static final int SO_TIMESTAMPNS = 35;
    private static final int SOL_UDP = 17;
    private static final int UDP_GRO = 104;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int SOCKADDR_BYTES = 16;

    private static final MethodHandle SOCKET = call("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND = call("bind", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle CONNECT = call("connect", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKNAME = call("getsockname", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle SETSOCKOPT =
            call("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle CLOSE = call("close", JAVA_INT, JAVA_INT);
    private static final MethodHandle SEND = call("send", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT);
    private static final MethodHandle RECVMMSG =
            call("recvmmsg", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle EPOLL_CREATE = call("epoll_create1", JAVA_INT, JAVA_INT);
    private static final MethodHandle EPOLL_CTL = call("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle EPOLL_PWAIT2 =
            call("epoll_pwait2", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);

    private Linux() {}

    private static MethodHandle call(String name, MemoryLayout result, MemoryLayout... arguments) {
        Optional<MemorySegment> symbol = LIBC.find(name);
        return LINKER.downcallHandle(
                symbol.orElseThrow(() -> new UnsupportedOperationException(
                        name + ": not in the C library (expected: Linux with glibc 2.35 or later)")),
                FunctionDescriptor.of(result, arguments));
    }

    private static AssertionError unexpected(Throwable thrown) {
        return new AssertionError("a system call cannot throw", thrown);
    }

    private static int checked(String call, int result) throws IOException {
        if (result < 0) {
            throw new IOException(call + " failed (expected: enough file descriptors; see ulimit -n)");
        }
        return result;
    }

    /**
     * A UDP socket on a free port that takes the time of what it receives.
     *
     * @param uncut whether it asks for what was sent as one segmented write in one piece
     */
    static int openUdp(MemorySegment scratch, int receiveBufferBytes, boolean uncut) throws IOException {
        try {
            int fd = checked("socket", (int) SOCKET.invokeExact(AF_INET, SOCK_DGRAM_NONBLOCK, 0));
            option(fd, SOL_SOCKET, SO_RCVBUF, receiveBufferBytes, scratch);
            option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1, scratch);
            if (uncut) {
                option(fd, SOL_UDP, UDP_GRO, 1, scratch);
            }
            address(scratch, 0, 0);
            checked("bind", (int) BIND.invokeExact(fd, scratch, SOCKADDR_BYTES));
            return fd;
        } catch (IOException e) {
            throw e;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static void option(int fd, int level, int option, int value, MemorySegment scratch) throws Throwable {
        scratch.set(JAVA_INT, 0, value);
        checked("setsockopt", (int) SETSOCKOPT.invokeExact(fd, level, option, scratch, 4));
    }

    private static void address(MemorySegment scratch, int host, int port) {
        scratch.asSlice(0, SOCKADDR_BYTES).fill((byte) 0);
        scratch.set(java.lang.foreign.ValueLayout.JAVA_SHORT, 0, (short) AF_INET);
        scratch.set(Batch.U16, 2, (short) port);
        scratch.set(Batch.I32, 4, host);
    }

    /** Sends to, and receives from, this IPv4 address and port only. */
    static void connect(int fd, int host, int port, MemorySegment scratch) throws IOException {
        try {
            address(scratch, host, port);
            checked("connect", (int) CONNECT.invokeExact(fd, scratch, SOCKADDR_BYTES));
        } catch (IOException e) {
            throw e;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int localPort(int fd, MemorySegment scratch) throws IOException {
        try {
            scratch.set(JAVA_INT, SOCKADDR_BYTES, SOCKADDR_BYTES);
            checked("getsockname", (int) GETSOCKNAME.invokeExact(fd, scratch, scratch.asSlice(SOCKADDR_BYTES, 4)));
            return scratch.get(Batch.U16, 2) & 0xFFFF;
        } catch (IOException e) {
            throw e;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static void close(int fd) {
        try {
            int unused = (int) CLOSE.invokeExact(fd);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Whether the kernel took the datagram. */
    static boolean send(int fd, MemorySegment data, int length) {
        try {
            return (long) SEND.invokeExact(fd, data, (long) length, MSG_DONTWAIT) == length;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Datagrams received, 0 when there is none or the socket has an error to tell, which this clears. */
    static int receive(int fd, MemorySegment headers, int count) {
        try {
            return Math.max(0, (int) RECVMMSG.invokeExact(fd, headers, count, MSG_DONTWAIT, MemorySegment.NULL));
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int openEpoll() throws IOException {
        try {
            return checked("epoll_create1", (int) EPOLL_CREATE.invokeExact(0));
        } catch (IOException e) {
            throw e;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static void watch(int epoll, int fd, int tag, MemorySegment scratch) throws IOException {
        try {
            scratch.set(JAVA_INT, 0, EPOLLIN);
            scratch.set(JAVA_INT, PACKED_EVENTS ? 4 : 8, tag);
            checked("epoll_ctl", (int) EPOLL_CTL.invokeExact(epoll, EPOLL_CTL_ADD, fd, scratch));
        } catch (IOException e) {
            throw e;
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static void unwatch(int epoll, int fd, MemorySegment scratch) {
        try {
            int unused = (int) EPOLL_CTL.invokeExact(epoll, EPOLL_CTL_DEL, fd, scratch);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Ready sockets, 0 when none was within {@code nanos}. */
    static int await(int epoll, MemorySegment events, int maxEvents, MemorySegment timespec, long nanos) {
        timespec.set(JAVA_LONG, 0, nanos / 1_000_000_000L);
        timespec.set(JAVA_LONG, 8, nanos % 1_000_000_000L);
        try {
            int ready = (int) EPOLL_PWAIT2.invokeExact(epoll, events, maxEvents, timespec, MemorySegment.NULL);
            return Math.max(0, ready);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** The tag of a ready socket. */
    static int tag(MemorySegment events, int index) {
        return PACKED_EVENTS
                ? events.get(Batch.NATIVE_I32, index * 12L + 4)
                : events.get(Batch.NATIVE_I32, index * 16L + 8);
    }
}
