package dev.sfu.core.simulation;

import dev.sfu.core.api.EncodingDemand;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.TrackSource;
import dev.sfu.core.time.Deadlines;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A track of synthetic video: divides the uplink's estimate between its layers as libwebrtc does, and films. */
public final class Camera {
    /** A layer that is off comes back only with so much to spare. */
    private static final double RETURN_MARGIN = 1.2;

    private final VirtualTime time;
    private final VideoSource source;
    private final List<SentVideoLayer> layers;
    private final UplinkEstimate estimate;
    private final long frameNanos;
    private final VirtualTime.Alarm nextFrame = new VirtualTime.Alarm(this::onFrame);
    private final List<Boolean> paused = new ArrayList<>();
    private final List<Boolean> unwanted = new ArrayList<>();
    private int keyframeRequests;

    private Camera(VirtualTime time, VideoSource source, List<SentVideoLayer> layers, UplinkEstimate estimate) {
        this.time = time;
        this.source = source;
        this.layers = layers;
        this.estimate = estimate;
        this.frameNanos = (long) (Deadlines.SECOND / source.framesPerSecond());
        layers.forEach(layer -> {
            paused.add(false);
            unwanted.add(false);
        });
    }

    static Camera create(
            VirtualTime time,
            int publisher,
            VideoSource source,
            List<SentRtpStream> streams,
            BrowserTransport transport,
            UplinkEstimate estimate,
            SplittableRandom random) {
        List<SentVideoLayer> layers = new ArrayList<>();
        boolean screen = source.kind() == TrackSource.SCREEN;
        for (int i = 0; i < streams.size(); i++) {
            LayerEncoder encoder = new LayerEncoder(publisher, i, source, screen, random.split());
            layers.add(new SentVideoLayer(encoder, streams.get(i), transport, estimate, random));
        }
        return new Camera(time, source, layers, estimate);
    }

    void start() {
        time.set(nextFrame, time.nowNanos());
    }

    void stop() {
        time.set(nextFrame, Deadlines.NEVER);
    }

    /** What it is. */
    public VideoSource source() {
        return source;
    }

    /** Stops or resumes one layer, 0 the smallest, as when the browser's processor is overloaded. */
    public void pauseLayer(int layer, boolean pause) {
        paused.set(layer, pause);
    }

    /** Sends what the server has a use for, as the client does. */
    void onEncodingsWanted(RoomEvent.EncodingsWanted wanted) {
        for (EncodingDemand demand : wanted.encodings()) {
            for (int i = 0; i < layers.size(); i++) {
                SentRtpStream stream = layers.get(i).stream();
                if (ascii(stream.mid).equals(wanted.mid()) && ascii(stream.rid).equals(demand.rid())) {
                    unwanted.set(i, !demand.wanted());
                }
            }
        }
    }

    private static String ascii(byte[] text) {
        return new String(text, StandardCharsets.US_ASCII);
    }

    private void onFrame(long now) {
        time.set(nextFrame, now + frameNanos);
        allocate(now);
        for (SentVideoLayer layer : layers) {
            if (layer.encoder().targetBps() > 0) {
                layer.sendFrame(now);
            }
        }
    }

    /** From the smallest layer up: its target if there is its minimum; the largest that flows gets the rest. */
    private void allocate(long now) {
        long left = estimate.mediaBps(now);
        int top = -1;
        long[] share = new long[layers.size()];
        for (int i = 0; i < layers.size(); i++) {
            LayerEncoder encoder = layers.get(i).encoder();
            if (paused.get(i) || unwanted.get(i)) {
                continue;
            }
            double needed = encoder.limits().minBps() * (encoder.targetBps() > 0 ? 1.0 : RETURN_MARGIN);
            // The smallest is always sent: a track that flows has something to show.
            if (left < needed && i > 0) {
                break;
            }
            share[i] = Math.clamp(left, encoder.limits().minBps(), encoder.limits().targetBps());
            left -= share[i];
            top = i;
        }
        if (top >= 0 && left > 0) {
            share[top] = Math.min(share[top] + left, layers.get(top).encoder().limits().maxBps());
        }
        for (int i = 0; i < share.length; i++) {
            layers.get(i).encoder().setTargetBps(share[i]);
        }
    }

    void onKeyframeRequest(int ssrc) {
        for (SentVideoLayer layer : layers) {
            if (layer.stream().ssrc == ssrc) {
                keyframeRequests++;
                layer.encoder().wantKeyframe();
            }
        }
    }

    @Nullable SentVideoLayer layerOf(int ssrc) {
        for (SentVideoLayer layer : layers) {
            if (layer.stream().ssrc == ssrc) {
                return layer;
            }
        }
        return null;
    }

    List<SentVideoLayer> layers() {
        return layers;
    }

    /** Keyframe requests that came from the server. */
    public int keyframeRequests() {
        return keyframeRequests;
    }

    /** Keyframes sent in all layers. */
    public int keyframes() {
        return layers.stream().mapToInt(layer -> layer.encoder().keyframes()).sum();
    }

    /** Packets sent again. */
    public long retransmissions() {
        return layers.stream().mapToLong(SentVideoLayer::retransmissions).sum();
    }

    /** Layers that flow now. */
    public int activeLayers() {
        return (int) layers.stream().filter(layer -> layer.encoder().targetBps() > 0).count();
    }
}
