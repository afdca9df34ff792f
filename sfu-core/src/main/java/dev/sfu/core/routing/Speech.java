package dev.sfu.core.routing;

/**
 * How much somebody speaks at a moment: what decisions are made from, and what the parts of a room tell each other.
 *
 * @param immediate score of the newest 20 ms
 * @param medium score of the last tenth of a second
 * @param longer score of the last second
 * @param loudness mean of the last second, 0 to 127
 * @param speaking whether he can be heard to speak, small pauses included
 * @param active whether there was any loud sound within the last second
 */
public record Speech(
        double immediate, double medium, double longer, double loudness, boolean speaking, boolean active) {
    /** Of somebody who has said nothing lately. */
    public static final Speech SILENCE = new SpeakerActivity().speech();
}
