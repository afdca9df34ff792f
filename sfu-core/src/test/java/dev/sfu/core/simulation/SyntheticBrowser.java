package dev.sfu.core.simulation;

import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.SlotPriority;
import dev.sfu.core.api.SlotWish;
import dev.sfu.core.api.TrackDeclaration;
import dev.sfu.core.api.TrackSource;
import dev.sfu.core.peerconnection.Offers;
import dev.sfu.core.peerconnection.PeerConnection;
import dev.sfu.core.rtcp.RtcpPacket;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.sdp.MediaSection;
import dev.sfu.core.sdp.SdpSession;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A browser in a {@link SimulatedRoom}: publishes, views, and remembers what its user saw and heard. */
public final class SyntheticBrowser implements BrowserTransport.Sink {
    /** RTP streams start below, as libwebrtc's do, so that no receiver misses a wrap. */
    private static final int FIRST_SEQUENCE_BOUND = 1 << 15;

    private final SimulatedRoom room;
    private final String name;
    private final int number;
    private final SplittableRandom random;
    private final BrowserTransport transport;
    private final UplinkEstimate estimate = new UplinkEstimate();
    private final Offer offer = new Offer();
    private final List<TrackDeclaration> declarations = new ArrayList<>();
    private final List<Camera> cameras = new ArrayList<>();
    private final List<Microphone> microphones = new ArrayList<>();
    private final List<ReceivedVideo> videos = new ArrayList<>();
    private final List<String> videoMids = new ArrayList<>();
    private final List<ReceivedAudio> audios = new ArrayList<>();
    private final Map<Integer, ReceivedVideo> videoBySsrc = new HashMap<>();
    private final Map<Integer, ReceivedVideo> videoByRtxSsrc = new HashMap<>();
    private final Map<Integer, ReceivedAudio> audioBySsrc = new HashMap<>();
    private final List<RoomEvent> events = new ArrayList<>();
    private final BrowserRtcp rtcp;
    private @Nullable ServerEnd server;
    private @Nullable Consumer<RtpPacket> tap;
    private boolean answerPending;
    private long earlyPackets;
    private long unroutedPackets;

    SyntheticBrowser(SimulatedRoom room, String name, LinkConfig uplink, LinkConfig downlink) {
        this.room = room;
        this.name = name;
        this.number = room.browsers().size();
        this.random = new SplittableRandom(room.nextSeed());
        this.transport = new BrowserTransport(room, this, uplink, downlink);
        this.rtcp = new BrowserRtcp(room, this, transport, random.nextInt());
    }

    // ---- what it does -----------------------------------------------------------------------------------------------

    /** Publishes video, from the moment it connects. */
    public SyntheticBrowser publishVideo(VideoSource source) {
        List<SentRtpStream> streams = new ArrayList<>();
        for (VideoSource.Layer layer : source.layers()) {
            String rid = source.layers().size() > 1 ? layer.rid() : "";
            streams.add(newStream(rid, Offer.VP8));
        }
        declare(source.kind());
        offer.addVideo(streams);
        cameras.add(Camera.create(room.time(), number, source, streams, transport, estimate, random));
        return this;
    }

    /** Publishes sound, from the moment it connects. */
    public SyntheticBrowser publishMicrophone(boolean dtx) {
        SentRtpStream stream = newStream("", Offer.OPUS);
        declare(TrackSource.MICROPHONE);
        offer.addMicrophone(stream);
        microphones.add(new Microphone(room.time(), number, dtx, stream, transport, estimate, random.split()));
        return this;
    }

    private void declare(TrackSource source) {
        declarations.add(new TrackDeclaration(offer.nextMid(), source, false));
    }

    private SentRtpStream newStream(String rid, int payloadType) {
        return new SentRtpStream(offer.nextMid(), rid, payloadType, random.nextInt(), random.nextInt(),
                random.nextInt(FIRST_SEQUENCE_BOUND));
    }

    /** Has so many slots of each kind. */
    public SyntheticBrowser receive(int audio, int video) {
        for (int i = 0; i < audio; i++) {
            offer.addSlot(true);
        }
        for (int i = 0; i < video; i++) {
            offer.addSlot(false);
        }
        return this;
    }

    /** Offers, connects, and starts to publish and view. */
    public SyntheticBrowser connect() {
        ServerEnd end = room.serverEnd(name, transport, this);
        server = end;
        SdpSession answer =
                end.connection().acceptOffer(Offers.read(offer.text(transport.credentials())), room.time().nowNanos());
        for (MediaSection section : answer.media()) {
            noteSlot(section);
        }
        end.participant().onNegotiated(declarations, room.time().nowNanos());
        transport.connect(end, answer.transportOf(answer.media().getFirst()));
        rtcp.start(random);
        cameras.forEach(Camera::start);
        microphones.forEach(Microphone::start);
        return this;
    }

    /** Offers again with so many more slots, and knows what the answer says of them after {@code answerMillis}. */
    public void addSlots(int audio, int video, long answerMillis) {
        int known = audios.size() + videos.size();
        receive(audio, video);
        long now = room.time().nowNanos();
        ServerEnd end = Objects.requireNonNull(server);
        SdpSession answer = end.connection().acceptOffer(Offers.read(offer.text(transport.credentials())), now);
        end.participant().onNegotiated(declarations, now);
        room.shard().endTurn();
        List<MediaSection> slots = answer.media().stream()
                .filter(section -> !section.isRejected() && !section.ssrcs().isEmpty())
                .toList();
        answerPending = true;
        room.time().set(
                new VirtualTime.Alarm(later -> {
                    answerPending = false;
                    slots.subList(known, slots.size()).forEach(this::noteSlot);
                }),
                now + answerMillis * Deadlines.MILLISECOND);
    }

    private void noteSlot(MediaSection section) {
        if (section.isRejected() || section.ssrcs().isEmpty()) {
            return;
        }
        int ssrc = (int) section.ssrcs().getFirst().ssrc();
        if (section.kind().equals("audio")) {
            ReceivedAudio audio = new ReceivedAudio(room.time(), ssrc);
            audios.add(audio);
            audioBySsrc.put(ssrc, audio);
            return;
        }
        ReceivedVideo video = new ReceivedVideo(room.time(), ssrc, rtcp);
        videos.add(video);
        videoMids.add(section.mid());
        videoBySsrc.put(ssrc, video);
        for (MediaSection.SsrcGroup group : section.ssrcGroups()) {
            videoByRtxSsrc.put(group.ssrcs().get(1).intValue(), video);
        }
    }

    /** Asks to see these participants. */
    public void page(@Nullable List<String> names) {
        Objects.requireNonNull(server).participant().setPage(names, room.time().nowNanos());
        room.shard().endTurn();
    }

    /** Says how large the picture in a video slot is on the screen; 0 when it is out of sight. */
    public void show(int index, int width, int height) {
        SlotWish wish = new SlotWish(
                videoMids.get(index), width == 0, width, height, 0, SlotWish.ALL_LAYERS, SlotPriority.NORMAL);
        Objects.requireNonNull(server).participant().setSlotWishes(List.of(wish), room.time().nowNanos());
        room.shard().endTurn();
    }

    /** Says and hears nothing from now on, like a browser that crashed. */
    public void stop() {
        transport.stop();
        rtcp.stop();
        cameras.forEach(Camera::stop);
        microphones.forEach(Microphone::stop);
        videos.forEach(ReceivedVideo::stop);
        audios.forEach(ReceivedAudio::stop);
    }

    void onRoomEvent(RoomEvent event) {
        events.add(event);
        if (event instanceof RoomEvent.EncodingsWanted wanted) {
            cameras.forEach(camera -> camera.onEncodingsWanted(wanted));
        }
    }

    // ---- packets ----------------------------------------------------------------------------------------------------

    @Override
    public void onRtp(RtpPacket packet, long now) {
        int sequence = packet.extensionOffset(Offer.TRANSPORT_SEQUENCE_ID);
        if (sequence >= 0) {
            rtcp.onTransportSequence(packet.array(), sequence, packet.ssrc(), now);
        }
        Consumer<RtpPacket> observer = tap;
        if (observer != null) {
            observer.accept(packet);
        }
        ReceivedVideo video = videoBySsrc.get(packet.ssrc());
        if (video != null) {
            video.onPacket(packet, now);
            return;
        }
        ReceivedVideo repaired = videoByRtxSsrc.get(packet.ssrc());
        if (repaired != null) {
            repaired.onRetransmission(packet, now);
            return;
        }
        ReceivedAudio audio = audioBySsrc.get(packet.ssrc());
        if (audio != null) {
            audio.onPacket(packet, now);
        } else if (answerPending) {
            earlyPackets++;
        } else {
            unroutedPackets++;
        }
    }

    @Override
    public void onRtcp(List<RtcpPacket> packets, long now) {
        rtcp.onRtcp(packets, now);
    }

    /** Shows every decrypted RTP packet that arrives. */
    public void setTap(@Nullable Consumer<RtpPacket> observer) {
        tap = observer;
    }

    // ---- what there is ----------------------------------------------------------------------------------------------

    /** Its name in the room. */
    public String name() {
        return name;
    }

    /** The link to the server. */
    public SimulatedLink uplink() {
        return transport.uplink();
    }

    /** The link from the server. */
    public SimulatedLink downlink() {
        return transport.downlink();
    }

    /** The server's connection to it. */
    public PeerConnection serverConnection() {
        return Objects.requireNonNull(server).connection();
    }

    boolean connected() {
        return server != null;
    }

    /** What the server thinks that the downlink carries, or a negative number as long as it has no idea. */
    public double serverEstimateBps() {
        for (Map<String, Object> stats : serverConnection().stats(room.time().nowNanos()).stats()) {
            if (stats.get("availableOutgoingBitrate") instanceof Number bitrate) {
                return bitrate.doubleValue();
            }
        }
        return -1;
    }

    /** What it thinks itself that its uplink carries. */
    public long uplinkEstimateBps() {
        return estimate.bps();
    }

    UplinkEstimate estimate() {
        return estimate;
    }

    /** Its published video, in the order of publishing. */
    public Camera camera(int index) {
        return cameras.get(index);
    }

    List<Camera> cameras() {
        return cameras;
    }

    /** Its number in the room, which marks its sound and pictures. */
    public int number() {
        return number;
    }

    /** Its microphone. */
    public Microphone microphone() {
        return microphones.getFirst();
    }

    List<Microphone> microphones() {
        return microphones;
    }

    /** Its video slots. */
    public List<ReceivedVideo> videos() {
        return videos;
    }

    /** One of its video slots. */
    public ReceivedVideo video(int index) {
        return videos.get(index);
    }

    /** Its audio slots. */
    public List<ReceivedAudio> audios() {
        return audios;
    }

    /** One of its audio slots. */
    public ReceivedAudio audio(int index) {
        return audios.get(index);
    }

    /** What it was told by signaling. */
    public List<RoomEvent> events() {
        return events;
    }

    /** RTP of SSRCs that no answer named. */
    public long unroutedPackets() {
        return unroutedPackets;
    }

    /** RTP of SSRCs that an answer on its way will have named. */
    public long earlyPackets() {
        return earlyPackets;
    }

    /** Packets that SRTP refused, among them the network's duplicates. */
    public long undecryptablePackets() {
        return transport.undecryptable();
    }

    /** What no browser should meet, in words. */
    public List<String> faults() {
        List<String> all = new ArrayList<>();
        for (ReceivedVideo video : videos) {
            video.faults().forEach(fault -> all.add(name + ": " + fault));
        }
        if (unroutedPackets > 0) {
            all.add(name + ": " + unroutedPackets + " packets of unknown SSRCs");
        }
        return all;
    }
}
