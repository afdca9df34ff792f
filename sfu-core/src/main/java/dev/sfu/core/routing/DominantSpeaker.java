package dev.sfu.core.routing;

import dev.sfu.core.time.Deadlines;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who leads the conversation, after Volfin and Cohen; decided three times a second from what {@link SpeakerActivity} says of
 * everybody.
 *
 * <p>Somebody else becomes dominant only when he outdoes the present speaker at every time scale, so neither a cough nor a
 * short "yes" takes the picture away, and a speaker keeps it through his pauses. When nobody speaks, the last one stays.
 */
final class DominantSpeaker {
    static final long INTERVAL_NANOS = 300 * Deadlines.MILLISECOND;

    /** By how much the challenger's score must exceed the dominant one's: ln of the ratio, at each scale. */
    private static final double IMMEDIATE_MARGIN = 3;
    private static final double MEDIUM_MARGIN = 2;
    private static final double LONG_MARGIN = 0;

    private @Nullable Speaker dominant;

    /** Who leads, or null as long as nobody has spoken. */
    @Nullable Speaker dominant() {
        return dominant;
    }

    /** It was decided elsewhere. */
    void set(Speaker speaker) {
        dominant = speaker;
    }

    /** Somebody left. */
    void remove(Speaker speaker) {
        if (dominant == speaker) {
            dominant = null;
        }
    }

    /** Decides anew; gives whether somebody else is dominant now. */
    boolean decide(List<Speaker> speakers) {
        Speaker before = dominant;
        Speaker best = before == null ? firstToSpeak(speakers) : challenger(speakers, before);
        if (best == null) {
            return false;
        }
        dominant = best;
        return true;
    }

    private static @Nullable Speaker firstToSpeak(List<Speaker> speakers) {
        Speaker best = null;
        for (Speaker speaker : speakers) {
            double score = speaker.speech().medium();
            if (score > 1 && (best == null || score > best.speech().medium())) {
                best = speaker;
            }
        }
        return best;
    }

    private static @Nullable Speaker challenger(List<Speaker> speakers, Speaker present) {
        Speech now = present.speech();
        Speaker best = null;
        double bestMargin = MEDIUM_MARGIN;
        for (Speaker speaker : speakers) {
            Speech speech = speaker.speech();
            double margin = Math.log(speech.medium() / now.medium());
            if (speaker != present
                    && margin > bestMargin
                    && Math.log(speech.immediate() / now.immediate()) > IMMEDIATE_MARGIN
                    && Math.log(speech.longer() / now.longer()) > LONG_MARGIN) {
                best = speaker;
                bestMargin = margin;
            }
        }
        return best;
    }
}
