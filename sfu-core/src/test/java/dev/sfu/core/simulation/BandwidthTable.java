package dev.sfu.core.simulation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Outcomes as a Markdown table, for people and for {@code docs/bandwidth.md}. */
final class BandwidthTable {
    private static final String HEAD = """
            | scenario | viewer | used | wait mean / p95 / max ms | refused | estimate off | settles s | unsteady | \
            lines × fps | best layer | freezes | frozen | longest s | switches/min | delay p95 ms | sound made up | \
            sound delay ms | RTX |
            |---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
            """;
    private static final String MARK = "<!-- What follows is generated. -->\n\n";
    private static final String PREFACE = """
            ## What viewers get on bad networks

            The real server in a simulated network, in virtual time: links with a bottleneck, a queue, delay, jitter
            and loss; publishers and viewers that encode, repair and decode like libwebrtc. The same seed gives the
            same figures.

            ```
            ./mvnw -pl sfu-core verify -Dtest=BandwidthScenariosTest -Dbandwidth.seconds=600 -Dbandwidth.write=true
            ```

            - **used**: bits that arrived, of those that the downlink had for us, or of everybody's largest layer and sound
              where that is less. Where the next layer does not fit, what is left cannot be used.
            - **wait**: of our packets before the bottleneck; the delay that we add ourselves.
            - **refused**: packets that the full queue dropped.
            - **estimate off**, **settles**, **unsteady**: the server's estimate of the downlink: mean distance from
              what it could be; time from a change of capacity until it stays within a quarter of that, mean / longest;
              mean change from second to second (of what arrives, where there is no estimate).
            - **lines × fps**: height of the pictures and frames per second, averaged over the whole time, blank
              seconds as 0.
            - **best layer**: seconds in which at least the best simulcast layer that fits was shown.
            - **freezes**, **frozen**: `freezeCount` and `totalFreezesDuration` of webrtc-stats, the latter as a share
              of time, and the longest.
            - **sound made up**: share of the time in which the listener heard concealment.
            - **RTX**: retransmissions that arrived, as a share of the packets of the streams themselves.

            """;

    private final StringBuilder rows = new StringBuilder();
    private final List<String> descriptions = new ArrayList<>();

    void add(BandwidthScenario.Outcome outcome) {
        BandwidthScenario scenario = outcome.scenario();
        descriptions.add("- **%s** (%d s, seed %d): %s"
                .formatted(scenario.name(), (long) outcome.seconds(), scenario.seed(), scenario.what()));
        for (ViewerResult viewer : outcome.viewers()) {
            rows.append(row(scenario.name(), viewer));
        }
    }

    static String row(String scenario, ViewerResult r) {
        return "| " + String.join(" | ", List.of(
                scenario,
                r.name(),
                percent(r.utilisation()),
                "%s / %s / %s".formatted(plain(r.waitMeanMillis()), plain(r.waitP95Millis()), plain(r.waitMaxMillis())),
                percent(r.queueDropShare()),
                percent(r.estimateError()),
                Double.isNaN(r.convergeSeconds())
                        ? "–"
                        : "%s / %s".formatted(plain(r.convergeSeconds()), plain(r.convergeMaxSeconds())),
                percent(r.oscillation()),
                "%s × %s".formatted(plain(r.meanHeight()), plain(r.framesPerSecond())),
                percent(r.idealShare()),
                String.valueOf(r.freezes()),
                percent(r.frozenShare()),
                decimal(r.longestFreezeSeconds()),
                decimal(r.switchesPerMinute()),
                plain(r.delayP95Millis()),
                percent(r.concealedShare()),
                plain(r.audioDelayMillis()),
                percent(r.rtxShare()))) + " |\n";
    }

    private static String plain(double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.0f", value);
    }

    private static String decimal(double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.1f", value);
    }

    private static String percent(double share) {
        if (Double.isNaN(share)) {
            return "–";
        }
        return String.format(Locale.ROOT, share < 0.095 ? "%.1f %%" : "%.0f %%", 100 * share);
    }

    String text() {
        return HEAD + rows;
    }

    /** Renews the document from the mark on; what people wrote above it stays. */
    void write(Path file) throws IOException {
        String present = Files.exists(file) ? Files.readString(file) : "# Bandwidth\n";
        int mark = present.indexOf(MARK);
        String written = mark < 0 ? present + "\n" : present.substring(0, mark);
        Files.writeString(file, written + MARK + PREFACE + String.join("\n", descriptions) + "\n\n" + text());
    }
}
