package dev.sfu.admin;

import dev.sfu.core.api.EngineCounters;
import dev.sfu.core.stats.DropReason;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The engine's totals and the JVM's as Prometheus text. The engine's are copied in when somebody scrapes, so they cost
 * nothing in between; its counter {@code rtp_packets_sent} becomes {@code sfu_rtp_packets_sent_total}, its gauge
 * {@code rooms} becomes {@code sfu_rooms}, its drops {@code sfu_packets_dropped_total} by {@code reason}.
 */
final class Metrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();
    private final Map<String, AtomicLong> gauges = new HashMap<>();
    private final Map<String, AtomicLong> counters = new HashMap<>();
    private final Map<String, AtomicLong> drops = new HashMap<>();
    private final AtomicLong ready = new AtomicLong();

    Metrics() {
        // For which the JDK reads a dozen files of the container's; it was a seventh of what a scrape allocates.
        registry.config().meterFilter(MeterFilter.denyNameStartsWith("system.cpu.usage"));
        new JvmInfoMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        Gauge.builder("sfu.ready", ready, AtomicLong::get)
                .description("1 while the engine accepts participants")
                .register(registry);
        // A series that exists from the start makes rate() see the first drop.
        for (DropReason reason : DropReason.values()) {
            drop(reason.name().toLowerCase(Locale.ROOT));
        }
    }

    String scrape(boolean engineReady, EngineCounters now) {
        ready.set(engineReady ? 1 : 0);
        gauges.forEach((name, value) -> value.set(now.gauges().getOrDefault(name, 0L)));
        now.gauges().forEach((name, value) -> gauge(name).set(value));
        now.counters().forEach((name, value) -> counter(name).set(value));
        now.drops().forEach((reason, value) -> drop(reason).set(value));
        return registry.scrape();
    }

    @Override
    public void close() {
        garbageCollection.close();
        registry.close();
    }

    private AtomicLong gauge(String name) {
        return gauges.computeIfAbsent(name, key -> {
            AtomicLong value = new AtomicLong();
            Gauge.builder("sfu." + key, value, AtomicLong::get).register(registry);
            return value;
        });
    }

    private AtomicLong counter(String name) {
        return counters.computeIfAbsent(name, key -> counting("sfu." + key, Tags.empty(), "Since start"));
    }

    private AtomicLong drop(String reason) {
        return drops.computeIfAbsent(reason, key ->
                counting("sfu.packets.dropped", Tags.of("reason", key), "Packets not processed or forwarded, since start"));
    }

    private AtomicLong counting(String name, Tags tags, String description) {
        AtomicLong value = new AtomicLong();
        FunctionCounter.builder(name, value, AtomicLong::get)
                .tags(tags)
                .description(description)
                .register(registry);
        return value;
    }
}
