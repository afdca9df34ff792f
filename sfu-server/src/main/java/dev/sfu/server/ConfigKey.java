package dev.sfu.server;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One setting.
 *
 * @param <T> its values
 * @param name its name in YAML (nested at the dots) and as a flag
 * @param type how its text is read
 * @param fallback the value without any setting, or null when there is none or other settings decide
 * @param fallbackText {@code fallback} for people
 * @param description one sentence without a full stop
 */
record ConfigKey<T>(String name, ValueType<T> type, @Nullable T fallback, String fallbackText, String description) {
    /** {@code rtc.tcpPort} is {@code SFU_RTC_TCP_PORT}: words part at dots and where the case changes. */
    String environmentName() {
        return "SFU_" + name.replace('.', '_').replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT);
    }

    /** {@code --rtc.tcpPort}. */
    String flag() {
        return "--" + name;
    }
}
