package dev.sfu.bench;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Named figures of one run, in the order in which they were added. */
final class Result {
    private final Map<String, Object> values = new LinkedHashMap<>();

    Result put(String name, String value) {
        values.put(name, value);
        return this;
    }

    /** Rounded to three significant decimals below ten, one above. */
    Result put(String name, double value) {
        values.put(name, Math.abs(value) < 10 ? Math.round(value * 1e3) / 1e3 : Math.round(value * 10) / 10.0);
        return this;
    }

    Result put(String name, long value) {
        values.put(name, value);
        return this;
    }

    String json() {
        StringBuilder json = new StringBuilder("{");
        values.forEach((name, value) -> {
            json.append(json.length() > 1 ? ", \"" : "\"").append(name).append("\": ");
            if (value instanceof String text) {
                json.append('"').append(text.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
            } else {
                json.append(value);
            }
        });
        return json.append('}').toString();
    }

    /** For a Markdown table: the names. */
    String head() {
        String names = "| " + String.join(" | ", values.keySet()) + " |";
        return names + "\n|" + "---|".repeat(values.size());
    }

    /** For a Markdown table: the values. */
    String row() {
        StringBuilder row = new StringBuilder("|");
        values.values().forEach(value -> row.append(String.format(Locale.ROOT, " %s |", value)));
        return row.toString();
    }
}
