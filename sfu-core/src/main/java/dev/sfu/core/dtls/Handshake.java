package dev.sfu.core.dtls;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.bouncycastle.tls.TlsTimeoutException;

/** One blocking handshake; runs on a thread of {@link DtlsHandshakes} and reports to the owner's executor. */
final class Handshake implements Runnable {
    /** What the owner's thread is told. Either of the last two comes exactly once, last. */
    interface Listener {
        void onOutgoing(byte[] datagram);

        void onComplete(DTLSTransport records);

        void onFailed(String reason);
    }

    private final Negotiation negotiation;
    private final Executor owner;
    private final Listener listener;
    private final DtlsLink link;

    Handshake(Negotiation negotiation, Executor owner, Listener listener) {
        this.negotiation = negotiation;
        this.owner = owner;
        this.listener = listener;
        this.link = new DtlsLink(negotiation.config(), this::post);
    }

    DtlsLink link() {
        return link;
    }

    /** Ends it, whether it runs or has yet to start; the listener hears {@code reason}. Any thread. */
    void abort(String reason) {
        link.abort(reason);
    }

    @Override
    public void run() {
        String failure = "internal error";
        DTLSTransport records = null;
        try {
            if (link.abortReason() == null) {
                records = handshake();
            }
        } catch (IOException | RuntimeException e) {
            failure = describe(e);
        } finally {
            link.flush();
            String abortReason = link.abortReason();
            String reason = abortReason != null ? abortReason : failure;
            DTLSTransport completed = records;
            post(completed != null ? () -> listener.onComplete(completed) : () -> listener.onFailed(reason));
        }
    }

    private DTLSTransport handshake() throws IOException {
        return switch (negotiation.config().role()) {
            case CLIENT -> new DTLSClientProtocol().connect(new DtlsClient(negotiation), link);
            case SERVER -> accept();
        };
    }

    /**
     * Anybody can send a ClientHello in the peer's name. One that is refused therefore ends nothing as long as another may
     * come, and the peer does not hear of it.
     */
    private DTLSTransport accept() throws IOException {
        DtlsConfig.Timing timing = negotiation.config().timing();
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timing.timeoutMillis());
        long patienceNanos = TimeUnit.MILLISECONDS.toNanos(timing.patienceMillis());
        long firstRefusalNanos = 0;
        boolean refused = false;
        while (true) {
            try {
                long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
                return new DTLSServerProtocol().accept(new DtlsServer(negotiation, (int) Math.max(1, leftMillis)), link);
            } catch (TlsTimeoutException | InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                firstRefusalNanos = refused ? firstRefusalNanos : System.nanoTime();
                refused = true;
                if (link.hasSent() || !link.awaitAnotherBeginning(firstRefusalNanos + patienceNanos)) {
                    throw e;
                }
                negotiation.beginAnew();
            }
        }
    }

    private String describe(Exception e) {
        String known = negotiation.failure();
        if (known != null) {
            return known;
        }
        return switch (e) {
            case TlsFatalAlertReceived alert -> "the peer sent alert " + alert.getMessage();
            case TlsTimeoutException timeout ->
                    "not complete after " + negotiation.config().timing().timeoutMillis() + " ms";
            default -> e.getMessage() != null ? e.getMessage() : e.getClass().getSimpleName();
        };
    }

    private void post(byte[] array, int offset, int length) {
        byte[] datagram = Arrays.copyOfRange(array, offset, offset + length);
        post(() -> listener.onOutgoing(datagram));
    }

    /** An owner that takes no more tasks has stopped, so nobody is left to tell. */
    private void post(Runnable task) {
        try {
            owner.execute(task);
        } catch (RejectedExecutionException e) {
            link.abort("the owner has stopped");
        }
    }
}
