package dev.sfu.server;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How the text of a setting becomes a value.
 *
 * @param <T> the values
 */
sealed interface ValueType<T> {
    /** The value, or empty when the text is not one. */
    Optional<T> parse(String text);

    /** What {@link #parse} takes, for people. */
    String expected();

    /** The placeholder in {@code --help}. */
    String label();

    /** A name or address. */
    record Text() implements ValueType<String> {
        @Override
        public Optional<String> parse(String text) {
            return text.isBlank() ? Optional.empty() : Optional.of(text);
        }

        @Override
        public String expected() {
            return "text";
        }

        @Override
        public String label() {
            return "TEXT";
        }
    }

    /** Text that is never shown. */
    record Secret() implements ValueType<String> {
        @Override
        public Optional<String> parse(String text) {
            return text.isBlank() ? Optional.empty() : Optional.of(text);
        }

        @Override
        public String expected() {
            return "a secret that is not blank";
        }

        @Override
        public String label() {
            return "SECRET";
        }
    }

    /** A whole number; {@code off} stands for -1 where that is allowed. */
    record Whole(int least, int most) implements ValueType<Integer> {
        @Override
        public Optional<Integer> parse(String text) {
            // YAML 1.1 reads an unquoted off as false.
            if (least == -1 && (text.equalsIgnoreCase("off") || text.equals("false"))) {
                return Optional.of(-1);
            }
            try {
                int value = Integer.parseInt(text);
                return value < least || value > most ? Optional.empty() : Optional.of(value);
            } catch (NumberFormatException notANumber) {
                return Optional.empty();
            }
        }

        @Override
        public String expected() {
            return least == -1 ? "0 to " + most + ", or off" : least + " to " + most;
        }

        @Override
        public String label() {
            return "NUMBER";
        }
    }

    /** Yes or no. */
    record Switch() implements ValueType<Boolean> {
        @Override
        public Optional<Boolean> parse(String text) {
            return switch (text.toLowerCase(Locale.ROOT)) {
                case "true" -> Optional.of(true);
                case "false" -> Optional.of(false);
                default -> Optional.empty();
            };
        }

        @Override
        public String expected() {
            return "true or false";
        }

        @Override
        public String label() {
            return "BOOLEAN";
        }
    }

    /** A file that can be read now. */
    record ReadableFile() implements ValueType<Path> {
        @Override
        public Optional<Path> parse(String text) {
            Path path = Path.of(text);
            return Files.isRegularFile(path) && Files.isReadable(path) ? Optional.of(path) : Optional.empty();
        }

        @Override
        public String expected() {
            return "a readable file";
        }

        @Override
        public String label() {
            return "FILE";
        }
    }

    /** One of a few words. */
    record OneOf(List<String> words) implements ValueType<String> {
        @Override
        public Optional<String> parse(String text) {
            String word = text.toLowerCase(Locale.ROOT);
            return words.contains(word) ? Optional.of(word) : Optional.empty();
        }

        @Override
        public String expected() {
            return String.join(", ", words);
        }

        @Override
        public String label() {
            return "WORD";
        }
    }

    /** IP addresses; names are refused, because what they resolve to may change. */
    record Addresses() implements ValueType<List<InetAddress>> {
        @Override
        public Optional<List<InetAddress>> parse(String text) {
            try {
                return Optional.of(Stream.of(text.split(",", -1))
                        .map(String::trim)
                        .map(InetAddress::ofLiteral)
                        .toList());
            } catch (IllegalArgumentException notAnAddress) {
                return Optional.empty();
            }
        }

        @Override
        public String expected() {
            return "IP addresses with commas between them";
        }

        @Override
        public String label() {
            return "ADDRESSES";
        }
    }
}
