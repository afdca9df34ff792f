package dev.sfu.core.sdp;

import org.jspecify.annotations.Nullable;

/**
 * An {@code a=} line that no other value of this package models; kept as it came.
 *
 * @param name what stands before the first colon
 * @param value what stands behind it, blanks included; null for a property attribute without a colon
 */
public record Attribute(String name, @Nullable String value) {
    static Attribute parse(String text) throws SdpException {
        String name = Syntax.token(Syntax.before(text, ':'), 64, "attribute name");
        return new Attribute(name, Syntax.after(text, ':'));
    }

    String requiredValue() throws SdpException {
        if (value == null || value.isEmpty()) {
            throw SdpException.of(name, name + " with a value");
        }
        return value;
    }

    String format() {
        return value == null ? name : name + ":" + value;
    }
}
