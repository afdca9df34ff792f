package dev.sfu.bench;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

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

    /** A figure that was put in; 0 if there is none of that name. */
    double number(String name) {
        return values.get(name) instanceof Number figure ? figure.doubleValue() : 0;
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

    /** The figure in the middle of those that repetitions have, each by itself; texts are those of the first one. */
    static Result median(List<Result> repetitions) {
        Result median = new Result();
        repetitions.getFirst().values.forEach((name, value) -> {
            List<Number> figures = repetitions.stream()
                    .flatMap(result -> result.values.get(name) instanceof Number figure ? Stream.of(figure) : Stream.of())
                    .sorted(Comparator.comparingDouble(Number::doubleValue))
                    .toList();
            if (figures.isEmpty()) {
                median.values.put(name, value);
            } else if (figures.size() % 2 == 1) {
                median.values.put(name, figures.get(figures.size() / 2));
            } else {
                int upper = figures.size() / 2;
                median.put(name, (figures.get(upper - 1).doubleValue() + figures.get(upper).doubleValue()) / 2);
            }
        });
        return median;
    }

    /** Figures divided by those of {@code other}, where both have them and the other's is not zero; texts as they are. */
    Result over(Result other) {
        Result ratio = new Result();
        values.forEach((name, value) -> {
            if (value instanceof String) {
                ratio.values.put(name, value);
            } else if (value instanceof Number mine
                    && other.values.get(name) instanceof Number others
                    && others.doubleValue() != 0) {
                ratio.put(name, mine.doubleValue() / others.doubleValue());
            }
        });
        return ratio;
    }

    String text(String name) {
        return String.valueOf(values.get(name));
    }

    /** A Markdown table with a column for each name that occurs, and dashes where a row has no such value. */
    static String table(List<Result> rows) {
        Set<String> names = new LinkedHashSet<>();
        rows.forEach(row -> names.addAll(row.values.keySet()));
        StringBuilder table = new StringBuilder("| " + String.join(" | ", names) + " |\n|" + "---|".repeat(names.size()));
        for (Result row : rows) {
            table.append("\n|");
            names.forEach(name -> table.append(' ').append(row.values.getOrDefault(name, "–")).append(" |"));
        }
        return table.toString();
    }
}
