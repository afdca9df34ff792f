package dev.sfu.server;

import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The command line: {@code --config}, {@code --help}, {@code --version} and a flag for every key. */
final class Flags {
    private final CommandLine command;
    private final ParseResult parsed;

    /** Reads {@code arguments}; what is wrong with them shows in {@link #config}. */
    Flags(String version, String... arguments) {
        CommandSpec spec = CommandSpec.create()
                .name("sfu-server")
                .version("sfu " + version)
                .mixinStandardHelpOptions(true);
        spec.usageMessage()
                .description("A WebRTC selective forwarding unit.", "")
                .sortOptions(false)
                .width(110)
                .footer("", "Every key can also stand in the YAML file and in the environment. Flags go over the "
                        + "environment, the environment over the file.");
        spec.parser().collectErrors(true);
        spec.addOption(OptionSpec.builder("--config")
                .paramLabel("FILE")
                .type(String.class)
                .arity("1")
                .description("YAML file with settings (" + ConfigSources.CONFIG_VARIABLE + ")")
                .build());
        ConfigKeys.ALL.forEach(key -> spec.addOption(option(key)));
        command = new CommandLine(spec);
        parsed = command.parseArgs(arguments);
    }

    /** What is to be printed instead of starting, if anything. */
    Optional<String> information() {
        if (parsed.isUsageHelpRequested()) {
            return Optional.of(command.getUsageMessage());
        }
        return parsed.isVersionHelpRequested() ? Optional.of(command.getCommandSpec().version()[0] + "\n") : Optional.empty();
    }

    /** The configuration from all three sources, or everything that is wrong with them. */
    ServerConfig config(Map<String, String> environment) throws ConfigException {
        Settings settings = new Settings();
        String file = parsed.matchedOptionValue("--config", environment.get(ConfigSources.CONFIG_VARIABLE));
        if (file != null) {
            ConfigSources.addFile(settings, file);
        }
        ConfigSources.addEnvironment(settings, environment);
        for (String argument : parsed.unmatched()) {
            settings.problem(argument + " (expected: a flag that --help lists)");
        }
        parsed.errors().stream()
                .filter(error -> !(error instanceof CommandLine.UnmatchedArgumentException))
                .forEach(error -> settings.problem(String.valueOf(error.getMessage())));
        for (ConfigKey<?> key : ConfigKeys.ALL) {
            String text = parsed.matchedOptionValue(key.flag(), (String) null);
            if (text != null) {
                settings.set(key, text, key.flag());
            }
        }
        return ServerConfig.of(settings);
    }

    private static OptionSpec option(ConfigKey<?> key) {
        OptionSpec.Builder option = OptionSpec.builder(key.flag())
                .paramLabel(key.type().label())
                .type(String.class)
                .description(key.description() + " (" + key.environmentName() + "; default: " + key.fallbackText() + ")");
        if (key.type() instanceof ValueType.Switch) {
            return option.arity("0..1").fallbackValue("true").build();
        }
        return option.arity("1").build();
    }
}
