package dev.sfu.core.ice;

import dev.sfu.core.stats.DropReason;
import dev.sfu.core.stun.StunClass;
import dev.sfu.core.stun.StunMessage;
import dev.sfu.core.stun.StunWriter;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lite side of ICE (RFC 8445 section 2.5): answers authenticated Binding requests and follows the peer's
 * nominations; sends nothing by itself.
 *
 * <p>Requests that are not authenticated are dropped in silence instead of refused with 400 or 401 (RFC 8489
 * section 9.1.3), so that nobody who does not know the password gets a single byte.
 */
public final class IceLiteAgent implements IceAgent {
    private static final int UNKNOWN_ATTRIBUTE = 420;
    private static final int ROLE_CONFLICT = 487;

    /** More than the longest answer: header, error, four unknown types, integrity, fingerprint. */
    private static final int MAX_ANSWER_BYTES = 128;

    private final IceConfig config;
    private final Output output;
    private final byte[] answer = new byte[MAX_ANSWER_BYTES];
    private final StunWriter writer = new StunWriter(answer);
    private final AnswerBudget budget;
    private final RecentTransactions transactions = new RecentTransactions();
    private final List<ValidPath> paths = new ArrayList<>(2);
    private final PathSelection selection;

    private LocalGeneration current;
    private @Nullable LocalGeneration previous;
    private long previousExpiresNanos;

    private IceState state = IceState.NEW;
    private long connectDeadlineNanos;
    private long deadlineNanos = Deadlines.NEVER;

    private long requestsReceived;
    private long responsesSent;
    private long errorResponsesSent;
    private long selectedChanges;
    private long lastRequestNanos;

    /** An agent that answers checks for {@code local} at once. */
    public IceLiteAgent(IceCredentials local, IceConfig config, Output output) {
        this.config = config;
        this.output = output;
        this.budget = new AnswerBudget(config.answersPerSecond());
        this.selection = new PathSelection(config.disconnectedTimeoutNanos());
        this.current = new LocalGeneration(0, local);
    }

    @Override
    public IceCredentials localCredentials() {
        return current.local();
    }

    @Override
    public @Nullable IceCredentials remoteCredentials() {
        return current.remote();
    }

    @Override
    public void setRemoteCredentials(IceCredentials remote, long nowNanos) {
        current.setRemote(remote);
        if (state == IceState.NEW) {
            connectDeadlineNanos = nowNanos + config.connectTimeoutNanos();
            become(IceState.CHECKING);
            arm();
        }
    }

    @Override
    public @Nullable DropReason onStun(NetworkPath path, byte[] array, int offset, int length, long nowNanos) {
        StunMessage message = StunMessage.read(array, offset, length);
        if (message == null || message.method() != StunMessage.BINDING) {
            return DropReason.STUN_MALFORMED;
        }
        return switch (message.stunClass()) {
            case REQUEST -> onRequest(path, message, nowNanos);
            // A keepalive (RFC 8445 section 11); nobody signs it, so it proves nothing.
            case INDICATION -> null;
            // To nothing that was asked.
            case SUCCESS, ERROR -> DropReason.STUN_UNAUTHORIZED;
        };
    }

    private @Nullable DropReason onRequest(NetworkPath path, StunMessage request, long nowNanos) {
        LocalGeneration generation = authenticate(request);
        if (generation == null || transactions.isReplay(request.transactionTail(), path)) {
            return DropReason.STUN_UNAUTHORIZED;
        }
        requestsReceived++;
        lastRequestNanos = nowNanos;
        ValidPath known = find(path);
        if (known != null) {
            // Also when the request is not answered: the peer lives.
            known.onRequest(nowNanos);
            onHeard();
        }
        if (!budget.take(nowNanos)) {
            arm();
            return DropReason.STUN_RATE_LIMITED;
        }
        if (request.hasUnknownRequired()) {
            refuse(path, request, generation, UNKNOWN_ATTRIBUTE, "Unknown Attribute");
        } else if (request.iceControlled()) {
            // A lite agent is always controlled (RFC 8445 section 6.1.1), whoever has the greater tie-breaker.
            refuse(path, request, generation, ROLE_CONFLICT, "Role Conflict");
        } else {
            accept(path, known, request, generation, nowNanos);
        }
        arm();
        return null;
    }

    private @Nullable LocalGeneration authenticate(StunMessage request) {
        // Consent that was lost must not come back with the same credentials (RFC 7675 section 5.1).
        if (state == IceState.FAILED || state == IceState.CLOSED) {
            return null;
        }
        LocalGeneration before = previous;
        LocalGeneration generation = before != null && before.isAddressedBy(request) ? before : current;
        return generation.isAddressedBy(request) && request.verifies(generation.key()) ? generation : null;
    }

    private void refuse(
            NetworkPath path, StunMessage request, LocalGeneration generation, int code, String reason) {
        writer.beginResponse(StunClass.ERROR, request).errorCode(code, reason);
        if (code == UNKNOWN_ATTRIBUTE) {
            writer.unknownAttributes(request.unknownRequired());
        }
        writer.integrity(generation.key()).fingerprint();
        errorResponsesSent++;
        output.sendStun(path, answer, 0, writer.length());
    }

    private void accept(NetworkPath path, @Nullable ValidPath known, StunMessage request,
            LocalGeneration generation, long nowNanos) {
        ValidPath valid = known == null ? admit(path, nowNanos) : known;
        writer.beginResponse(StunClass.SUCCESS, request)
                .xorMappedAddress(valid.remoteAddress(), path.remote().getPort())
                .integrity(generation.key())
                .fingerprint();
        responsesSent++;
        output.sendStun(path, answer, 0, writer.length());

        ValidPath before = selection.selected();
        selection.onRequest(valid, known == null, generation.number(), request, nowNanos);
        announceSelected(before);
        onHeard();
        if (state == IceState.CONNECTED && (request.useCandidate() || request.hasNomination())
                && selection.isNominated(current.number())) {
            become(IceState.COMPLETED);
        }
    }

    private ValidPath admit(NetworkPath path, long nowNanos) {
        if (paths.size() >= config.maxPaths()) {
            ValidPath oldest = null;
            for (ValidPath candidate : paths) {
                if (candidate != selection.selected()
                        && (oldest == null || candidate.lastRequestNanos() < oldest.lastRequestNanos())) {
                    oldest = candidate;
                }
            }
            if (oldest != null) {
                remove(oldest, nowNanos);
            }
        }
        ValidPath valid = new ValidPath(path, nowNanos);
        paths.add(valid);
        output.onPathValidated(path);
        return valid;
    }

    private void onHeard() {
        if (state == IceState.NEW || state == IceState.CHECKING || state == IceState.DISCONNECTED) {
            become(IceState.CONNECTED);
        }
    }

    @Override
    public boolean isValid(NetworkPath path) {
        ValidPath selected = selection.selected();
        return (selected != null && selected.path() == path) || find(path) != null;
    }

    private @Nullable ValidPath find(NetworkPath path) {
        for (int i = 0; i < paths.size(); i++) {
            if (paths.get(i).path() == path) {
                return paths.get(i);
            }
        }
        return null;
    }

    @Override
    public @Nullable NetworkPath selectedPath() {
        ValidPath selected = selection.selected();
        return selected == null ? null : selected.path();
    }

    @Override
    public IceState state() {
        return state;
    }

    @Override
    public void restart(IceCredentials newLocal, long nowNanos) {
        if (state == IceState.CLOSED) {
            return;
        }
        retirePrevious();
        previous = current;
        previousExpiresNanos = nowNanos + config.restartGraceNanos();
        current = new LocalGeneration(current.number() + 1, newLocal);
        if (state == IceState.FAILED) {
            retirePrevious();
        }
        // W3C webrtc-pc: a restart that begins completed goes to connected, one that begins disconnected to checking.
        if (state == IceState.COMPLETED) {
            become(IceState.CONNECTED);
        } else if (state != IceState.CONNECTED && state != IceState.NEW) {
            connectDeadlineNanos = nowNanos + config.connectTimeoutNanos();
            if (state != IceState.CHECKING) {
                become(IceState.CHECKING);
            }
        }
        arm();
    }

    @Override
    public void onPathClosed(NetworkPath path, long nowNanos) {
        ValidPath valid = find(path);
        if (valid != null) {
            remove(valid, nowNanos);
            arm();
        }
    }

    private void remove(ValidPath valid, long nowNanos) {
        paths.remove(valid);
        transactions.forget(valid.path());
        ValidPath before = selection.selected();
        if (valid == before) {
            selection.onSelectedRemoved(paths, nowNanos);
            announceSelected(before);
        }
        output.onPathRemoved(valid.path());
        if (paths.isEmpty() && (state == IceState.CONNECTED || state == IceState.COMPLETED)) {
            become(IceState.DISCONNECTED);
        }
    }

    private void announceSelected(@Nullable ValidPath before) {
        ValidPath selected = selection.selected();
        if (selected != before) {
            if (selected != null) {
                selectedChanges++;
            }
            output.onSelectedPathChanged(selected == null ? null : selected.path());
        }
    }

    @Override
    public long nextDeadlineNanos() {
        return deadlineNanos;
    }

    @Override
    public void onDeadline(long nowNanos) {
        if (!Deadlines.due(deadlineNanos, nowNanos)) {
            return;
        }
        if (previous != null && Deadlines.due(previousExpiresNanos, nowNanos)) {
            retirePrevious();
        }
        if (Deadlines.due(stateDeadlineNanos(), nowNanos)) {
            onStateDeadline(nowNanos);
        }
        for (int i = paths.size() - 1; i >= 0; i--) {
            if (paths.get(i).silenceNanos(nowNanos) >= config.consentTimeoutNanos()) {
                remove(paths.get(i), nowNanos);
            }
        }
        arm();
    }

    private long stateDeadlineNanos() {
        return switch (state) {
            case CHECKING -> connectDeadlineNanos;
            case CONNECTED, COMPLETED -> lastRequestNanos + config.disconnectedTimeoutNanos();
            case DISCONNECTED -> lastRequestNanos + config.consentTimeoutNanos();
            case NEW, FAILED, CLOSED -> Deadlines.NEVER;
        };
    }

    private void onStateDeadline(long nowNanos) {
        boolean wasConnected = state == IceState.CONNECTED || state == IceState.COMPLETED;
        if (wasConnected && nowNanos - lastRequestNanos < config.consentTimeoutNanos()) {
            become(IceState.DISCONNECTED);
        } else {
            retirePrevious();
            removeAllPaths(nowNanos);
            become(IceState.FAILED);
        }
    }

    private void removeAllPaths(long nowNanos) {
        // The selected one last, so that none of the others is selected for a moment.
        for (int i = paths.size() - 1; i >= 0; i--) {
            if (paths.get(i) != selection.selected()) {
                remove(paths.get(i), nowNanos);
            }
        }
        if (!paths.isEmpty()) {
            remove(paths.getFirst(), nowNanos);
        }
    }

    private void retirePrevious() {
        LocalGeneration retired = previous;
        if (retired != null) {
            previous = null;
            output.onLocalUfragRetired(retired.local().ufrag());
        }
    }

    private void arm() {
        long next = stateDeadlineNanos();
        if (previous != null) {
            next = Deadlines.earlier(next, previousExpiresNanos);
        }
        for (int i = 0; i < paths.size(); i++) {
            next = Deadlines.earlier(next, paths.get(i).lastRequestNanos() + config.consentTimeoutNanos());
        }
        deadlineNanos = next;
    }

    private void become(IceState next) {
        state = next;
        output.onIceStateChanged(next);
    }

    @Override
    public IceStats stats() {
        return new IceStats(requestsReceived, responsesSent, errorResponsesSent, selectedChanges, lastRequestNanos,
                paths.size());
    }

    @Override
    public void close() {
        if (state == IceState.CLOSED) {
            return;
        }
        // First, so that giving up the last path does not look like a disconnection.
        state = IceState.CLOSED;
        removeAllPaths(lastRequestNanos);
        retirePrevious();
        output.onLocalUfragRetired(current.local().ufrag());
        deadlineNanos = Deadlines.NEVER;
        output.onIceStateChanged(IceState.CLOSED);
    }
}
