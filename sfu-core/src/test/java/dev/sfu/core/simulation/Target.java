package dev.sfu.core.simulation;

import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Something that every viewer of a scenario should have.
 *
 * @param what in words, with its unit
 * @param value of a viewer; not a number where it was not measured, which meets every target
 * @param least the smallest value that is good
 * @param most the largest value that is good
 */
public record Target(String what, ToDoubleFunction<ViewerResult> value, double least, double most) {
    /** Not more than that. */
    public static Target atMost(String what, ToDoubleFunction<ViewerResult> value, double most) {
        return new Target(what, value, Double.NEGATIVE_INFINITY, most);
    }

    /** Not less than that. */
    public static Target atLeast(String what, ToDoubleFunction<ViewerResult> value, double least) {
        return new Target(what, value, least, Double.POSITIVE_INFINITY);
    }

    /** Why a viewer misses it, or an empty string. */
    String miss(ViewerResult result) {
        double present = value.applyAsDouble(result);
        if (!(present < least || present > most)) {
            return "";
        }
        String bound = present < least ? "at least " + least : "at most " + most;
        return String.format(Locale.ROOT, "%s: %s: %.3f (expected: %s)", result.name(), what, present, bound);
    }
}
