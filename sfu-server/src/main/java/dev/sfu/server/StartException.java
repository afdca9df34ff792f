package dev.sfu.server;

/** Why the server could not start, in a sentence that names the setting. */
final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
