package dev.sfu.core.api;

/** A request that the engine refuses, with a code for programs and a message for people. */
public final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    /** A refusal; the message follows the form {@code value: X (expected: …)} where a value is at fault. */
    public EngineException(ErrorCode code, String message) {
        super(message);
        this.code = code;
    }

    /** The reason as a code. */
    public ErrorCode code() {
        return code;
    }
}
