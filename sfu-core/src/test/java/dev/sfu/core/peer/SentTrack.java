package dev.sfu.core.peer;

import dev.sfu.core.time.Deadlines;
import java.util.List;

/** What a synthetic peer sends in one m-section, at a steady pace while it flows. */
public final class SentTrack {
    private final String mid;
    private final List<SentStream> streams;
    private final boolean simulcast;
    private long intervalNanos = 20 * Deadlines.MILLISECOND;
    private long nextNanos;

    SentTrack(String mid, List<SentStream> streams, boolean simulcast) {
        this.mid = mid;
        this.streams = List.copyOf(streams);
        this.simulcast = simulcast;
    }

    /** Its m-section. */
    public String mid() {
        return mid;
    }

    /** Its encodings, in the order of the offer. */
    public List<SentStream> streams() {
        return streams;
    }

    /** The only encoding. */
    public SentStream stream() {
        return streams.getFirst();
    }

    /** The encoding with this identifier. */
    public SentStream stream(String rid) {
        return streams.stream().filter(stream -> rid.equals(stream.rid())).findFirst().orElseThrow();
    }

    boolean simulcast() {
        return simulcast;
    }

    /** Starts or stops all its streams. */
    public void setFlowing(boolean flowing) {
        streams.forEach(stream -> stream.setFlowing(flowing));
    }

    /** Sets the time from frame to frame, at first 20 ms. */
    public void setInterval(long nanos) {
        intervalNanos = nanos;
    }

    void onTurn(PeerTransport transport, long nowNanos) {
        if (nowNanos < nextNanos) {
            return;
        }
        // Not caught up with: a late thread must not make a burst.
        nextNanos = Math.max(nextNanos + intervalNanos, nowNanos + intervalNanos / 2);
        for (SentStream stream : streams) {
            if (stream.flowing()) {
                stream.sendFrame(transport, mid, nowNanos);
            }
        }
    }

    void answerKeyframeRequest(SentStream stream, PeerTransport transport, long nowNanos) {
        stream.onKeyframeRequest();
        if (stream.flowing()) {
            stream.sendFrame(transport, mid, nowNanos);
        }
    }
}
