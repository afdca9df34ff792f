package dev.sfu.core.sdp;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An RTP header extension: {@code a=extmap} (RFC 8285 §6).
 *
 * @param id the number in the packets: 1..14 fit the one-byte form, 16..255 need the two-byte form; 4096..4351 are
 *     offers that want a number assigned
 * @param uri what the extension is
 * @param direction SENDRECV when the line says nothing
 * @param parameters extension attributes behind the URI, if any
 */
public record HeaderExtension(int id, String uri, Direction direction, @Nullable String parameters) {
    private static final int LAST_VALID_ID = 255;

    /** An extension for both directions. */
    public HeaderExtension(int id, String uri) {
        this(id, uri, Direction.SENDRECV, null);
    }

    /**
     * The extensions of an answer: those offered whose URI is supported, in the offer's order, under the offer's
     * numbers, directions seen from the other side. An inactive one is left out, and of a URI offered twice the first
     * is taken.
     */
    public static List<HeaderExtension> answer(List<HeaderExtension> offered, Set<String> supportedUris) {
        List<HeaderExtension> answered = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (HeaderExtension offer : offered) {
            if (supportedUris.contains(offer.uri) && offer.id <= LAST_VALID_ID
                    && offer.direction != Direction.INACTIVE && taken.add(offer.uri)) {
                answered.add(new HeaderExtension(offer.id, offer.uri, offer.direction.reversed(), null));
            }
        }
        return List.copyOf(answered);
    }

    static HeaderExtension parse(String value) throws SdpException {
        String uriAndParameters = Syntax.after(value, ' ');
        if (uriAndParameters == null) {
            throw SdpException.of(value, "<id>[/direction] <URI>");
        }
        String number = Syntax.before(value, ' ');
        String direction = Syntax.after(number, '/');
        int id = Syntax.integer(Syntax.before(number, '/'), 1, 4351, "extension id");
        if (id > LAST_VALID_ID && id < 4096) {
            throw SdpException.of(number, "extension id 1..255 or 4096..4351");
        }
        return new HeaderExtension(
                id,
                Syntax.word(Syntax.before(uriAndParameters, ' '), 512, "URI"),
                direction == null ? Direction.SENDRECV : Direction.parse(direction),
                Syntax.after(uriAndParameters, ' '));
    }

    String format() {
        return id + (direction == Direction.SENDRECV ? "" : "/" + direction.text()) + " " + uri
                + (parameters == null ? "" : " " + parameters);
    }
}
