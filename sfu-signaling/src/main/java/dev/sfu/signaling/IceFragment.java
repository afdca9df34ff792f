package dev.sfu.signaling;

import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an {@code application/trickle-ice-sdpfrag} body (RFC 8840 section 9) says, as far as WHIP and WHEP use it.
 *
 * @param usernameFragment the ICE generation it belongs to, when said
 * @param candidates in order
 * @param endOfCandidates whether no more will come
 */
record IceFragment(@Nullable String usernameFragment, List<Candidate> candidates, boolean endOfCandidates) {
    private static final int MAX_CANDIDATES = 64;
    private static final int MAX_LINE_CHARACTERS = 1024;

    /**
     * A candidate.
     *
     * @param candidate the attribute with its name, as {@code candidate:…}
     * @param mid the m-section it stands under, when that names one
     */
    record Candidate(String candidate, @Nullable String mid) {}

    IceFragment {
        candidates = List.copyOf(candidates);
    }

    /** Reads a fragment; fails with {@link ErrorCode#BAD_SDP}. */
    static IceFragment parse(String text) {
        String usernameFragment = null;
        String mid = null;
        boolean end = false;
        List<Candidate> candidates = new ArrayList<>();
        for (String line : text.lines().toList()) {
            if (line.isEmpty()) {
                continue;
            }
            if (line.length() > MAX_LINE_CHARACTERS || line.length() < 2 || line.charAt(1) != '=') {
                throw new EngineException(ErrorCode.BAD_SDP, "sdpfrag: a line that is no SDP");
            }
            if (line.startsWith("m=")) {
                mid = null;
            } else if (line.startsWith("a=mid:")) {
                mid = line.substring("a=mid:".length());
            } else if (line.startsWith("a=ice-ufrag:")) {
                usernameFragment = line.substring("a=ice-ufrag:".length());
            } else if (line.startsWith("a=candidate:")) {
                candidates.add(new Candidate(line.substring("a=".length()), mid));
            } else if (line.equals("a=end-of-candidates")) {
                end = true;
            }
        }
        if (candidates.size() > MAX_CANDIDATES) {
            throw new EngineException(
                    ErrorCode.BAD_SDP,
                    "candidates: " + candidates.size() + " (expected: at most " + MAX_CANDIDATES + ")");
        }
        return new IceFragment(usernameFragment, candidates, end);
    }

    /** The first ICE username fragment of an offer, or null. */
    static @Nullable String usernameFragmentOf(String offer) {
        int at = offer.indexOf("a=ice-ufrag:");
        if (at < 0) {
            return null;
        }
        int start = at + "a=ice-ufrag:".length();
        int end = start;
        while (end < offer.length() && offer.charAt(end) != '\r' && offer.charAt(end) != '\n') {
            end++;
        }
        return offer.substring(start, end);
    }
}
