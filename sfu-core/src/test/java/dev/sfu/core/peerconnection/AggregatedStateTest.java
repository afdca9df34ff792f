package dev.sfu.core.peerconnection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sfu.core.api.ConnectionState;
import dev.sfu.core.dtls.DtlsTransportState;
import dev.sfu.core.ice.IceState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AggregatedStateTest {
    private final List<ConnectionState> told = new ArrayList<>();
    private final AggregatedState state = new AggregatedState(told::add);

    @ParameterizedTest
    @CsvSource({
        "NEW,          NEW,        NEW",
        "CHECKING,     NEW,        CONNECTING",
        "CONNECTED,    NEW,        CONNECTING",
        "CONNECTED,    CONNECTING, CONNECTING",
        "CONNECTED,    CONNECTED,  CONNECTED",
        "COMPLETED,    CONNECTED,  CONNECTED",
        "DISCONNECTED, CONNECTING, DISCONNECTED",
        "DISCONNECTED, CONNECTED,  DISCONNECTED",
        "FAILED,       CONNECTED,  FAILED",
        "CONNECTED,    FAILED,     FAILED",
        "DISCONNECTED, CLOSED,     FAILED",
    })
    void isTheWorseOfBoth(IceState ice, DtlsTransportState dtls, ConnectionState expected) {
        state.update(ice, dtls);
        assertEquals(expected, state.state());
        assertEquals(dtls == DtlsTransportState.CLOSED, state.closedByPeer());
        assertEquals(expected == ConnectionState.FAILED, !state.failureReason().isEmpty());
    }

    @Test
    void changesAreToldOnceAndThereIsNoWayBack() {
        state.update(IceState.CONNECTED, DtlsTransportState.CONNECTED);
        state.update(IceState.CONNECTED, DtlsTransportState.CONNECTED);
        state.setDtlsFailure("bad certificate");
        state.update(IceState.FAILED, DtlsTransportState.FAILED);
        state.update(IceState.CONNECTED, DtlsTransportState.CONNECTED);
        assertEquals("bad certificate", state.failureReason());
        state.close();
        state.close();
        assertEquals(List.of(ConnectionState.CONNECTED, ConnectionState.FAILED, ConnectionState.CLOSED), told);
    }
}
