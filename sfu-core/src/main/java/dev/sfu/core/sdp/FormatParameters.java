package dev.sfu.core.sdp;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The value of an {@code a=fmtp} line behind the payload type (RFC 8866 §6.15): mostly {@code name=value} pairs joined
 * by semicolons, but {@code 0-16} for telephone-event and {@code 111/111} for RED.
 *
 * @param text as it stands in the line; empty when there is no line
 */
public record FormatParameters(String text) {
    /** No fmtp line. */
    public static final FormatParameters NONE = new FormatParameters("");

    /** Whether there is no fmtp line. */
    public boolean isEmpty() {
        return text.isEmpty();
    }

    /** The value of a parameter, its name in any case; empty for a bare word, null when it is not there. */
    public @Nullable String get(String name) {
        return toMap().get(name.toLowerCase(Locale.ROOT));
    }

    /** The parameters in order, names in lower case, the first of equal names; a bare word has the value "". */
    public Map<String, String> toMap() {
        Map<String, String> parameters = new LinkedHashMap<>();
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf(';', start);
            end = end < 0 ? text.length() : end;
            String pair = text.substring(start, end).strip();
            if (!pair.isEmpty()) {
                String value = Syntax.after(pair, '=');
                String name = Syntax.before(pair, '=').strip().toLowerCase(Locale.ROOT);
                parameters.putIfAbsent(name, value == null ? "" : value.strip());
            }
            start = end + 1;
        }
        return Collections.unmodifiableMap(parameters);
    }

    /** Parameters in the order of the map, joined as browsers join them; an empty value makes a bare word. */
    public static FormatParameters of(Map<String, String> parameters) {
        StringBuilder out = new StringBuilder();
        parameters.forEach((name, value) -> {
            out.append(out.isEmpty() ? "" : ";").append(name);
            if (!value.isEmpty()) {
                out.append('=').append(value);
            }
        });
        return new FormatParameters(out.toString());
    }
}
