package dev.sfu.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Results of servers that took turns, and what follows from them. */
final class Comparison {
    private final List<List<Result>> results;

    /** Of so many servers, without results. */
    Comparison(int servers) {
        results = IntStream.range(0, servers).<List<Result>>mapToObj(server -> new ArrayList<>()).toList();
    }

    /** One more repetition; {@code server} counts from 0. */
    void add(int server, Result result) {
        results.get(server).add(result);
    }

    /**
     * Every repetition in the order in which they ran, so that the spread and what a median hides can be seen; then the
     * medians if there were several, and the first server's by those of each other.
     */
    List<Result> rows() {
        List<Result> rows = new ArrayList<>();
        int repetitions = results.getFirst().size();
        for (int i = 0; i < repetitions; i++) {
            for (List<Result> ofServer : results) {
                rows.add(ofServer.get(i));
            }
        }
        List<Result> medians = results.stream().map(Result::median).toList();
        if (repetitions > 1) {
            for (Result median : medians) {
                rows.add(Result.median(List.of(median))
                        .put("server", median.text("server") + ", median of " + repetitions));
            }
        }
        Result first = medians.getFirst();
        for (Result other : medians.subList(1, medians.size())) {
            rows.add(first.over(other).put("server", first.text("server") + " / " + other.text("server")));
        }
        return rows;
    }
}
