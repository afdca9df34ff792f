package dev.sfu.core.routing;

import dev.sfu.core.codec.LayerReader;
import dev.sfu.core.peerconnection.IncomingPacket;

/** Packets of one track that wait to be forwarded, in the order in which they came, with references to their buffers. */
final class GatheredPackets {
    /** What is known of their layers is valid for no more. */
    static final int CAPACITY = LayerReader.VIEWS;

    private IncomingPacket[] packets = {};
    private int count;
    private long newestNanos;

    boolean isFull() {
        return count == CAPACITY;
    }

    int count() {
        return count;
    }

    IncomingPacket packet(int index) {
        return packets[index];
    }

    /** When the newest of them came. */
    long newestNanos() {
        return newestNanos;
    }

    /** Adds a packet as it stands now. */
    void add(IncomingPacket packet, long nowNanos) {
        if (packets.length == 0) {
            packets = new IncomingPacket[CAPACITY];
            for (int i = 0; i < CAPACITY; i++) {
                packets[i] = new IncomingPacket();
            }
        }
        packets[count++].take(packet);
        newestNanos = nowNanos;
    }

    /** Lets go of all. */
    void clear() {
        for (int i = 0; i < count; i++) {
            packets[i].release();
        }
        count = 0;
    }
}
