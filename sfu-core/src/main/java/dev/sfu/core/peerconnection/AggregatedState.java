package dev.sfu.core.peerconnection;

import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.dtls.DtlsTransportState;
import dev.sfu.core.ice.IceState;
import java.util.function.Consumer;

/** What ICE and DTLS come to together: {@code connectionState} of the W3C. It does not come back from failed or closed. */
final class AggregatedState {
    private final Consumer<ConnectionState> onChange;
    private ConnectionState state = ConnectionState.NEW;
    private String failureReason = "";
    private boolean closedByPeer;

    /** New; {@code onChange} is told of every other. */
    AggregatedState(Consumer<ConnectionState> onChange) {
        this.onChange = onChange;
    }

    ConnectionState state() {
        return state;
    }

    boolean closed() {
        return state == ConnectionState.CLOSED;
    }

    /** Whether it is closed or has failed. */
    boolean over() {
        return state == ConnectionState.CLOSED || state == ConnectionState.FAILED;
    }

    /** Why the connection failed, for people; empty when it did not. */
    String failureReason() {
        return failureReason;
    }

    /** Whether the connection ended because the peer closed it in good order. */
    boolean closedByPeer() {
        return closedByPeer;
    }

    /** Says why DTLS failed; to be told before {@link #update}. */
    void setDtlsFailure(String reason) {
        failureReason = reason;
    }

    /** One of the two may have changed. */
    void update(IceState ice, DtlsTransportState dtls) {
        if (over()) {
            return;
        }
        if (ice == IceState.FAILED || dtls == DtlsTransportState.FAILED) {
            if (failureReason.isEmpty()) {
                failureReason = ice == IceState.FAILED ? "the peer stopped answering" : "DTLS failed";
            }
        } else if (dtls == DtlsTransportState.CLOSED) {
            closedByPeer = true;
            failureReason = "closed by the peer";
        }
        set(of(ice, dtls));
    }

    private static ConnectionState of(IceState ice, DtlsTransportState dtls) {
        if (ice == IceState.FAILED || dtls == DtlsTransportState.FAILED || dtls == DtlsTransportState.CLOSED) {
            return ConnectionState.FAILED;
        }
        if (ice == IceState.DISCONNECTED) {
            return ConnectionState.DISCONNECTED;
        }
        if (dtls == DtlsTransportState.CONNECTED) {
            return ConnectionState.CONNECTED;
        }
        return ice == IceState.NEW && dtls == DtlsTransportState.NEW
                ? ConnectionState.NEW
                : ConnectionState.CONNECTING;
    }

    /** This side has closed. */
    void close() {
        set(ConnectionState.CLOSED);
    }

    private void set(ConnectionState newState) {
        if (state != newState) {
            state = newState;
            onChange.accept(newState);
        }
    }
}
