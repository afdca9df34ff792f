package dev.sfu.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Values gathered from the sources, later ones over earlier ones, and everything that is wrong with them. */
final class Settings {
    private static final Map<String, ConfigKey<?>> BY_NAME =
            ConfigKeys.ALL.stream().collect(Collectors.toMap(ConfigKey::name, Function.identity()));

    private final Map<ConfigKey<?>, Object> values = new HashMap<>();
    private final List<String> problems = new ArrayList<>();

    /** Takes a value by the key's name. */
    void set(String name, String text, String source) {
        ConfigKey<?> key = BY_NAME.get(name);
        if (key == null) {
            problem(name + ": " + text + " (expected: a key that --help lists; from " + source + ")");
        } else {
            set(key, text, source);
        }
    }

    /** Takes a value. */
    void set(ConfigKey<?> key, String text, String source) {
        Optional<?> value = key.type().parse(text);
        if (value.isPresent()) {
            values.put(key, value.get());
            return;
        }
        String shown = key.type() instanceof ValueType.Secret ? "not shown" : text;
        problem(key.name() + ": " + shown + " (expected: " + key.type().expected() + "; from " + source + ")");
    }

    void problem(String sentence) {
        problems.add(sentence);
    }

    /** What {@code parts} makes, or empty after noting what it objects to. */
    <T> Optional<T> check(Supplier<T> parts) {
        try {
            return Optional.of(parts.get());
        } catch (IllegalArgumentException refused) {
            problem(String.valueOf(refused.getMessage()));
            return Optional.empty();
        }
    }

    <T> Optional<T> find(ConfigKey<T> key) {
        @SuppressWarnings("unchecked") // set() put in what the key's type had parsed
        T value = (T) values.get(key);
        return Optional.ofNullable(value).or(() -> Optional.ofNullable(key.fallback()));
    }

    /** The value of a key that has a fallback. */
    <T> T get(ConfigKey<T> key) {
        return find(key).orElseThrow(() -> new IllegalStateException(key.name() + " has no fallback"));
    }

    /** Throws when anything is wrong. */
    void refuseProblems() throws ConfigException {
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }
}
