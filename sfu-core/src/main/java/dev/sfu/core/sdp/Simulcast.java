package dev.sfu.core.sdp;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The {@code a=simulcast} line (RFC 8853 §5.1): per direction an ordered list of streams, each a list of alternative
 * formats in order of preference. The order of streams is preference too, not resolution.
 *
 * @param send the streams the writer sends
 * @param receive the streams the writer receives
 */
public record Simulcast(List<List<Format>> send, List<List<Format>> receive) {
    private static final int STREAM_LIMIT = 32;

    /** Copies the lists. */
    public Simulcast {
        send = send.stream().map(List::copyOf).toList();
        receive = receive.stream().map(List::copyOf).toList();
    }

    /**
     * One encoding of a simulcast stream.
     *
     * @param rid the identifier of its {@code a=rid} line
     * @param paused whether it starts paused ({@code ~})
     */
    public record Format(String rid, boolean paused) {
        String format() {
            return paused ? "~" + rid : rid;
        }
    }

    /**
     * The line of a server that takes every stream the offerer sends: {@code send a;~b;c} becomes
     * {@code recv a;~b;c}. Formats without an accepted rid are dropped (RFC 8853 §5.2). The pause is repeated, because
     * its absence would switch on, in Chromium, an encoding that the page had made inactive.
     *
     * @param acceptedRids the identifiers the answer has {@code a=rid} lines for
     * @return null when no stream is left
     */
    public @Nullable Simulcast answer(Set<String> acceptedRids) {
        List<List<Format>> received = new ArrayList<>();
        for (List<Format> stream : send) {
            List<Format> kept = stream.stream()
                    .filter(format -> acceptedRids.contains(format.rid))
                    .toList();
            if (!kept.isEmpty()) {
                received.add(kept);
            }
        }
        return received.isEmpty() ? null : new Simulcast(List.of(), received);
    }

    static Simulcast parse(String value) throws SdpException {
        List<String> words = Syntax.split(value, ' ', 4, "words in a simulcast line");
        List<List<Format>> send = List.of();
        List<List<Format>> receive = List.of();
        if (words.size() % 2 != 0 || (words.size() == 4 && words.get(0).equals(words.get(2)))) {
            throw SdpException.of(value, "send <streams> and recv <streams>, or one of them");
        }
        for (int i = 0; i < words.size(); i += 2) {
            switch (words.get(i)) {
                case "send" -> send = streams(words.get(i + 1));
                case "recv" -> receive = streams(words.get(i + 1));
                default -> throw SdpException.of(words.get(i), "send or recv");
            }
        }
        return new Simulcast(send, receive);
    }

    private static List<List<Format>> streams(String text) throws SdpException {
        List<List<Format>> streams = new ArrayList<>();
        for (String stream : Syntax.split(text, ';', STREAM_LIMIT, "simulcast streams")) {
            List<Format> formats = new ArrayList<>();
            for (String format : Syntax.split(stream, ',', STREAM_LIMIT, "alternatives")) {
                boolean paused = format.startsWith("~");
                formats.add(new Format(Rid.parseId(paused ? format.substring(1) : format), paused));
            }
            streams.add(formats);
        }
        return streams;
    }

    String format() {
        StringBuilder out = new StringBuilder();
        append(out, "send ", send);
        append(out, "recv ", receive);
        return out.toString();
    }

    private static void append(StringBuilder out, String word, List<List<Format>> streams) {
        if (streams.isEmpty()) {
            return;
        }
        out.append(out.isEmpty() ? "" : " ").append(word);
        for (int i = 0; i < streams.size(); i++) {
            out.append(i == 0 ? "" : ";");
            List<Format> stream = streams.get(i);
            for (int j = 0; j < stream.size(); j++) {
                out.append(j == 0 ? "" : ",").append(stream.get(j).format());
            }
        }
    }
}
