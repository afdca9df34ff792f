package dev.sfu.core.transport;

import dev.sfu.core.ice.IceCredentials;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Single-port mode: every shard binds the same addresses and ports (SO_REUSEPORT), the kernel spreads 5-tuples over the
 * sockets, and what arrives at a shard that does not own its connection is handed to the one that does.
 *
 * <p>A ufrag made on a shard begins with the character that stands for the shard, so a connectivity check tells every
 * shard where it belongs without a directory. Everything else follows the 5-tuples that connections have claimed. Filled
 * before the first shard binds, read-only afterwards.
 */
public final class SinglePort {
    private final int shards;
    private final List<SharedPort> ports = new ArrayList<>();

    /**
     * With no port yet.
     *
     * @param shards at most 64: what an ice-char can tell apart
     */
    public SinglePort(int shards) {
        this.shards = shards;
    }

    /**
     * Finds out that the ports are free on an address, which sharing sockets would not notice, and remembers them to be
     * bound by every shard.
     *
     * @param udpPort 0 picks a free one
     * @param tcpPort 0 picks a free one; -1: no TCP
     * @throws IOException when a port is taken or the address cannot be bound
     */
    public void reserve(InetAddress address, int udpPort, int tcpPort) throws IOException {
        ports.add(SharedPort.reserve(shards, address, udpPort, tcpPort));
    }

    /** The reserved ports, one of each kind for each address. */
    public List<SharedPort> ports() {
        return ports;
    }

    /** What the ufrags of a shard's connections begin with. */
    public static String ufragPrefix(int shard) {
        return String.valueOf(IceCredentials.iceChar(shard));
    }
}
