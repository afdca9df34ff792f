package dev.sfu.core.routing;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.TrackInfo;
import dev.sfu.core.api.TrackSource;
import dev.sfu.core.layers.LayerSelector;
import dev.sfu.core.peerconnection.CarriedReceiver;
import dev.sfu.core.peerconnection.CarriedStream;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.IncomingStream;
import dev.sfu.core.peerconnection.RtpReceiver;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A participant's track as the room sees it: the streams that carry it (simulcast layers) and who subscribes to it.
 */
final class PublishedTrack implements RtpReceiver.Sink {
    private static final Subscription[] NONE = new Subscription[0];
    private static final ShardPipe[] NO_PIPES = new ShardPipe[0];
    /** A layer that sent nothing for this long does not flow. */
    private static final long LAYER_SILENCE_NANOS = 500 * Deadlines.MILLISECOND;

    private final String id;
    private final Member publisher;
    private final RtpReceiver receiver;
    private final TrackSource source;
    /** Where it comes from when its publisher is on another shard. */
    private final @Nullable RemoteTrack origin;
    /** When it is a microphone in a room. */
    private @Nullable Speaker speaker;
    private boolean muted;
    private boolean closed;
    /** Flat array, replaced when it changes: the packet path only walks it. */
    private Subscription[] subscriptions = NONE;
    /** To the other shards that have subscribers. */
    private ShardPipe[] pipes = NO_PIPES;
    private @Nullable IncomingStream best;
    private long nextLayerCheckNanos;

    PublishedTrack(String id, Member publisher, RtpReceiver receiver, TrackSource source, boolean muted) {
        this(id, publisher, receiver, source, muted, null);
    }

    PublishedTrack(
            String id,
            Member publisher,
            RtpReceiver receiver,
            TrackSource source,
            boolean muted,
            @Nullable RemoteTrack origin) {
        this.id = id;
        this.publisher = publisher;
        this.receiver = receiver;
        this.source = source;
        this.muted = muted;
        this.origin = origin;
    }

    String id() {
        return id;
    }

    Member publisher() {
        return publisher;
    }

    MediaKind kind() {
        return receiver.kind();
    }

    TrackSource source() {
        return source;
    }

    String mid() {
        return receiver.mid();
    }

    boolean muted() {
        return muted;
    }

    void setSpeaker(Speaker newSpeaker) {
        speaker = newSpeaker;
    }

    @Nullable Speaker speaker() {
        return speaker;
    }

    TrackInfo info() {
        return new TrackInfo(id, publisher.id(), kind(), source, muted);
    }

    /** Stops or resumes forwarding. Resuming needs a keyframe, because what was not forwarded cannot be decoded from. */
    void setMuted(boolean newMuted, long nowNanos) {
        if (muted == newMuted) {
            return;
        }
        muted = newMuted;
        if (speaker != null) {
            speaker.setMuted(muted, nowNanos);
        }
        if (!muted) {
            for (Subscription subscription : subscriptions) {
                subscription.restart();
                requestStart(subscription, nowNanos);
            }
        }
    }

    void subscribe(Subscription subscription, long nowNanos) {
        subscriptions = Arrays.copyOf(subscriptions, subscriptions.length + 1);
        subscriptions[subscriptions.length - 1] = subscription;
        if (origin != null && subscriptions.length == 1) {
            origin.open();
        }
        if (best != null) {
            play(subscription, best);
        }
        requestStart(subscription, nowNanos);
    }

    void unsubscribe(Subscription subscription) {
        List<Subscription> left = new ArrayList<>(Arrays.asList(subscriptions));
        if (left.remove(subscription)) {
            subscriptions = left.isEmpty() ? NONE : left.toArray(NONE);
            if (origin != null && left.isEmpty()) {
                origin.close();
                best = null;
            }
        }
    }

    List<Subscription> subscriptions() {
        return List.of(subscriptions);
    }

    void addPipe(ShardPipe pipe) {
        pipes = Arrays.copyOf(pipes, pipes.length + 1);
        pipes[pipes.length - 1] = pipe;
    }

    void removePipe(ShardPipe pipe) {
        List<ShardPipe> left = new ArrayList<>(Arrays.asList(pipes));
        left.remove(pipe);
        pipes = left.isEmpty() ? NO_PIPES : left.toArray(NO_PIPES);
    }

    /** The streams as they are now, for a pipe that opens. */
    List<CarriedStream> carriedStreams(long nowNanos) {
        List<CarriedStream> streams = new ArrayList<>();
        for (IncomingStream stream : receiver.streams()) {
            CarriedStream carried = stream.toCarried(nowNanos);
            if (carried != null) {
                streams.add(carried);
            }
        }
        return streams;
    }

    DropCounters drops() {
        return receiver.drops();
    }

    /** Asks for the keyframe that a subscription starts with, unless it cannot be sent on yet. */
    void requestStart(Subscription subscription, long nowNanos) {
        if (best != null) {
            subscription.requestAwaitedKeyframe(nowNanos);
        } else if (origin != null && kind() == MediaKind.VIDEO && subscription.ready() && !muted && !closed) {
            origin.requestKeyframe();
        }
    }

    /** Asks for a keyframe of one stream for a subscription that has none; the stream makes one request of many. */
    void requestKeyframe(int encoding, long nowNanos) {
        IncomingStream stream = receiver.streamOfEncoding(encoding);
        if (stream != null && !muted && !closed) {
            stream.requestKeyframe(nowNanos);
        }
    }

    /** Asks for a keyframe of one stream for a subscriber who has been getting it and cannot decode on. */
    void requestKeyframeByFeedback(int encoding, long roundTripNanos, long nowNanos) {
        IncomingStream stream = receiver.streamOfEncoding(encoding);
        if (stream != null && !muted && !closed) {
            stream.requestKeyframeByFeedback(roundTripNanos, nowNanos);
        }
    }

    /** A subscriber on another shard needs a keyframe. */
    void onKeyframeWanted(RoomMessage.KeyframeWanted wanted, long nowNanos) {
        IncomingStream named = receiver.streamOf(wanted.stream());
        IncomingStream stream = named == null ? best : named;
        if (stream == null || muted || closed) {
            return;
        }
        if (named == null || wanted.roundTripNanos() == CarriedReceiver.STARTS) {
            stream.requestKeyframe(nowNanos);
        } else {
            stream.requestKeyframeByFeedback(wanted.roundTripNanos(), nowNanos);
        }
    }

    /** Ends the track; nothing is forwarded from now on. */
    void close() {
        closed = true;
        receiver.setSink(null);
        subscriptions = NONE;
        pipes = NO_PIPES;
        best = null;
    }

    @Override
    public void onRtp(IncomingPacket packet, long nowNanos) {
        boolean check = best == null || nowNanos >= nextLayerCheckNanos || best.ended();
        if (check) {
            chooseLayers(packet.stream(), nowNanos);
        }
        if (muted) {
            receiver.countMuted();
            return;
        }
        Speaker speaks = speaker;
        if (speaks != null) {
            speaks.onPacket(packet.audioLevel(), nowNanos);
        }
        for (Subscription subscription : subscriptions) {
            subscription.forward(packet, nowNanos);
        }
        for (ShardPipe pipe : pipes) {
            pipe.carry(packet, nowNanos);
        }
        if (check) {
            // Again and again: the stream gives up when it gets no answer, and a keyframe may have been lost.
            for (Subscription subscription : subscriptions) {
                subscription.requestAwaitedKeyframe(nowNanos);
            }
        }
    }

    @Override
    public void onStreamEnded(IncomingStream stream) {
        for (Subscription subscription : subscriptions) {
            subscription.onStreamEnded(stream);
        }
        for (ShardPipe pipe : pipes) {
            pipe.onStreamEnded(stream);
        }
    }

    /** All layers of the stream with the greatest bitrate among those heard from lately, for everybody. */
    private void chooseLayers(IncomingStream current, long nowNanos) {
        nextLayerCheckNanos = nowNanos + LAYER_SILENCE_NANOS;
        IncomingStream choice = current;
        for (IncomingStream stream : receiver.streams()) {
            boolean flows = nowNanos - stream.lastPacketNanos() < LAYER_SILENCE_NANOS;
            // A clear margin, so that two layers of like bitrate do not take turns.
            boolean greater = stream.bitrateBps(nowNanos) * 10 > choice.bitrateBps(nowNanos) * (stream == best ? 8 : 12);
            if (stream != choice && flows && greater) {
                choice = stream;
            }
        }
        if (choice != best) {
            best = choice;
            for (Subscription subscription : subscriptions) {
                play(subscription, choice);
            }
        }
    }

    private static void play(Subscription subscription, IncomingStream stream) {
        subscription.setTarget(stream.encoding(), LayerSelector.ALL, LayerSelector.ALL);
    }
}
