package dev.sfu.server.peers;

import dev.onvoid.webrtc.CreateSessionDescriptionObserver;
import dev.onvoid.webrtc.PeerConnectionFactory;
import dev.onvoid.webrtc.PeerConnectionObserver;
import dev.onvoid.webrtc.RTCBundlePolicy;
import dev.onvoid.webrtc.RTCConfiguration;
import dev.onvoid.webrtc.RTCIceCandidate;
import dev.onvoid.webrtc.RTCOfferOptions;
import dev.onvoid.webrtc.RTCPeerConnection;
import dev.onvoid.webrtc.RTCRtpTransceiver;
import dev.onvoid.webrtc.RTCRtpTransceiverDirection;
import dev.onvoid.webrtc.RTCRtpTransceiverInit;
import dev.onvoid.webrtc.RTCSdpType;
import dev.onvoid.webrtc.RTCSessionDescription;
import dev.onvoid.webrtc.RTCStats;
import dev.onvoid.webrtc.RTCStatsType;
import dev.onvoid.webrtc.SetSessionDescriptionObserver;
import dev.onvoid.webrtc.media.MediaStreamTrack;
import dev.onvoid.webrtc.media.audio.AudioTrack;
import dev.onvoid.webrtc.media.video.VideoTrack;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A peer connection of the real libwebrtc, negotiated by WHIP or WHEP. */
final class LibwebrtcPeer implements AutoCloseable {
    private static final int SECONDS = 10;

    private final RTCPeerConnection connection;
    private final AtomicInteger videoFrames = new AtomicInteger();
    private final AtomicInteger audioBlocks = new AtomicInteger();

    LibwebrtcPeer(PeerConnectionFactory factory) {
        RTCConfiguration configuration = new RTCConfiguration();
        configuration.bundlePolicy = RTCBundlePolicy.MAX_BUNDLE;
        connection = factory.createPeerConnection(configuration, new PeerConnectionObserver() {
            @Override
            public void onIceCandidate(RTCIceCandidate candidate) {
                // The server learns addresses from checks.
            }

            @Override
            public void onTrack(RTCRtpTransceiver transceiver) {
                count(transceiver.getReceiver().getTrack());
            }
        });
    }

    private void count(MediaStreamTrack track) {
        switch (track) {
            case VideoTrack video -> video.addSink(frame -> videoFrames.incrementAndGet());
            case AudioTrack audio -> audio.addSink((data, bits, rate, channels, frames) -> audioBlocks.incrementAndGet());
            default -> throw new IllegalArgumentException(track.getKind());
        }
    }

    /** Adds an m-section. A received one needs a track here too; it is not sent. */
    void add(MediaStreamTrack track, RTCRtpTransceiverDirection direction) {
        RTCRtpTransceiverInit init = new RTCRtpTransceiverInit();
        init.direction = direction;
        init.streamIds = List.of("stream");
        connection.addTransceiver(track, init);
    }

    /** Offers to a WHIP or WHEP resource and takes its answer. */
    void negotiate(URI resource) throws Exception {
        CompletableFuture<RTCSessionDescription> offer = new CompletableFuture<>();
        connection.createOffer(new RTCOfferOptions(), new CreateSessionDescriptionObserver() {
            @Override
            public void onSuccess(RTCSessionDescription description) {
                offer.complete(description);
            }

            @Override
            public void onFailure(String error) {
                offer.completeExceptionally(new IOException(error));
            }
        });
        RTCSessionDescription local = offer.get(SECONDS, TimeUnit.SECONDS);
        Done localSet = new Done();
        connection.setLocalDescription(local, localSet);
        localSet.future.get(SECONDS, TimeUnit.SECONDS);
        String answer = post(resource, local.sdp);
        Done remoteSet = new Done();
        connection.setRemoteDescription(new RTCSessionDescription(RTCSdpType.ANSWER, answer), remoteSet);
        remoteSet.future.get(SECONDS, TimeUnit.SECONDS);
    }

    private static String post(URI resource, String sdp) throws IOException, InterruptedException {
        HttpClient client = HttpClient.newHttpClient();
        try {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(resource)
                            .header("Content-Type", "application/sdp")
                            .POST(HttpRequest.BodyPublishers.ofString(sdp))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 201) {
                throw new IOException(response.statusCode() + " " + response.body());
            }
            return response.body();
        } finally {
            client.shutdownNow();
        }
    }

    /** Video frames decoded and shown. */
    int videoFrames() {
        return videoFrames.get();
    }

    /** Blocks of 10 ms of sound, decoded and played. */
    int audioBlocks() {
        return audioBlocks.get();
    }

    /** The members of the stats objects of that type. */
    List<Map<String, Object>> stats(RTCStatsType type) throws Exception {
        CompletableFuture<List<Map<String, Object>>> stats = new CompletableFuture<>();
        connection.getStats(report -> stats.complete(report.getStats().values().stream()
                .filter(s -> s.getType() == type)
                .map(RTCStats::getAttributes)
                .toList()));
        return stats.get(SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        connection.close();
    }

    private static final class Done implements SetSessionDescriptionObserver {
        private final CompletableFuture<Boolean> future = new CompletableFuture<>();

        @Override
        public void onSuccess() {
            future.complete(true);
        }

        @Override
        public void onFailure(String error) {
            future.completeExceptionally(new IOException(error));
        }
    }
}
