package dev.sfu.core.ice;

import dev.sfu.core.stun.StunMessage;
import dev.sfu.core.time.Deadlines;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which valid path carries media.
 *
 * <p>The first valid path does until the peer nominates. From then on the peer's nominations decide, but peers nominate
 * in three ways, and what is right for one makes another flap:
 *
 * <ul>
 *   <li><b>In order</b>, with NOMINATION values (Chromium when renomination is negotiated): the greatest value wins.
 *   <li><b>One at a time</b> (Chromium, RFC 8445 section 8.1.1): USE-CANDIDATE is put only on checks of the path that
 *       the peer itself uses, after other checks went without. The latest nomination wins, however low its priority:
 *       the peer may prefer Wi-Fi over a metered network of higher priority. A nomination overtaken on a slower path
 *       must not win afterwards, so for {@link #HOLD_NANOS} after a change only a higher priority changes again.
 *   <li><b>Aggressively</b> (Firefox, RFC 5245 section 8.1.1.2): USE-CANDIDATE is on every connectivity check of every
 *       path, and what the peer itself uses is the nominated path of highest priority. So the highest PRIORITY wins,
 *       UDP at equal PRIORITY. Firefox's consent checks come without USE-CANDIDATE, only on the path it uses.
 * </ul>
 *
 * A peer is taken for aggressive when no check came without a nomination before the first one with.
 *
 * <p>Against all of that, a selected path without any request for a while is not what the peer uses: it loses to a
 * nomination, and for an aggressive peer to any request, after {@link #QUIET_NANOS}; to any request after the silence
 * that alone would mean disconnected. This covers NAT rebinding. For an aggressive peer an equal PRIORITY from a
 * new remote address to the same local one means the same too, because a peer gives each of its candidates another
 * priority (RFC 8445 section 5.1.2): then there is nothing to wait for.
 *
 * <p>After a restart, the first nomination with the new credentials wins over all before, and old credentials have no
 * say from then on.
 */
final class PathSelection {
    /** Time for what was sent before a change to arrive. */
    static final long HOLD_NANOS = 500 * Deadlines.MILLISECOND;

    /** Chromium's interval between checks of the path it uses; within it silence says nothing. */
    static final long QUIET_NANOS = 2_500 * Deadlines.MILLISECOND;

    private final long lostNanos;

    private @Nullable ValidPath selected;
    private long selectedSinceNanos;
    /** The latest generation in which a nomination took effect. */
    private int nominatedGeneration = -1;
    private long greatestNomination = -1;

    private int peerGeneration = -1;
    private boolean peerChecksFirst;
    private boolean peerHasNominated;

    PathSelection(long lostNanos) {
        this.lostNanos = lostNanos;
    }

    @Nullable ValidPath selected() {
        return selected;
    }

    /** Whether the peer has nominated the selected path in this generation. */
    boolean isNominated(int generation) {
        return selected != null && selected.nominatedGeneration() == generation;
    }

    /**
     * An authenticated request that was answered.
     *
     * @param isNew whether it is the first on this path
     * @param generation of the credentials it used
     */
    void onRequest(ValidPath path, boolean isNew, int generation, StunMessage request, long nowNanos) {
        boolean nominates = request.useCandidate() || request.hasNomination();
        learnPeer(generation, nominates);
        if (path != selected && wins(path, isNew, generation, request, nowNanos)) {
            select(path, nowNanos);
        }
        if (nominates && generation >= nominatedGeneration) {
            path.onNominated(generation, request.priority());
            if (path == selected) {
                greatestNomination =
                        Math.max(generation > nominatedGeneration ? -1 : greatestNomination, nominationOf(request));
                nominatedGeneration = generation;
            }
        }
    }

    /** The selected path is gone: takes the best of the others, which may be none. */
    void onSelectedRemoved(List<ValidPath> others, long nowNanos) {
        ValidPath best = null;
        for (ValidPath other : others) {
            if (best == null || isBetterSpare(other, best, nowNanos)) {
                best = other;
            }
        }
        if (best == null) {
            selected = null;
        } else {
            select(best, nowNanos);
        }
    }

    private void select(ValidPath path, long nowNanos) {
        selected = path;
        selectedSinceNanos = nowNanos;
    }

    private void learnPeer(int generation, boolean nominates) {
        if (generation > peerGeneration) {
            peerGeneration = generation;
            peerChecksFirst = false;
            peerHasNominated = false;
        }
        if (generation == peerGeneration) {
            peerChecksFirst |= !nominates && !peerHasNominated;
            peerHasNominated |= nominates;
        }
    }

    private boolean isPeerAggressive() {
        return peerHasNominated && !peerChecksFirst;
    }

    private boolean wins(ValidPath path, boolean isNew, int generation, StunMessage request, long nowNanos) {
        ValidPath current = selected;
        if (current == null) {
            return true;
        }
        if (generation < nominatedGeneration) {
            return false;
        }
        boolean nominates = request.useCandidate() || request.hasNomination();
        long silenceNanos = current.silenceNanos(nowNanos);
        if (current.nominatedGeneration() < generation) {
            return nominates || silenceNanos >= QUIET_NANOS;
        }
        if (silenceNanos >= lostNanos || (silenceNanos >= QUIET_NANOS && (nominates || isPeerAggressive()))) {
            return true;
        }
        if (!nominates) {
            return false;
        }
        if (greatestNomination >= 0 || request.hasNomination()) {
            return nominationOf(request) > greatestNomination;
        }
        if (isPreferred(path, request.priority(), current)) {
            return true;
        }
        if (isPeerAggressive()) {
            return isNew && isRebinding(path, request.priority(), current);
        }
        return nowNanos - selectedSinceNanos >= HOLD_NANOS;
    }

    private static long nominationOf(StunMessage request) {
        return request.hasNomination() ? request.nomination() : -1;
    }

    private static boolean isPreferred(ValidPath path, long priority, ValidPath current) {
        return priority > current.nominatedPriority()
                || (priority == current.nominatedPriority()
                        && path.path().transport() == Transport.UDP
                        && current.path().transport() == Transport.TCP);
    }

    private static boolean isRebinding(ValidPath path, long priority, ValidPath current) {
        return priority != 0
                && priority == current.nominatedPriority()
                && path.path().transport() == current.path().transport()
                && path.path().local().equals(current.path().local());
    }

    private boolean isBetterSpare(ValidPath a, ValidPath b, long nowNanos) {
        boolean aHeard = a.silenceNanos(nowNanos) < lostNanos;
        boolean bHeard = b.silenceNanos(nowNanos) < lostNanos;
        if (aHeard != bHeard) {
            return aHeard;
        }
        if (a.nominatedGeneration() != b.nominatedGeneration()) {
            return a.nominatedGeneration() > b.nominatedGeneration();
        }
        return a.lastRequestNanos() > b.lastRequestNanos();
    }
}
