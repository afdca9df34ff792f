package dev.sfu.core.sdp;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A restriction identifier, the name of one encoding: {@code a=rid} (RFC 8851).
 *
 * @param id letters, digits, {@code -} and {@code _}
 * @param send whether the writer sends it; otherwise it receives it
 * @param payloadTypes the payload types it may use; empty for all of the section
 * @param restrictions {@code max-width=1280} and the like, as written, in order
 */
public record Rid(String id, boolean send, List<Integer> payloadTypes, List<String> restrictions) {
    /** RFC 8852 lets it be longer, but a one-byte header extension does not. */
    static final int ID_LIMIT = 64;

    private static final int RESTRICTION_LIMIT = 32;

    /** Copies the lists. */
    public Rid {
        payloadTypes = List.copyOf(payloadTypes);
        restrictions = List.copyOf(restrictions);
    }

    /**
     * This offered identifier from the other side, limited to the payload types that were answered; restrictions are
     * the offerer's promise about what it sends and are repeated (RFC 8851 §6.3).
     *
     * @return null when none of its payload types was answered
     */
    public @Nullable Rid answer(Set<Integer> answeredPayloadTypes) {
        List<Integer> kept = new ArrayList<>(payloadTypes);
        kept.retainAll(answeredPayloadTypes);
        if (kept.isEmpty() && !payloadTypes.isEmpty()) {
            return null;
        }
        return new Rid(id, !send, kept, restrictions);
    }

    static String parseId(String text) throws SdpException {
        boolean ok = !text.isEmpty() && text.length() <= ID_LIMIT;
        for (int i = 0; ok && i < text.length(); i++) {
            char c = text.charAt(i);
            ok = Syntax.isLetterOrDigit(c) || c == '-' || c == '_';
        }
        if (!ok) {
            throw SdpException.of(text, "rid of letters, digits, - and _");
        }
        return text;
    }

    static Rid parse(String value) throws SdpException {
        List<String> words = Syntax.split(value, ' ', 3, "words in a rid line");
        if (words.size() < 2 || !(words.get(1).equals("send") || words.get(1).equals("recv"))) {
            throw SdpException.of(value, "<id> send|recv [restrictions]");
        }
        List<Integer> payloadTypes = new ArrayList<>();
        List<String> restrictions = new ArrayList<>();
        if (words.size() == 3) {
            for (String restriction : Syntax.split(words.get(2), ';', RESTRICTION_LIMIT, "restrictions")) {
                if (restriction.startsWith("pt=") && payloadTypes.isEmpty()) {
                    for (String number : Syntax.split(restriction.substring(3), ',', 128, "payload types")) {
                        payloadTypes.add(Syntax.integer(number, 0, 127, "payload type"));
                    }
                } else {
                    restrictions.add(Syntax.word(restriction, 128, "restriction"));
                }
            }
        }
        return new Rid(parseId(words.get(0)), words.get(1).equals("send"), payloadTypes, restrictions);
    }

    String format() {
        StringBuilder out = new StringBuilder(id).append(send ? " send" : " recv");
        char separator = ' ';
        if (!payloadTypes.isEmpty()) {
            out.append(" pt=");
            for (int i = 0; i < payloadTypes.size(); i++) {
                out.append(i == 0 ? "" : ",").append(payloadTypes.get(i));
            }
            separator = ';';
        }
        for (String restriction : restrictions) {
            out.append(separator).append(restriction);
            separator = ';';
        }
        return out.toString();
    }
}
