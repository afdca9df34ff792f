package dev.sfu.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Values gathered from the sources, later ones over earlier ones, and everything that is wrong with them. */
final class Settings {
    private static final Map<String, ConfigKey<?>> BY_NAME =
            ConfigKeys.ALL.stream().collect(Collectors.toMap(ConfigKey::name, Function.identity()));

    private final Map<ConfigKey<?>, Object> values = new HashMap<>();
    private final Map<String, Map<ConfigKey<?>, Integer>> roomValues = new TreeMap<>();
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

    /** Takes a value for one room; {@code name} is the key's without {@code rtc} before it. */
    void setForRoom(String room, String name, String text, String source) {
        String path = "rtc.rooms." + room + (name.isEmpty() ? "" : "." + name);
        for (ConfigKey<Integer> key : ConfigKeys.BY_ROOM) {
            if (key.name().equals("rtc." + name)) {
                Optional<Integer> value = key.type().parse(text);
                value.ifPresentOrElse(
                        number -> roomValues.computeIfAbsent(room, r -> new HashMap<>()).put(key, number),
                        () -> problem(path + ": " + text + " (expected: " + key.type().expected() + "; from " + source + ")"));
                return;
            }
        }
        String keys = ConfigKeys.BY_ROOM.stream().map(key -> key.name().substring("rtc.".length()))
                .collect(Collectors.joining(", "));
        problem(path + ": " + text + " (expected: one of " + keys + " below the room; from " + source + ")");
    }

    /** The rooms that have values of their own. */
    Set<String> rooms() {
        return roomValues.keySet();
    }

    /** The value in one room. */
    int getForRoom(String room, ConfigKey<Integer> key) {
        Integer own = roomValues.getOrDefault(room, Map.of()).get(key);
        return own == null ? get(key) : own;
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
