package dev.sfu.core.routing;

import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who leads the conversation, and who else is heard. Decides three times a second, from {@link SpeakerActivity}.
 *
 * <p>Somebody else becomes dominant only when he outdoes the present speaker at every time scale, so neither a cough nor a
 * short "yes" takes the picture away, and a speaker keeps it through his pauses. When nobody speaks, the last one stays.
 *
 * @param <T> what speaks
 */
final class DominantSpeaker<T> {
    static final long INTERVAL_NANOS = 300 * Deadlines.MILLISECOND;

    /** By how much the challenger's score must exceed the dominant one's: ln of the ratio, at each scale. */
    private static final double IMMEDIATE_MARGIN = 3;
    private static final double MEDIUM_MARGIN = 2;
    private static final double LONG_MARGIN = 0;
    /** Somebody quieter than this over a second is not heard: a little above the noise of an open microphone. */
    private static final double AUDIBLE = 20;
    /** A place among the loudest goes to somebody else only when he is clearly louder: dB over a second's mean. */
    private static final double LOUDER_MARGIN = 6;

    private static final class Speaker<T> {
        private final T who;
        private final SpeakerActivity activity = new SpeakerActivity();

        Speaker(T who) {
            this.who = who;
        }

        T who() {
            return who;
        }

        SpeakerActivity activity() {
            return activity;
        }
    }

    private final List<Speaker<T>> speakers = new ArrayList<>();
    private final List<Speaker<T>> loudest = new ArrayList<>();
    private @Nullable Speaker<T> dominant;

    /** Somebody who may speak; what he says is told to the result. */
    SpeakerActivity add(T who) {
        Speaker<T> speaker = new Speaker<>(who);
        speakers.add(speaker);
        return speaker.activity();
    }

    /** Somebody left or is muted. */
    void remove(T who) {
        speakers.removeIf(speaker -> speaker.who().equals(who));
        loudest.removeIf(speaker -> speaker.who().equals(who));
        if (dominant != null && dominant.who().equals(who)) {
            dominant = null;
        }
    }

    /** Who leads, or null as long as nobody has spoken. */
    @Nullable T dominant() {
        return dominant == null ? null : dominant.who();
    }

    /** Decides anew; gives whether somebody else is dominant now. */
    boolean decide(long nowNanos) {
        for (Speaker<T> speaker : speakers) {
            speaker.activity().onTime(nowNanos);
        }
        Speaker<T> before = dominant;
        Speaker<T> best = before == null ? firstToSpeak() : challenger(before);
        if (best == null) {
            return false;
        }
        dominant = best;
        return true;
    }

    private @Nullable Speaker<T> firstToSpeak() {
        Speaker<T> best = null;
        for (Speaker<T> speaker : speakers) {
            double score = speaker.activity().mediumScore();
            if (score > 1 && (best == null || score > best.activity().mediumScore())) {
                best = speaker;
            }
        }
        return best;
    }

    private @Nullable Speaker<T> challenger(Speaker<T> present) {
        Speaker<T> best = null;
        double bestMargin = MEDIUM_MARGIN;
        double immediate = present.activity().immediateScore();
        double medium = present.activity().mediumScore();
        double longer = present.activity().longScore();
        for (Speaker<T> speaker : speakers) {
            double margin = Math.log(speaker.activity().mediumScore() / medium);
            if (speaker != present
                    && margin > bestMargin
                    && Math.log(speaker.activity().immediateScore() / immediate) > IMMEDIATE_MARGIN
                    && Math.log(speaker.activity().longScore() / longer) > LONG_MARGIN) {
                best = speaker;
                bestMargin = margin;
            }
        }
        return best;
    }

    /**
     * The loudest of those who can be heard, the dominant one first, then those who had a place, in the order of coming.
     *
     * @param places at most so many
     */
    List<T> loudest(int places) {
        loudest.removeIf(speaker -> speaker.activity().meanLoudness() < AUDIBLE && speaker != dominant);
        List<Speaker<T>> others = new ArrayList<>(speakers);
        others.removeAll(loudest);
        others.removeIf(speaker -> speaker.activity().meanLoudness() < AUDIBLE);
        others.sort(Comparator.comparingDouble((Speaker<T> speaker) -> -speaker.activity().meanLoudness()));
        if (dominant != null && !loudest.contains(dominant)) {
            others.remove(dominant);
            others.addFirst(dominant);
        }
        for (Speaker<T> other : others) {
            if (loudest.size() < places) {
                loudest.add(other);
                continue;
            }
            Speaker<T> quietest = quietest();
            if (quietest != null && (other == dominant || louder(other, quietest))) {
                loudest.set(loudest.indexOf(quietest), other);
            }
        }
        while (loudest.size() > places) {
            loudest.removeLast();
        }
        return loudest.stream().map(Speaker::who).toList();
    }

    private boolean louder(Speaker<T> other, Speaker<T> quietest) {
        return other.activity().meanLoudness() > quietest.activity().meanLoudness() + LOUDER_MARGIN;
    }

    private @Nullable Speaker<T> quietest() {
        Speaker<T> quietest = null;
        for (Speaker<T> speaker : loudest) {
            if (speaker != dominant
                    && (quietest == null
                            || speaker.activity().meanLoudness() < quietest.activity().meanLoudness())) {
                quietest = speaker;
            }
        }
        return quietest;
    }
}
