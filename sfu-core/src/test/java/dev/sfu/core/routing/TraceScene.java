package dev.sfu.core.routing;

import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.codec.Codec;
import dev.sfu.core.layers.LayerSelector;
import dev.sfu.core.peerconnection.IncomingStream;
import dev.sfu.core.peerconnection.ScriptedPeer;
import dev.sfu.core.rtcp.Nack;
import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.rtcp.SenderReport;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.trace.LayerTrace;
import dev.sfu.core.trace.ReceiverModel;
import dev.sfu.core.trace.SourcePacket;
import dev.sfu.core.trace.TraceSource;
import dev.sfu.core.trace.UnreliableLink;
import dev.sfu.core.trace.UnreliableLink.Datagram;
import dev.sfu.core.trace.UnreliableLink.Quality;
import dev.sfu.core.trace.UnreliableLink.Way;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/**
 * Publishers that send what real browsers sent, and viewers with one slot each who change their minds all the time, in a room with
 * real connections and real SRTP. Each viewer's packets go to a {@link ReceiverModel}.
 */
final class TraceScene {
    private static final int PAYLOAD_TYPE = 96;
    private static final int RTX_PAYLOAD_TYPE = 97;
    private static final int MID = 4;
    private static final int RID = 10;
    private static final int REPAIRED_RID = 11;
    private static final int DESCRIPTOR = 12;
    private static final int ALLOCATION = 14;
    /** A picture that is not in anybody's retransmission history any more. */
    private static final int NACKED_WITHIN = 60;
    private static final long REPORT_INTERVAL_MICROS = 700_000;
    private static final long NTP_SECONDS = 3_900_000_000L;

    /** A browser that publishes a recording. */
    private final class Publisher {
        final String id;
        final TraceSource source;
        final UnreliableLink link;
        final ScriptedPeer peer;
        final int firstSsrc;
        final int[] rtxSequences;
        long nextReportMicros;

        Publisher(int number, LayerTrace trace, Quality quality, boolean narrow) {
            id = "p" + number;
            source = new TraceSource(number, trace, narrow, viewerCount, random);
            link = new UnreliableLink(quality, random, this::arrive);
            firstSsrc = 0x1000 * (number + 1);
            rtxSequences = new int[source.rids().size()];
            StringBuilder more = new StringBuilder(fmtp(trace.codec()));
            if (source.rids().size() > 1) {
                source.rids().forEach(rid -> more.append("a=rid:").append(rid).append(" send\n"));
                more.append("a=simulcast:send ").append(String.join(";", source.rids())).append('\n');
            }
            peer = scene.join(id, JoinRequest.Role.PUBLISHER, section("v", "sendonly", trace.codec(), true, more.toString()));
        }

        PublishedTrack track() {
            return Objects.requireNonNull(scene.room.participant(id)).published().getFirst();
        }

        void step() {
            long due = source.nextDueMicros();
            passUntil(due);
            SourcePacket packet = source.send();
            if (due >= nextReportMicros) {
                nextReportMicros = due + REPORT_INTERVAL_MICROS;
                report(packet);
            }
            link.send(new Datagram(packet, wire(packet, Way.DIRECT)), due);
        }

        private void report(SourcePacket packet) {
            long captured = source.capturedMicros(packet);
            long ntp = (NTP_SECONDS + Math.floorDiv(captured, 1_000_000L)) << 32
                    | (Math.floorMod(captured, 1_000_000L) << 32) / 1_000_000;
            peer.sendRtcp(out -> RtcpWriter.write(out, new SenderReport(
                    firstSsrc + packet.stream(), ntp, packet.timestamp() & 0xFFFF_FFFFL, 1, 1, List.of())));
        }

        private void arrive(Datagram datagram, Way way) {
            peer.receive(way == Way.DIRECT ? datagram.wire() : wire(datagram.packet(), way));
        }

        private byte[] wire(SourcePacket packet, Way way) {
            int stream = packet.stream();
            String rid = source.rids().get(stream);
            boolean again = way == Way.RTX;
            ByteWriter out = new ByteWriter(new byte[1400]);
            out.u8(0x90)
                    .u8((again ? RTX_PAYLOAD_TYPE : PAYLOAD_TYPE) | (packet.marker() ? 0x80 : 0))
                    .u16((again ? rtxSequences[stream]++ : (int) packet.sequence()) & 0xFFFF)
                    .u32(packet.timestamp() & 0xFFFF_FFFFL)
                    .i32(firstSsrc + stream + (again ? 0x100 : 0))
                    .u16(RtpPacket.TWO_BYTE_PROFILE)
                    .u16(0);
            int start = out.position();
            element(out, MID, "v".getBytes(StandardCharsets.US_ASCII));
            if (!rid.isEmpty()) {
                element(out, again ? REPAIRED_RID : RID, rid.getBytes(StandardCharsets.US_ASCII));
            }
            if (packet.descriptor().length > 0) {
                element(out, DESCRIPTOR, packet.descriptor());
            }
            out.zeros(-out.position() & 3);
            Bytes.put16(out.array(), start - 2, (out.position() - start) / 4);
            if (again) {
                out.u16((int) packet.sequence() & 0xFFFF);
            }
            return peer.protect(out.bytes(packet.payload()).toByteArray());
        }
    }

    /** Someone with one slot. */
    private final class Viewer {
        final String id;
        final ReceiverModel model;
        final ScriptedPeer peer;
        private final Slot slot;
        private Subscription subscription;
        private int playing;
        private int calm;

        Viewer(int number, boolean described, Codec codec) {
            id = "v" + number;
            model = new ReceiverModel(number);
            peer = scene.join(id, JoinRequest.Role.VIEWER, section("s", "recvonly", codec, described, fmtp(codec)));
            subscription = mine();
            slot = subscription.slot();
            playing = Integer.parseInt(subscription.track().publisher().id().substring(1));
        }

        private Subscription mine() {
            return publishers.stream()
                    .flatMap(publisher -> publisher.track().subscriptions().stream())
                    .filter(each -> each.subscriber().id().equals(id))
                    .findAny()
                    .orElseThrow();
        }

        /** Now and then many changes, then a while of few. */
        void step() {
            if (calm > 0) {
                calm--;
                if (random.nextInt(12) != 0) {
                    return;
                }
            } else if (random.nextInt(60) == 0) {
                calm = 300;
            }
            changes++;
            int what = random.nextInt(300);
            if (what == 0 && publishers.size() > 1) {
                moveTo((playing + 1) % publishers.size());
            } else if (what < 4) {
                subscription.pause();
            } else {
                retarget();
            }
        }

        private void moveTo(int publisher) {
            subscription.track().unsubscribe(subscription, peer.now);
            playing = publisher;
            subscription = new Subscription(publishers.get(publisher).track(), slot, subscription.subscriber());
            slot.setSubscription(subscription);
            subscription.track().subscribe(subscription, peer.now);
            retarget();
        }

        private void retarget() {
            List<IncomingStream> streams = publishers.get(playing).peer.receiver("v").streams();
            if (streams.isEmpty()) {
                return;
            }
            IncomingStream stream = streams.get(random.nextInt(streams.size()));
            subscription.setTarget(stream.encoding(), layer(), layer());
        }

        private int layer() {
            int layer = random.nextInt(4);
            return layer == 3 ? LayerSelector.ALL : layer;
        }

        void take() {
            for (byte[] bytes : peer.rtp) {
                RtpPacket packet = ScriptedPeer.parse(bytes);
                int at = packet.extensionOffset(DESCRIPTOR);
                byte[] descriptor =
                        at < 0 ? new byte[0] : Arrays.copyOfRange(bytes, at, at + packet.extensionBytes(DESCRIPTOR));
                byte[] payload = ScriptedPeer.payload(bytes);
                if (packet.payloadType() == PAYLOAD_TYPE) {
                    TraceSource from = publishers.get(TraceSource.numberOf(payload)).source;
                    model.onPacket(
                            from.packet(payload), packet.sequenceNumber(), packet.timestamp(), packet.marker(), payload, descriptor);
                } else if (payload.length > 0) {
                    model.onRetransmission(Bytes.u16(payload, 0), packet.timestamp(), packet.marker(),
                            Arrays.copyOfRange(payload, 2, payload.length), descriptor);
                }
            }
            peer.rtp.clear();
            peer.rtcp.clear();
        }

        void nack() {
            int number = model.recent(random.nextInt(NACKED_WITHIN));
            if (number >= 0) {
                peer.sendRtcp(out -> RtcpWriter.nack(out, 1, slot.sender().ssrc(), new int[] {number}, 0, 1));
            }
        }
    }

    private final ForwardQueue queue = new ForwardQueue(this::nowNanos);
    private final Random queueRandom = new Random(7);
    private final RoutingScene scene;
    private final Random random;
    private final int viewerCount;
    private final List<Publisher> publishers = new ArrayList<>();
    private final List<Viewer> viewers = new ArrayList<>();
    private long passedMicros;
    private long changes;

    /**
     * Publishers of these traces, which have one codec; every second viewer gets no dependency descriptors.
     *
     * @param gathering whether packets wait a while, so that several are forwarded together
     */
    TraceScene(
            List<LayerTrace> traces, Quality quality, boolean narrow, boolean gathering, int viewerCount, Random random) {
        this.scene = new RoutingScene(gathering ? queue : null);
        this.random = random;
        this.viewerCount = viewerCount;
        for (LayerTrace trace : traces) {
            publishers.add(new Publisher(publishers.size(), trace, quality, narrow));
        }
        for (int i = 0; i < viewerCount; i++) {
            viewers.add(new Viewer(i, i % 2 == 0, traces.getFirst().codec()));
        }
    }

    private static String fmtp(Codec codec) {
        return switch (codec) {
            case H264 -> "a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\n";
            case VP9 -> "a=fmtp:96 profile-id=0\n";
            default -> "";
        };
    }

    private static String section(String mid, String direction, Codec codec, boolean described, String more) {
        String extension = "a=extmap:%d https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension\n"
                .formatted(DESCRIPTOR);
        return """
                m=video 9 UDP/TLS/RTP/SAVPF 96 97
                c=IN IP4 0.0.0.0
                a=mid:%s
                a=%s
                a=rtcp-mux
                a=rtcp-rsize
                a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:mid
                a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id
                a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id
                a=extmap:%d http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00
                %sa=rtpmap:96 %s/90000
                a=rtcp-fb:96 ccm fir
                a=rtcp-fb:96 nack
                a=rtcp-fb:96 nack pli
                a=rtpmap:97 rtx/90000
                a=fmtp:97 apt=96
                %s""".formatted(mid, direction, MID, RID, REPAIRED_RID, ALLOCATION, described ? extension : "",
                codec.encodingName(), more);
    }

    private static void element(ByteWriter out, int id, byte[] data) {
        out.u8(id).u8(data.length).bytes(data);
    }

    private void passUntil(long micros) {
        long millis = (micros - passedMicros) / 1000;
        if (millis > 0) {
            scene.advance(millis * ScriptedPeer.MS);
            passedMicros += millis * 1000;
        }
    }

    /** Sends until the viewers have changed their minds so often. */
    void run(long wanted) {
        while (changes < wanted) {
            Publisher next = publishers.getFirst();
            for (Publisher publisher : publishers) {
                if (publisher.source.nextDueMicros() < next.source.nextDueMicros()) {
                    next = publisher;
                }
            }
            next.step();
            if (queueRandom.nextInt(4) == 0) {
                forward();
            }
            for (Viewer viewer : viewers) {
                viewer.step();
                viewer.take();
            }
            if (random.nextInt(100) == 0) {
                viewers.get(random.nextInt(viewers.size())).nack();
            }
            publishers.forEach(publisher -> publisher.peer.rtcp.clear());
        }
    }

    private long nowNanos() {
        return viewers.getFirst().peer.now;
    }

    private void forward() {
        queue.forward(failure -> {
            throw failure;
        });
    }

    /** Ends everything, and gives what the receivers saw. */
    List<ReceiverModel> finish() {
        forward();
        viewers.forEach(Viewer::take);
        viewers.forEach(viewer -> viewer.model.finish());
        scene.close();
        return viewers.stream().map(viewer -> viewer.model).toList();
    }

    long changes() {
        return changes;
    }

    int outstandingBuffers() {
        return scene.pool.outstanding();
    }
}
