package dev.sfu.signaling;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.cfg.EnumFeature;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** JSON text to {@link ClientMessage} and {@link ServerMessage} to JSON text. Immutable, safe for any thread. */
final class MessageCodec {
    private static final int MAX_NESTING = 8;
    private static final int MAX_ECHOED_CHARACTERS = 200;

    /** As {@link ClientMessage} lists them. */
    private static final Map<Class<?>, String> TYPES = types();
    private static final String EXPECTED_TYPES = " (expected: one of " + String.join(", ", TYPES.values()) + ")";

    private final ObjectReader reader;
    private final ObjectReader treeReader;
    private final ObjectWriter writer;
    private final ObjectWriter plainWriter;

    /** Accepts strings of up to {@code maxMessageBytes}. */
    MessageCodec(int maxMessageBytes) {
        JsonFactory factory = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_NESTING)
                        .maxStringLength(maxMessageBytes)
                        .build())
                // Error messages must not quote what an SDP contains.
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .build();
        JsonMapper mapper = JsonMapper.builder(factory)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .defaultPropertyInclusion(JsonInclude.Value.construct(
                        JsonInclude.Include.NON_NULL, JsonInclude.Include.USE_DEFAULTS))
                .build();
        reader = mapper.readerFor(ClientMessage.class);
        treeReader = mapper.reader();
        writer = mapper.writerFor(ServerMessage.class);
        plainWriter = mapper.writer();
    }

    /** Reads one message; fails with {@link ErrorCode#BAD_REQUEST}. */
    ClientMessage read(String json) {
        ClientMessage message;
        try {
            message = reader.readValue(json);
        } catch (InvalidTypeIdException e) {
            throw bad(e.getTypeId() == null
                    ? "type: missing" + EXPECTED_TYPES
                    : "type: " + printable(e.getTypeId()) + EXPECTED_TYPES);
        } catch (JsonMappingException e) {
            if (e.getCause() instanceof EngineException refusal) {
                throw refusal;
            }
            throw bad(path(e) + printable(e.getOriginalMessage()));
        } catch (JsonProcessingException e) {
            throw bad("not JSON: " + printable(e.getOriginalMessage()));
        }
        if (message == null) {
            throw bad("not an object");
        }
        return message;
    }

    /** What to say of a message that {@link #read} refused: of which type and, if an offer, which one, as far as it can be seen. */
    ServerMessage.Failure failure(String json, EngineException refusal) {
        @Nullable String type = null;
        @Nullable Long id = null;
        try {
            JsonNode message = treeReader.readTree(json);
            String named = message.path("type").asText();
            JsonNode number = message.path("id");
            type = TYPES.containsValue(named) ? named : null;
            id = named.equals("offer") && number.canConvertToLong() ? number.longValue() : null;
        } catch (JsonProcessingException notJson) {
            // That is what the refusal says.
        }
        return new ServerMessage.Failure(refusal.code(), String.valueOf(refusal.getMessage()), type, id);
    }

    String write(ServerMessage message) {
        return write(writer, message);
    }

    /** Writes a value that is not a message, such as an RFC 9457 problem. */
    String writePlain(Object value) {
        return write(plainWriter, value);
    }

    /** The {@code type} of a message that was read. */
    static String typeOf(ClientMessage message) {
        return Objects.requireNonNull(TYPES.get(message.getClass()));
    }

    private static String write(ObjectWriter writer, Object value) {
        try {
            return writer.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write " + value.getClass(), e);
        }
    }

    private static Map<Class<?>, String> types() {
        Map<Class<?>, String> types = new LinkedHashMap<>();
        for (JsonSubTypes.Type type : ClientMessage.class.getAnnotation(JsonSubTypes.class).value()) {
            types.put(type.value(), type.name());
        }
        return types;
    }

    private static String path(JsonMappingException e) {
        String path = e.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .filter(name -> name != null)
                .collect(Collectors.joining("."));
        return path.isEmpty() ? "" : path + ": ";
    }

    private static String printable(String text) {
        String cut = text.length() > MAX_ECHOED_CHARACTERS ? text.substring(0, MAX_ECHOED_CHARACTERS) + "…" : text;
        return cut.replaceAll("\\p{Cntrl}+", " ");
    }

    private static EngineException bad(String message) {
        return new EngineException(ErrorCode.BAD_REQUEST, message);
    }
}
