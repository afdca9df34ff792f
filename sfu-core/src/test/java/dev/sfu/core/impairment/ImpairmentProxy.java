package dev.sfu.core.impairment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

/**
 * Passes UDP datagrams between clients and one server, limiting their rate, losing, delaying and reordering them. The
 * server sees every client at a port of its own; clients of one proxy share its impairment, so a client with a network
 * of its own gets a proxy of its own. Keeps time to the millisecond. Thread-safe.
 */
public final class ImpairmentProxy implements AutoCloseable {
    private static final int MAX_DATAGRAM_BYTES = 65_536;
    private static final int SOCKET_BUFFER_BYTES = 1 << 20;

    /**
     * One direction since the start.
     *
     * @param packets that came
     * @param bytes of their payloads
     * @param lost by chance
     * @param queueFull dropped before the bottleneck
     */
    public record Counts(long packets, long bytes, long lost, long queueFull) {}

    private record Waiting(long dueNanos, long order, DatagramChannel out, SocketAddress to, ByteBuffer datagram)
            implements Comparable<Waiting> {
        @Override
        public int compareTo(Waiting other) {
            int byTime = Long.compare(dueNanos - other.dueNanos, 0);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final Selector selector;
    private final DatagramChannel front;
    private final SocketAddress server;
    private final InetAddress local;
    private final int port;
    private final Thread thread;
    private final Map<SocketAddress, DatagramChannel> byClient = new HashMap<>();
    private final PriorityQueue<Waiting> waiting = new PriorityQueue<>();
    private final ByteBuffer received = ByteBuffer.allocate(MAX_DATAGRAM_BYTES);
    private final ImpairedLink toServer;
    private final ImpairedLink toClients;
    private long order;
    private volatile boolean closed;

    private ImpairmentProxy(InetSocketAddress server, long seed) throws IOException {
        this.server = server;
        local = server.getAddress();
        toServer = new ImpairedLink(Impairment.NONE, seed);
        toClients = new ImpairedLink(Impairment.NONE, ~seed);
        selector = Selector.open();
        front = open();
        port = ((InetSocketAddress) front.getLocalAddress()).getPort();
        front.register(selector, SelectionKey.OP_READ);
        thread = Thread.ofPlatform().daemon().name("impairment-proxy-" + port).unstarted(this::run);
    }

    /**
     * Starts a proxy, perfect until told otherwise, on a free port of the address that the server is reached at.
     *
     * @param server an address of this machine and the port to pass datagrams to
     * @param seed decides which packets are hit
     */
    public static ImpairmentProxy start(InetSocketAddress server, long seed) throws IOException {
        ImpairmentProxy proxy = new ImpairmentProxy(server, seed);
        proxy.thread.start();
        return proxy;
    }

    /** Where clients send to. */
    public InetSocketAddress address() {
        return new InetSocketAddress(local, port);
    }

    /** Changes what happens to packets from now on. */
    public void impair(Impairment towardsServer, Impairment towardsClients) {
        synchronized (toServer) {
            toServer.impair(towardsServer);
        }
        synchronized (toClients) {
            toClients.impair(towardsClients);
        }
    }

    /** What went from clients to the server. */
    public Counts countsToServer() {
        return counts(toServer);
    }

    /** What went from the server to clients. */
    public Counts countsToClients() {
        return counts(toClients);
    }

    private static Counts counts(ImpairedLink link) {
        synchronized (link) {
            return new Counts(link.packets(), link.bytes(), link.lost(), link.queueFull());
        }
    }

    /** Stops; what is under way is lost. */
    @Override
    public void close() {
        closed = true;
        selector.wakeup();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private DatagramChannel open() throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.SO_RCVBUF, SOCKET_BUFFER_BYTES);
        channel.bind(new InetSocketAddress(local, 0));
        return channel;
    }

    private void run() {
        try (selector;
                front) {
            while (!closed) {
                select();
                for (SelectionKey key : selector.selectedKeys()) {
                    receive(key);
                }
                selector.selectedKeys().clear();
                sendDue();
            }
            for (DatagramChannel upstream : byClient.values()) {
                upstream.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void select() throws IOException {
        Waiting next = waiting.peek();
        if (next == null) {
            selector.select();
            return;
        }
        long left = next.dueNanos - System.nanoTime();
        if (left > 0) {
            // Rounded up: a loop that spins for the rest would take a processor from what is tested.
            selector.select(TimeUnit.NANOSECONDS.toMillis(left) + 1);
        } else {
            selector.selectNow();
        }
    }

    /** Of a client when the key has no attachment, which otherwise is the client that the server answers. */
    private void receive(SelectionKey key) throws IOException {
        DatagramChannel in = (DatagramChannel) key.channel();
        while (true) {
            received.clear();
            SocketAddress from = in.receive(received);
            if (from == null) {
                return;
            }
            received.flip();
            if (key.attachment() instanceof SocketAddress client) {
                enqueue(toClients, front, client);
            } else {
                DatagramChannel upstream = byClient.get(from);
                if (upstream == null) {
                    upstream = open();
                    upstream.register(selector, SelectionKey.OP_READ, from);
                    byClient.put(from, upstream);
                }
                enqueue(toServer, upstream, server);
            }
        }
    }

    private void enqueue(ImpairedLink link, DatagramChannel out, SocketAddress to) {
        long arrivalNanos;
        synchronized (link) {
            arrivalNanos = link.arrivalNanos(System.nanoTime(), received.remaining());
        }
        if (arrivalNanos != ImpairedLink.LOST) {
            ByteBuffer copy = ByteBuffer.allocate(received.remaining()).put(received).flip();
            waiting.add(new Waiting(arrivalNanos, order++, out, to, copy));
        }
    }

    private void sendDue() throws IOException {
        long now = System.nanoTime();
        for (Waiting next = waiting.peek(); next != null && next.dueNanos - now <= 0; next = waiting.peek()) {
            waiting.remove();
            next.out.send(next.datagram, next.to);
        }
    }
}
