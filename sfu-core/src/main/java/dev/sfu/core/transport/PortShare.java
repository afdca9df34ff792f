package dev.sfu.core.transport;

/**
 * One shard's part in a port that all shards share.
 *
 * @param port the port and everybody's sockets on it
 * @param shard the shard's number
 * @param strays where the others put what belongs to this shard
 */
public record PortShare(SharedPort port, int shard, StrayQueue strays) {}
