package dev.sfu.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Reads the YAML file and the environment into {@link Settings}. */
final class ConfigSources {
    /** Names the YAML file in the environment; {@code --config} goes over it. */
    static final String CONFIG_VARIABLE = "SFU_CONFIG";

    private static final String ROOMS = "rtc.rooms";
    private static final Map<String, ConfigKey<?>> BY_VARIABLE =
            ConfigKeys.ALL.stream().collect(Collectors.toMap(ConfigKey::environmentName, Function.identity()));

    private ConfigSources() {}

    /** Adds what the file says. */
    static void addFile(Settings settings, String file) {
        Path path = Path.of(file);
        if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
            settings.problem("config: " + file + " (expected: a readable file)");
            return;
        }
        YAMLMapper yaml = YAMLMapper.builder(YAMLFactory.builder()
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .build())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
        try {
            JsonNode root = yaml.readTree(path.toFile());
            if (root.isObject()) {
                addObject(settings, "", root, file);
            } else if (!root.isMissingNode() && !root.isNull()) {
                settings.problem("config: " + file + " (expected: YAML with keys, not a single value or list)");
            }
        } catch (JsonProcessingException malformed) {
            String message = String.valueOf(malformed.getOriginalMessage()).lines().findFirst().orElse("");
            int line = malformed.getLocation() == null ? 0 : malformed.getLocation().getLineNr();
            settings.problem("config: " + file + ", line " + line + ": " + message + " (expected: YAML)");
        } catch (IOException unreadable) {
            settings.problem("config: " + file + ": " + unreadable.getMessage() + " (expected: a readable file)");
        }
    }

    /** Adds the {@code SFU_…} variables. */
    static void addEnvironment(Settings settings, Map<String, String> environment) {
        environment.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(variable -> {
            String name = variable.getKey();
            ConfigKey<?> key = BY_VARIABLE.get(name);
            if (key != null) {
                settings.set(key, variable.getValue(), name);
            } else if (name.startsWith("SFU_") && !name.equals(CONFIG_VARIABLE)) {
                settings.problem(name + ": " + variable.getValue() + " (expected: a variable that --help lists"
                        + kubernetesHint(name, variable.getValue()) + ")");
            }
        });
    }

    /** Kubernetes gives every container variables named after the Services of its namespace. */
    private static String kubernetesHint(String name, String value) {
        return name.contains("_SERVICE_") || value.matches("(tcp|udp|sctp)://.*") || name.matches(".*_(TCP|UDP)_\\w+")
                ? "; Kubernetes makes this one from a Service: set enableServiceLinks to false"
                : "";
    }

    private static void addObject(Settings settings, String prefix, JsonNode object, String file) {
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            String name = prefix + member.getKey();
            JsonNode value = member.getValue();
            if (name.equals(ROOMS)) {
                addRooms(settings, value, file);
            } else if (value.isObject()) {
                addObject(settings, name + ".", value, file);
            } else if (value.isArray()) {
                List<String> elements = new ArrayList<>();
                value.forEach(element -> elements.add(text(element)));
                settings.set(name, String.join(",", elements), file);
            } else if (!(isNothing(value) && isSection(name))) {
                settings.set(name, value.asText(), file);
            }
        }
    }

    /** Rooms may have dots in their names, so these are not keys with a path. */
    private static void addRooms(Settings settings, JsonNode rooms, String file) {
        if (rooms.isArray() || (rooms.isValueNode() && !isNothing(rooms))) {
            settings.problem(ROOMS + ": " + rooms + " (expected: names of rooms with settings below; from " + file + ")");
        }
        for (Map.Entry<String, JsonNode> room : rooms.properties()) {
            if (room.getValue().isObject()) {
                addRoom(settings, room.getKey(), "", room.getValue(), file);
            } else if (room.getValue().isArray() || !isNothing(room.getValue())) {
                settings.setForRoom(room.getKey(), "", text(room.getValue()), file);
            }
        }
    }

    private static void addRoom(Settings settings, String room, String prefix, JsonNode object, String file) {
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            String name = prefix + member.getKey();
            if (member.getValue().isObject()) {
                addRoom(settings, room, name + ".", member.getValue(), file);
            } else {
                settings.setForRoom(room, name, text(member.getValue()), file);
            }
        }
    }

    private static String text(JsonNode value) {
        return value.isValueNode() ? value.asText() : value.toString();
    }

    private static boolean isNothing(JsonNode value) {
        return value.isNull() || value.asText().isEmpty();
    }

    /** Whether this is a part of keys' names: {@code http:} with everything below commented out is fine. */
    private static boolean isSection(String name) {
        return ConfigKeys.ALL.stream().anyMatch(key -> key.name().startsWith(name + "."));
    }
}
