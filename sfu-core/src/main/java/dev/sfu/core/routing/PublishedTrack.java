package dev.sfu.core.routing;

import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.SlotWish;
import dev.sfu.core.api.TrackInfo;
import dev.sfu.core.api.TrackSource;
import dev.sfu.core.codec.DependencyDescriptor;
import dev.sfu.core.codec.PacketLayers;
import dev.sfu.core.layers.LayerChoice;
import dev.sfu.core.layers.LayerSelector;
import dev.sfu.core.peerconnection.CarriedReceiver;
import dev.sfu.core.peerconnection.CarriedStream;
import dev.sfu.core.peerconnection.IncomingPacket;
import dev.sfu.core.peerconnection.IncomingStream;
import dev.sfu.core.peerconnection.RedundantAudio;
import dev.sfu.core.peerconnection.RtpReceiver;
import dev.sfu.core.stats.DropCounters;
import dev.sfu.core.stats.DropReason;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A participant's track as the room sees it: the streams that carry it (simulcast layers) and who subscribes to it.
 */
final class PublishedTrack implements RtpReceiver.Sink {
    /** What a reading costs is then nothing beside them, and they are sent within a fraction of a millisecond. */
    private static final int SUBSCRIBERS_PER_CLOCK_READING = 8;

    private static final Subscription[] NONE = new Subscription[0];
    private static final ShardPipe[] NO_PIPES = new ShardPipe[0];
    /** A sound that is silent for so long may be replaced by another stream. */
    private static final long SILENCE_NANOS = 500 * Deadlines.MILLISECOND;

    private final String id;
    private final Member publisher;
    private final RtpReceiver receiver;
    private final TrackSource source;
    /** Where it comes from when its publisher is on another shard. */
    private final @Nullable RemoteTrack origin;
    /** When it is a microphone in a room. */
    private @Nullable Speaker speaker;
    /** Null for video. */
    private final @Nullable RedundantAudio audio;
    private boolean muted;
    private boolean closed;
    /** Flat array, replaced when it changes: the packet path only walks it. */
    private Subscription[] subscriptions = NONE;
    /** To the other shards that have subscribers. */
    private ShardPipe[] pipes = NO_PIPES;
    /** What there is to choose from; null for sound. */
    private final @Nullable TrackLayers layers;
    private final @Nullable TrackDemand demand;
    /** The stream that is heard; null for video. */
    private @Nullable IncomingStream heard;
    /** Null when packets are forwarded at once. */
    private final @Nullable ForwardQueue forwardQueue;

    private final GatheredPackets gathered = new GatheredPackets();
    private boolean queued;

    PublishedTrack(
            String id,
            Member publisher,
            RtpReceiver receiver,
            TrackSource source,
            boolean muted,
            Room room) {
        this(id, publisher, receiver, source, muted, room, null);
    }

    PublishedTrack(
            String id,
            Member publisher,
            RtpReceiver receiver,
            TrackSource source,
            boolean muted,
            Room room,
            @Nullable RemoteTrack origin) {
        this.id = id;
        this.publisher = publisher;
        this.receiver = receiver;
        this.source = source;
        this.muted = muted;
        this.origin = origin;
        this.layers = receiver.kind() == MediaKind.VIDEO ? new TrackLayers(receiver, source == TrackSource.SCREEN) : null;
        this.demand = layers == null ? null : new TrackDemand(this, layers, room.timers());
        this.forwardQueue = room.forwardQueue();
        this.audio = receiver.kind() == MediaKind.AUDIO ? new RedundantAudio() : null;
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
        forwardGathered();
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
        for (Subscription subscription : subscriptions) {
            subscription.subscriber().allocation().decide(nowNanos);
        }
    }

    void subscribe(Subscription subscription, long nowNanos) {
        subscriptions = Arrays.copyOf(subscriptions, subscriptions.length + 1);
        subscriptions[subscriptions.length - 1] = subscription;
        if (origin != null && subscriptions.length == 1) {
            origin.open();
        }
        if (heard != null) {
            subscription.setTarget(heard.encoding(), LayerSelector.ALL, LayerSelector.ALL);
        }
        onDemandChanged(nowNanos);
    }

    void unsubscribe(Subscription subscription, long nowNanos) {
        List<Subscription> left = new ArrayList<>(Arrays.asList(subscriptions));
        if (left.remove(subscription)) {
            subscriptions = left.isEmpty() ? NONE : left.toArray(NONE);
            if (origin != null && left.isEmpty()) {
                origin.close();
                heard = null;
            }
            onDemandChanged(nowNanos);
        }
    }

    /** How many subscribe to it on this shard. */
    int subscribers() {
        return subscriptions.length;
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
        if (!receiver.streams().isEmpty()) {
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
        IncomingStream stream = named == null && layers != null ? layers.highest() : named;
        if (stream == null || muted || closed) {
            return;
        }
        if (named == null || wanted.roundTripNanos() == CarriedReceiver.STARTS) {
            stream.requestKeyframe(nowNanos);
        } else {
            stream.requestKeyframeByFeedback(wanted.roundTripNanos(), nowNanos);
        }
    }

    // ---- what there is and what is wanted ---------------------------------------------------------------------------

    boolean isScreen() {
        return source == TrackSource.SCREEN;
    }

    /** What there is for a wish; see {@link TrackLayers#ladder}. */
    LayerLadder ladder(SlotWish wish, boolean described) {
        return layers == null ? LayerLadder.EMPTY : layers.ladder(wish, described);
    }

    /** What of the known choices is what plays, or null. */
    @Nullable LayerChoice choiceOf(int encoding, int spatial, int temporal) {
        LayerChoice found = null;
        for (LayerChoice choice : layers == null ? List.<LayerChoice>of() : layers.choices()) {
            if (choice.encoding() == encoding && choice.spatial() <= spatial && choice.temporal() <= temporal) {
                found = choice;
            }
        }
        return found;
    }

    /** Restriction identifier of an encoding, or null. */
    @Nullable String ridOf(int encoding) {
        IncomingStream stream = receiver.streamOfEncoding(encoding);
        return stream == null ? null : stream.rid();
    }

    /** Where it comes from when its publisher is on another shard, else null. */
    @Nullable RemoteTrack origin() {
        return origin;
    }

    /** The restriction identifiers of its encodings; none for one encoding. */
    Set<String> rids() {
        return receiver.rids();
    }

    /** Notes of which encoding a subscriber would be given with a better network; {@link TrackDemand#NONE} or {@code ALL}. */
    void setWanted(Subscription subscription, int encoding, long nowNanos) {
        if (subscription.wanted() != encoding) {
            subscription.setWanted(encoding);
            onDemandChanged(nowNanos);
        }
    }

    /** Another shard's part of the room wants that much, see {@link TrackDemand#set}. */
    void setWanted(Object part, int stream, long nowNanos) {
        if (demand != null) {
            demand.set(part, stream);
            demand.onChanged(nowNanos);
        }
    }

    private void onDemandChanged(long nowNanos) {
        if (demand != null && !closed) {
            demand.onChanged(nowNanos);
        }
    }

    /** Number of the highest stream that subscribers here want, or {@link TrackDemand#NONE} or {@code ALL}. */
    int highestWanted() {
        List<IncomingStream> ordered = layers == null ? List.of() : layers.ordered();
        int top = -1;
        for (Subscription subscription : subscriptions) {
            int wanted = subscription.wanted();
            int place = wanted == TrackDemand.NONE ? -1 : ordered.size();
            for (int i = 0; i < ordered.size(); i++) {
                place = ordered.get(i).encoding() == wanted ? i : place;
            }
            top = Math.max(top, place);
        }
        return top < 0 ? TrackDemand.NONE : top == ordered.size() ? TrackDemand.ALL : ordered.get(top).number();
    }

    /** Ends the track; nothing is forwarded from now on. */
    void close() {
        closed = true;
        gathered.clear();
        receiver.setSink(null);
        subscriptions = NONE;
        pipes = NO_PIPES;
        heard = null;
        if (demand != null) {
            demand.close();
        }
    }

    @Override
    public void onRtp(IncomingPacket packet, long nowNanos) {
        if (layers == null) {
            hear(packet.stream(), nowNanos);
        } else if (layers.onPacket(packet, nowNanos)) {
            onLayersChanged(nowNanos);
        }
        if (muted) {
            receiver.countMuted();
        } else {
            forward(packet, nowNanos);
        }
    }

    private void forward(IncomingPacket packet, long nowNanos) {
        Speaker speaks = speaker;
        if (speaks != null) {
            speaks.onPacket(packet.audioLevel(), nowNanos);
        }
        RedundantAudio forms = audio;
        if (forms == null) {
            gather(packet, nowNanos);
        } else {
            forwardAudio(packet, forms, nowNanos);
        }
        for (ShardPipe pipe : pipes) {
            pipe.carry(packet, nowNanos);
        }
    }

    private void gather(IncomingPacket packet, long nowNanos) {
        if (subscriptions.length == 0) {
            return;
        }
        gathered.add(packet, nowNanos);
        ForwardQueue queue = forwardQueue;
        if (queue == null || gathered.isFull() || bringsStructure(packet)) {
            forwardGathered();
        } else if (!queued) {
            queued = true;
            queue.add(this);
        }
    }

    // Structures are filled anew in time: nothing that needs one waits behind the second next.
    private static boolean bringsStructure(IncomingPacket packet) {
        PacketLayers described = packet.layers();
        DependencyDescriptor dependencies = described == null ? null : described.dependencies();
        return dependencies != null && dependencies.hasStructure();
    }

    /** The {@link ForwardQueue}'s turn has come. */
    void onForwardDue() {
        queued = false;
        forwardGathered();
    }

    private void forwardGathered() {
        ForwardQueue queue = forwardQueue;
        long nowNanos = gathered.newestNanos();
        try {
            int served = 0;
            for (Subscription subscription : subscriptions) {
                if (queue != null && served++ % SUBSCRIBERS_PER_CLOCK_READING == 0) {
                    nowNanos = queue.nowNanos();
                }
                for (int i = 0; i < gathered.count(); i++) {
                    subscription.forward(gathered.packet(i), nowNanos);
                }
            }
        } finally {
            gathered.clear();
        }
    }

    private void forwardAudio(IncomingPacket packet, RedundantAudio forms, long nowNanos) {
        try {
            for (Subscription subscription : subscriptions) {
                IncomingPacket form = forms.formFor(subscription.slot().sender(), packet, nowNanos);
                if (form == null) {
                    subscription.slot().sender().drops().count(DropReason.CODEC_MALFORMED);
                } else {
                    subscription.forward(form, nowNanos);
                }
            }
        } finally {
            forms.end(packet);
        }
    }

    @Override
    public void onStreamEnded(IncomingStream stream) {
        forwardGathered();
        if (layers != null) {
            layers.onStreamEnded(stream);
        }
        for (Subscription subscription : subscriptions) {
            subscription.onStreamEnded(stream);
        }
        for (ShardPipe pipe : pipes) {
            pipe.onStreamEnded(stream);
        }
    }

    @Override
    public void onStreamStopped(IncomingStream stream) {
        if (layers != null) {
            layers.onStreamStopped(stream);
        }
        for (ShardPipe pipe : pipes) {
            pipe.onStreamStopped(stream);
        }
    }

    /** The other shard has told which streams there are. */
    void onStreamsKnown(long nowNanos) {
        if (layers != null && layers.onStreamsKnown(nowNanos)) {
            onLayersChanged(nowNanos);
        }
    }

    private void onLayersChanged(long nowNanos) {
        for (Subscription subscription : subscriptions) {
            subscription.subscriber().allocation().onLayersChanged(subscription, nowNanos);
        }
        if (layers != null && layers.takeReordered()) {
            onDemandChanged(nowNanos);
        }
    }

    /** A sound has one stream at a time. */
    private void hear(IncomingStream stream, long nowNanos) {
        IncomingStream present = heard;
        if (stream == present
                || (present != null && !present.ended() && nowNanos - present.lastPacketNanos() < SILENCE_NANOS)) {
            return;
        }
        heard = stream;
        for (Subscription subscription : subscriptions) {
            subscription.setTarget(stream.encoding(), LayerSelector.ALL, LayerSelector.ALL);
        }
    }
}
