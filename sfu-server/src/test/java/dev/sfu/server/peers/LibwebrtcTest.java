package dev.sfu.server.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.onvoid.webrtc.PeerConnectionFactory;
import dev.onvoid.webrtc.RTCRtpTransceiverDirection;
import dev.onvoid.webrtc.RTCStatsType;
import dev.onvoid.webrtc.media.MediaStreamTrack;
import dev.onvoid.webrtc.media.audio.AudioOptions;
import dev.onvoid.webrtc.media.audio.HeadlessAudioDeviceModule;
import dev.onvoid.webrtc.media.video.CustomVideoSource;
import dev.onvoid.webrtc.media.video.NativeI420Buffer;
import dev.onvoid.webrtc.media.video.VideoFrame;
import dev.sfu.core.Needs;
import dev.sfu.core.api.ConnectionInfo;
import dev.sfu.core.api.JoinRequest;
import dev.sfu.server.ServerFixture;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** libwebrtc itself, without a browser around it. In a JVM of its own, which a native abort would end. */
@Tag("libwebrtc")
@Timeout(90)
class LibwebrtcTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String ROOM = "libwebrtc";
    private static final int WIDTH = 320;
    private static final int HEIGHT = 180;
    private static final int FRAME_RATE = 15;
    private static final int FRAMES = 30;
    private static final int AUDIO_BLOCKS = 100;

    @Test
    void publishesAndWatches() throws Exception {
        HeadlessAudioDeviceModule audioDevices = audioDevices();
        PeerConnectionFactory factory = new PeerConnectionFactory(audioDevices);
        CustomVideoSource camera = new CustomVideoSource();
        MediaStreamTrack audio = factory.createAudioTrack("microphone", factory.createAudioSource(new AudioOptions()));
        MediaStreamTrack video = factory.createVideoTrack("camera", camera);
        try (ServerFixture server = ServerFixture.start();
                ScheduledExecutorService clock = new ScheduledThreadPoolExecutor(1);
                LibwebrtcPeer publisher = new LibwebrtcPeer(factory);
                LibwebrtcPeer viewer = new LibwebrtcPeer(factory)) {
            ServerStatistics statistics = new ServerStatistics(server.engine());
            Picture picture = new Picture(camera);
            ScheduledFuture<?> shooting =
                    clock.scheduleAtFixedRate(picture::next, 0, 1_000_000 / FRAME_RATE, TimeUnit.MICROSECONDS);

            publisher.add(audio, RTCRtpTransceiverDirection.SEND_ONLY);
            publisher.add(video, RTCRtpTransceiverDirection.SEND_ONLY);
            publisher.negotiate(URI.create(server.url() + "whip/" + ROOM));
            viewer.add(audio, RTCRtpTransceiverDirection.RECV_ONLY);
            viewer.add(video, RTCRtpTransceiverDirection.RECV_ONLY);
            viewer.negotiate(URI.create(server.url() + "whep/" + ROOM));

            Eventually.until("video is shown", PATIENCE, viewer::videoFrames, frames -> frames >= FRAMES);
            Eventually.until("sound is played", PATIENCE, viewer::audioBlocks, blocks -> blocks >= AUDIO_BLOCKS);
            checkViewer(viewer);
            checkServer(statistics);
            assertTrue(shooting.cancel(false), "the camera stopped by itself");
        } finally {
            // Tracks cannot be disposed of: their transceivers hold them for as long as the factory is there.
            factory.dispose();
            audioDevices.dispose();
        }
    }

    private static HeadlessAudioDeviceModule audioDevices() {
        try {
            return new HeadlessAudioDeviceModule();
        } catch (LinkageError notLoaded) {
            Needs.that(false, "libwebrtc or a library it needs: " + notLoaded);
            throw notLoaded;
        }
    }

    private static void checkViewer(LibwebrtcPeer viewer) throws Exception {
        List<Map<String, Object>> inbound = viewer.stats(RTCStatsType.INBOUND_RTP);
        assertEquals(2, inbound.size(), inbound.toString());
        for (Map<String, Object> stream : inbound) {
            assertEquals(0, ServerStatistics.number(stream, "packetsLost"), stream.toString());
        }
        Map<String, Object> transport = viewer.stats(RTCStatsType.TRANSPORT).getFirst();
        assertEquals("AEAD_AES_128_GCM", transport.get("srtpCipher"));
    }

    private static void checkServer(ServerStatistics statistics) throws Exception {
        List<ConnectionInfo> connections = statistics.connections(ROOM);
        assertEquals(2, connections.size());
        for (ConnectionInfo connection : connections) {
            Map<String, Object> transport = statistics.transport(connection.id());
            assertEquals("connected", transport.get("dtlsState"));
            assertEquals("server", transport.get("dtlsRole"));
            String streams = connection.role() == JoinRequest.Role.PUBLISHER ? "inbound-rtp" : "outbound-rtp";
            assertEquals(2, statistics.ofType(connection.id(), streams).size());
            if (connection.role() == JoinRequest.Role.PUBLISHER) {
                List<String> types = statistics.receivedMimeTypes(connection.id());
                assertTrue(types.containsAll(List.of("audio/opus", "video/VP8")), types.toString());
            }
        }
    }

    /** A picture that moves. */
    private static final class Picture {
        private final CustomVideoSource source;
        private int count;

        Picture(CustomVideoSource source) {
            this.source = source;
        }

        void next() {
            count++;
            NativeI420Buffer buffer = NativeI420Buffer.allocate(WIDTH, HEIGHT);
            fill(buffer.getDataY(), buffer.getStrideY(), HEIGHT, 0);
            fill(buffer.getDataU(), buffer.getStrideU(), (HEIGHT + 1) / 2, 40);
            fill(buffer.getDataV(), buffer.getStrideV(), (HEIGHT + 1) / 2, 80);
            VideoFrame frame = new VideoFrame(buffer, System.nanoTime());
            source.pushFrame(frame);
            frame.release();
        }

        private void fill(ByteBuffer plane, int stride, int rows, int shade) {
            for (int i = 0; i < stride * rows; i++) {
                plane.put(i, (byte) (i % stride + 5 * count + shade));
            }
        }
    }
}
