package dev.sfu.bench;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code scenario --key=value ...}. */
final class Options {
    private final String scenario;
    private final Map<String, String> values;

    private Options(String scenario, Map<String, String> values) {
        this.scenario = scenario;
        this.values = values;
    }

    /**
     * Reads a command line.
     *
     * @throws IllegalArgumentException if it has another form
     */
    static Options parse(List<String> arguments) {
        if (arguments.isEmpty() || arguments.getFirst().startsWith("-")) {
            throw new IllegalArgumentException("arguments: " + arguments + " (expected: scenario --key=value ...)");
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (String argument : arguments.subList(1, arguments.size())) {
            int equals = argument.indexOf('=');
            if (!argument.startsWith("--") || equals < 3) {
                throw new IllegalArgumentException("argument: " + argument + " (expected: --key=value)");
            }
            values.put(argument.substring(2, equals), argument.substring(equals + 1));
        }
        return new Options(arguments.getFirst(), values);
    }

    String scenario() {
        return scenario;
    }

    String text(String key, String fallback) {
        String value = values.remove(key);
        return value == null ? fallback : value;
    }

    int number(String key, int fallback) {
        String value = values.remove(key);
        try {
            return value == null ? fallback : Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--" + key + ": " + value + " (expected: a number)", e);
        }
    }

    /** A number that is at least {@code least}. */
    int numberFrom(String key, int least, int fallback) {
        int number = number(key, fallback);
        if (number < least) {
            throw new IllegalArgumentException("--" + key + ": " + number + " (expected: at least " + least + ")");
        }
        return number;
    }

    /** One of an enumeration's constants, in lower case. */
    <T extends Enum<T>> T choice(String key, T fallback) {
        String value = text(key, lowerCase(fallback));
        T[] constants = fallback.getDeclaringClass().getEnumConstants();
        return Arrays.stream(constants)
                .filter(constant -> lowerCase(constant).equals(value))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--" + key + ": " + value + " (expected: of "
                        + Arrays.stream(constants).map(Options::lowerCase).toList() + ")"));
    }

    private static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** Words separated by blanks. */
    List<String> words(String key) {
        String value = text(key, "").strip();
        return value.isEmpty() ? List.of() : List.of(value.split("\\s+", -1));
    }

    /** Refuses what has not been asked for. */
    void requireNoneLeft() {
        if (!values.isEmpty()) {
            throw new IllegalArgumentException("unknown: " + values.keySet());
        }
    }
}
