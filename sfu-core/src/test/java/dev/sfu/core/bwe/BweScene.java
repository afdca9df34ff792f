package dev.sfu.core.bwe;

import dev.sfu.core.pacing.Pacer;
import dev.sfu.core.pacing.PacerOutput;
import dev.sfu.core.rtcp.TransportFeedback;
import dev.sfu.core.time.Deadlines;

/** A subscriber: frames at a rate that the test sets, a pacer, a path and the controller. In virtual time of 1 ms. */
final class BweScene implements PacerOutput {
    static final long MS = Deadlines.MILLISECOND;
    private static final long FRAME_NANOS = 33 * MS;
    private static final int PACKET_BYTES = 1200;
    private static final long AUDIO_BPS = 40_000;

    final BottleneckLink link = new BottleneckLink();
    final GoogCcNetworkController controller;
    final Pacer pacer;
    long nowNanos = Deadlines.SECOND;

    /** What the publishers send; at most the target if {@link #adaptive}. */
    long mediaBps;
    boolean adaptive = true;
    boolean audio = true;
    boolean canPad = true;
    /** Transport-wide sequence numbers start here. */
    long sequence = 65_000;

    private long nextFrameNanos;
    private long nextAudioNanos;
    private long frame;
    private long packet;
    int framesDropped;
    long paddingBytes;
    long mediaBytes;

    BweScene() {
        this(BandwidthConfig.defaults());
    }

    BweScene(BandwidthConfig config) {
        controller = new GoogCcNetworkController(config);
        pacer = new Pacer(this, controller.pacingBps(), 1 << 20);
    }

    void start() {
        controller.onNetworkAvailable(nowNanos);
        poll();
    }

    void run(double seconds) {
        long end = nowNanos + (long) (seconds * Deadlines.SECOND);
        while (nowNanos < end) {
            step();
        }
    }

    void step() {
        nowNanos += MS;
        for (TransportFeedback feedback : link.until(nowNanos)) {
            controller.onTransportFeedback(feedback, nowNanos);
        }
        if (Deadlines.due(controller.nextDeadlineNanos(), nowNanos)) {
            controller.onDeadline(nowNanos);
        }
        poll();
        sendMedia();
        if (Deadlines.due(pacer.nextDeadlineNanos(), nowNanos)) {
            pacer.onDeadline(nowNanos);
        }
    }

    private void poll() {
        for (ProbeCluster probe = controller.pollProbeCluster(); probe != null; probe = controller.pollProbeCluster()) {
            pacer.addProbe(probe);
        }
        pacer.setPacingBps(controller.pacingBps(), nowNanos);
        pacer.setCongested(controller.congested());
    }

    private void sendMedia() {
        if (audio && nowNanos >= nextAudioNanos) {
            nextAudioNanos = nowNanos + 20 * MS;
            pacer.onAudio(100, nowNanos);
            transmit(100, true, ProbeCluster.NONE);
        }
        if (mediaBps > 0 && nowNanos >= nextFrameNanos) {
            nextFrameNanos = nowNanos + FRAME_NANOS;
            frame++;
            long videoBps = Math.max(20_000, controller.targetBps() - (audio ? AUDIO_BPS : 0));
            long bps = adaptive ? Math.min(mediaBps, videoBps) : mediaBps;
            // Frames vary by a fifth.
            long bytes = (long) (bps * (0.8 + 0.4 * link.random.nextDouble()) * FRAME_NANOS / 8e9);
            while (bytes > 0) {
                int size = (int) Math.min(bytes, PACKET_BYTES);
                bytes -= size;
                long id = packet++ << 16 | size;
                if (pacer.offerVideo(1, id, frame, false, size, nowNanos)) {
                    release(1, id, ProbeCluster.NONE, nowNanos);
                }
            }
        }
    }

    private void transmit(int bytes, boolean isAudio, int probe) {
        sequence++;
        controller.onPacketSent(sequence, bytes, isAudio, probe, nowNanos);
        link.send(sequence, bytes, nowNanos);
    }

    @Override
    public int release(int stream, long id, int probe, long now) {
        int bytes = (int) (id & 0xFFFF);
        mediaBytes += bytes;
        transmit(bytes, false, probe);
        return bytes;
    }

    @Override
    public void drop(int stream, long id) {}

    @Override
    public void onFramesDropped(int stream, long now) {
        framesDropped++;
    }

    @Override
    public int sendPadding(int bytes, int probe, long now) {
        if (!canPad) {
            return 0;
        }
        int size = Math.clamp(bytes, 200, PACKET_BYTES);
        paddingBytes += size;
        transmit(size, false, probe);
        return size;
    }

    /** Average of the target over a time, bits per second. */
    double averageTarget(double seconds) {
        double sum = 0;
        int steps = (int) (seconds * 1000);
        for (int i = 0; i < steps; i++) {
            step();
            sum += controller.targetBps();
        }
        return sum / steps;
    }
}
