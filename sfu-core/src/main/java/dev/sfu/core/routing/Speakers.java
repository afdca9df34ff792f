package dev.sfu.core.routing;

import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who of a room speaks, and who leads the conversation.
 *
 * <p>Decides every 300 ms while there is loud sound, and at once when somebody begins to speak, so that he gets an audio slot
 * with the loss of a syllable's beginning only. While all are silent there is no deadline.
 *
 * <p>In a room of several parts each part knows the levels of its own microphones; while any is active it tells the other
 * parts how much each of its active speakers speaks ({@link RoomMessage.Speaking}), at the same rate. Who is dominant is
 * decided by one part, the one where the participant is who has been in the room longest; all parts know who that is. Its
 * decisions are numbered, and a higher number counts; while two parts disagree about the longest present, the same number
 * may be given twice, and then the smaller track id counts. So whatever the order of arrival, all parts come to the same.
 */
final class Speakers {
    /** Decisions because somebody begins to speak are no closer together. */
    private static final long ONSET_INTERVAL_NANOS = 60 * Deadlines.MILLISECOND;
    /** So many are named to clients and to the other parts. */
    private static final int MOST_NAMED = 16;

    private final Room room;
    private final List<Speaker> speakers = new ArrayList<>();
    private final DominantSpeaker dominant = new DominantSpeaker();
    /** In the order in which they began. */
    private final List<Speaker> heard = new ArrayList<>();
    private RoomEvent.SpeakersChanged told = new RoomEvent.SpeakersChanged(null, List.of());
    private int unmuted;
    private long decision;
    private long decisionTold;
    private @Nullable String decided;
    private boolean othersThinkWeSpeak;
    private long deadlineNanos = Deadlines.NEVER;
    private long nextDecisionNanos;
    private long nextOnsetNanos = Long.MIN_VALUE;

    Speakers(Room room) {
        this.room = room;
    }

    /** A microphone is published; {@code here} on this shard. */
    Speaker add(PublishedTrack track, boolean here) {
        Speaker speaker = new Speaker(
                track.id(), track.publisher().id(), this, here ? new SpeakerActivity() : null, track.muted());
        speakers.add(speaker);
        countUnmuted();
        if (speaker.trackId().equals(decided)) {
            dominant.set(speaker);
        }
        return speaker;
    }

    void remove(Speaker speaker, long nowNanos) {
        speakers.remove(speaker);
        dominant.remove(speaker);
        countUnmuted();
        if (heard.remove(speaker) || speaker.participantId().equals(told.dominantParticipantId())) {
            arm(nowNanos);
        }
    }

    void onMuted(long nowNanos) {
        countUnmuted();
        if (!heard.isEmpty()) {
            arm(nowNanos);
        }
    }

    private void countUnmuted() {
        unmuted = 0;
        for (Speaker speaker : speakers) {
            unmuted += speaker.muted() ? 0 : 1;
        }
    }

    boolean onlyOneUnmuted() {
        return unmuted == 1;
    }

    /** Who leads, or null as long as nobody has spoken. */
    @Nullable Speaker dominant() {
        return dominant.dominant();
    }

    /** Who speaks and who leads, as everybody was told. */
    RoomEvent.SpeakersChanged told() {
        return told;
    }

    // ---- time -------------------------------------------------------------------------------------------------------

    long nextDeadlineNanos() {
        return deadlineNanos;
    }

    /** Somebody who was silent makes a sound that may be speech, or speaks already. */
    void onSound(boolean speaks, long nowNanos) {
        arm(nowNanos);
        if (speaks) {
            hasten(Math.max(nowNanos, nextOnsetNanos));
        }
    }

    private void arm(long nowNanos) {
        if (deadlineNanos == Deadlines.NEVER) {
            nextDecisionNanos = nowNanos + DominantSpeaker.INTERVAL_NANOS;
            setDeadline(nextDecisionNanos);
        }
    }

    private void hasten(long toNanos) {
        if (toNanos < deadlineNanos) {
            setDeadline(toNanos);
        }
    }

    private void setDeadline(long nanos) {
        deadlineNanos = nanos;
        room.onDeadlineChanged();
    }

    void onDeadline(long nowNanos) {
        boolean active = false;
        for (Speaker speaker : speakers) {
            speaker.refresh(nowNanos);
            active |= speaker.speech().active();
        }
        nextOnsetNanos = nowNanos + ONSET_INTERVAL_NANOS;
        if (nowNanos >= nextDecisionNanos) {
            nextDecisionNanos = nowNanos + DominantSpeaker.INTERVAL_NANOS;
            decide();
            tellParticipants();
        } else {
            // Only who begins to speak is of interest in between; what has ended is found out in time.
            active = true;
        }
        tellOtherParts();
        setDeadline(active ? nextDecisionNanos : Deadlines.NEVER);
        room.onSpeakers(nowNanos);
    }

    private void decide() {
        if (room.hasLongestPresent() && dominant.decide(speakers)) {
            decision++;
            Speaker leads = dominant.dominant();
            decided = leads == null ? null : leads.trackId();
        }
    }

    private void tellParticipants() {
        heard.removeIf(speaker -> !speaker.speaking());
        for (Speaker speaker : speakers) {
            if (speaker.speaking() && !heard.contains(speaker)) {
                heard.add(speaker);
            }
        }
        Speaker leads = dominant.dominant();
        Set<String> ids = new LinkedHashSet<>();
        if (leads != null && leads.speaking()) {
            ids.add(leads.participantId());
        }
        for (Speaker speaker : heard) {
            if (ids.size() < MOST_NAMED) {
                ids.add(speaker.participantId());
            }
        }
        RoomEvent.SpeakersChanged now =
                new RoomEvent.SpeakersChanged(leads == null ? null : leads.participantId(), List.copyOf(ids));
        if (!now.equals(told)) {
            told = now;
            room.tellAll(now);
        }
    }

    // ---- the room's parts on other shards ---------------------------------------------------------------------------

    private void tellOtherParts() {
        RoomMessage.Speaking message = speaking();
        boolean speak = !message.speakers().isEmpty();
        if (speak || othersThinkWeSpeak || decision > decisionTold) {
            othersThinkWeSpeak = speak;
            decisionTold = decision;
            room.broadcast(message);
        }
    }

    /** What this part says of its speakers, and who leads. */
    RoomMessage.Speaking speaking() {
        List<Speaker> active = new ArrayList<>();
        for (Speaker speaker : speakers) {
            if (speaker.here() && speaker.speech().active()) {
                active.add(speaker);
            }
        }
        active.sort(Comparator.comparingDouble(speaker -> -speaker.speech().loudness()));
        List<RoomMessage.Speaks> speaks = active.stream()
                .limit(MOST_NAMED)
                .map(speaker -> new RoomMessage.Speaks(speaker.trackId(), speaker.speech()))
                .toList();
        return new RoomMessage.Speaking(speaks, decision, decided);
    }

    /** Another part has told who of its own, {@code theirs}, speak, and whom it thinks dominant. */
    void onTold(RoomMessage.Speaking message, List<Speaker> theirs, long nowNanos) {
        for (Speaker speaker : theirs) {
            Speech speech = Speech.SILENCE;
            for (RoomMessage.Speaks speaks : message.speakers()) {
                speech = speaks.trackId().equals(speaker.trackId()) ? speaks.speech() : speech;
            }
            boolean begins = speech.speaking() && !speaker.speaking();
            boolean changes = speech.active() || speaker.speech().active();
            speaker.told(speech, nowNanos);
            if (changes) {
                onSound(begins, nowNanos);
            }
        }
        String leads = message.decided();
        if (leads != null && (decided == null || outranks(message.decision(), leads, decided))) {
            boolean same = leads.equals(decided);
            decision = message.decision();
            decisionTold = decision;
            decided = leads;
            if (!same) {
                adopt(leads, nowNanos);
            }
        }
    }

    private boolean outranks(long number, String trackId, String present) {
        return number > decision || (number == decision && trackId.compareTo(present) < 0);
    }

    private void adopt(String trackId, long nowNanos) {
        for (Speaker speaker : speakers) {
            if (speaker.trackId().equals(trackId)) {
                dominant.set(speaker);
            }
        }
        arm(nowNanos);
        nextDecisionNanos = Math.min(nextDecisionNanos, nowNanos);
        hasten(nowNanos);
    }
}
