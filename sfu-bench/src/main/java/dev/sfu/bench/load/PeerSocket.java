package dev.sfu.bench.load;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A peer's UDP socket. On the loop's thread. */
final class PeerSocket {
    /** Room for half a second of 1.5 Mbit/s, so that what gets lost is lost by the server. */
    private static final int RECEIVE_BUFFER_BYTES = 1 << 18;

    private final LoadLoop loop;
    private final LoadPeer owner;
    private final int fd;
    private final int tag;
    private long sendFailures;

    PeerSocket(LoadLoop loop, LoadPeer owner) throws IOException {
        this.loop = loop;
        this.owner = owner;
        this.fd = Linux.openUdp(loop.scratch(), RECEIVE_BUFFER_BYTES, loop.uncut());
        this.tag = loop.watch(this);
    }

    int localPort() throws IOException {
        return Linux.localPort(fd, loop.scratch());
    }

    void connect(int host, int port) throws IOException {
        Linux.connect(fd, host, port, loop.scratch());
    }

    void send(byte[] array, int offset, int length) {
        MemorySegment.copy(array, offset, loop.scratch(), JAVA_BYTE, 0, length);
        if (!Linux.send(fd, loop.scratch(), length)) {
            sendFailures++;
        }
    }

    void close() {
        loop.unwatch(this);
    }

    int fd() {
        return fd;
    }

    int tag() {
        return tag;
    }

    LoadPeer owner() {
        return owner;
    }

    long sendFailures() {
        return sendFailures;
    }
}
