package dev.sfu.core.peerconnection;

import dev.sfu.core.stats.DropCounters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ObjLongConsumer;

/** The m-sections of a connection that are in use, and the totals of those that were: totals do not fall. */
final class Transceivers {
    private final DropCounters endedDrops = new DropCounters();
    private final Map<String, Long> endedTotals = new HashMap<>();
    private List<RtpTransceiver> present = List.of();

    List<RtpTransceiver> all() {
        return present;
    }

    /** These are in use from now on; those that are not among them have ended. */
    void replace(List<RtpTransceiver> negotiated) {
        List<RtpTransceiver> former = present;
        present = List.copyOf(negotiated);
        for (RtpTransceiver transceiver : former) {
            if (!present.contains(transceiver)) {
                transceiver.addTotals((name, value) -> endedTotals.merge(name, value, Long::sum), endedDrops);
                transceiver.sender().close();
            }
        }
    }

    List<RtpSender> activeSenders() {
        return present.stream().map(RtpTransceiver::sender).filter(RtpSender::active).toList();
    }

    void addTotals(ObjLongConsumer<String> counters, DropCounters sum) {
        sum.add(endedDrops);
        endedTotals.forEach(counters::accept);
        for (RtpTransceiver transceiver : present) {
            transceiver.addTotals(counters, sum);
        }
    }

    void close() {
        for (RtpTransceiver transceiver : present) {
            transceiver.sender().close();
            transceiver.receiver().setSink(null);
        }
    }
}
