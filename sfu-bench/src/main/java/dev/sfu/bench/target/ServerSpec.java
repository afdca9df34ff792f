package dev.sfu.bench.target;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One server of a comparison and how it is started: {@code janus}, {@code sfu}, or {@code sfu[...]} with settings of its own,
 * separated by semicolons: flags of the server ({@code --rtc.shards=2}), flags of its JVM ({@code jvm=-XX:+UseZGC}), a name
 * for the report ({@code name=two-shards}) and another checkout's build of it ({@code build=/path/of/checkout}).
 *
 * @param kind {@code sfu} or {@code janus}
 * @param settings what distinguishes it in the report, empty for nothing
 * @param jvmFlags flags of its JVM, after those that all have
 * @param serverFlags flags of the server by name, over those that all have
 * @param build the checkout whose server runs, empty for the bench's own
 */
public record ServerSpec(
        String kind, String settings, List<String> jvmFlags, Map<String, String> serverFlags, String build) {
    /** The servers there are. */
    private static final List<String> KINDS = List.of("sfu", "janus");

    private static final String COLLECTOR = "-XX:[+-]Use\\w+GC";
    private static final String EXPECTED = " (expected: of " + KINDS + ", with settings as sfu[--flag=value;jvm=-Xflag])";

    /** Copies the lists. */
    public ServerSpec {
        jvmFlags = List.copyOf(jvmFlags);
        serverFlags = Map.copyOf(serverFlags);
    }

    /**
     * Reads one or more, separated by commas; the same may come again.
     *
     * @throws IllegalArgumentException if one cannot be read
     */
    public static List<ServerSpec> parseAll(String text) {
        List<ServerSpec> specs = new ArrayList<>();
        int begin = 0;
        boolean inside = false;
        for (int i = 0; i <= text.length(); i++) {
            char next = i < text.length() ? text.charAt(i) : ',';
            if (next == '[') {
                inside = true;
            } else if (next == ']') {
                inside = false;
            } else if (next == ',' && (!inside || i == text.length())) {
                specs.add(parse(text.substring(begin, i), text));
                begin = i + 1;
            }
        }
        return specs;
    }

    private static ServerSpec parse(String spec, String all) {
        int open = spec.indexOf('[');
        String kind = open < 0 ? spec : spec.substring(0, open);
        boolean closed = open < 0 || (spec.indexOf(']') == spec.length() - 1 && kind.equals("sfu"));
        if (!KINDS.contains(kind) || !closed) {
            throw new IllegalArgumentException("--target: " + all + EXPECTED);
        }
        String settings = open < 0 ? "" : spec.substring(open + 1, spec.length() - 1);
        String name = settings.replaceAll("(jvm|build)=", "").replace(';', ' ');
        String build = "";
        List<String> jvmFlags = new ArrayList<>();
        Map<String, String> serverFlags = new LinkedHashMap<>();
        for (String setting : settings.isEmpty() ? List.<String>of() : List.of(settings.split(";", -1))) {
            int equals = setting.indexOf('=');
            String value = setting.substring(equals + 1);
            if (setting.startsWith("--") && equals > 2) {
                serverFlags.put(setting.substring(0, equals), value);
            } else if (setting.startsWith("jvm=-")) {
                jvmFlags.add(value);
            } else if (setting.startsWith("name=")) {
                name = value;
            } else if (setting.startsWith("build=")) {
                build = value;
            } else {
                throw new IllegalArgumentException("--target: " + setting + EXPECTED);
            }
        }
        return new ServerSpec(kind, name, jvmFlags, serverFlags, build);
    }

    /** With settings that this one gets unless it has its own. */
    public ServerSpec over(List<String> commonJvmFlags, Map<String, String> commonServerFlags) {
        Map<String, String> flags = new LinkedHashMap<>(commonServerFlags);
        flags.putAll(serverFlags);
        return new ServerSpec(kind, settings, jvmFlags(commonJvmFlags), flags, build);
    }

    /** With one more flag of its JVM. */
    public ServerSpec withJvmFlag(String flag) {
        List<String> flags = new ArrayList<>(jvmFlags);
        flags.add(flag);
        return new ServerSpec(kind, settings, flags, serverFlags, build);
    }

    /** These flags and then its own; a JVM refuses two collectors, so its own choice takes the place of the other. */
    private List<String> jvmFlags(List<String> common) {
        boolean chooses = jvmFlags.stream().anyMatch(flag -> flag.matches(COLLECTOR));
        List<String> flags = new ArrayList<>(common);
        flags.removeIf(flag -> chooses && flag.matches(COLLECTOR));
        flags.addAll(jvmFlags);
        return flags;
    }

    /** Where its server was built. */
    Path checkout(Path own) {
        return build.isEmpty() ? own : Path.of(build);
    }
}
