package dev.sfu.core.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs every scenario and prints what viewers had. Whatever the network, packets must not get lost from the books and
 * no decoder may be given what it cannot understand; and every viewer must meet the scenario's targets.
 * {@code -Dbandwidth.seconds} sets the length of each run in virtual time, {@code -Dbandwidth.seed} another seed,
 * {@code -Dbandwidth.write=true} renews {@code docs/bandwidth.md}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BandwidthScenariosTest {
    private static final int SECONDS = Integer.getInteger("bandwidth.seconds", 120);
    private static final Path DOCUMENT = Path.of("..", "docs", "bandwidth.md");

    private final BandwidthTable table = new BandwidthTable();

    static List<BandwidthScenario> scenarios() {
        return BandwidthScenarios.all();
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void viewersGetWhatTheirNetworksCarry(BandwidthScenario scenario) {
        BandwidthScenario.Outcome outcome = scenario.run(SECONDS);
        table.add(outcome);
        assertEquals(List.of(), outcome.faults(), scenario::toString);
        assertEquals(List.of(), outcome.misses(), scenario::toString);
    }

    @AfterAll
    void print() throws IOException {
        System.out.println(table.text());
        if (Boolean.getBoolean("bandwidth.write")) {
            table.write(DOCUMENT);
        }
    }
}
