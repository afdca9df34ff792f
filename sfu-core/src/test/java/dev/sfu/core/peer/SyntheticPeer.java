package dev.sfu.core.peer;

import dev.sfu.core.api.JoinRequest;
import dev.sfu.core.api.MediaEngine;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.ParticipantHandle;
import dev.sfu.core.api.RoomEvent;
import dev.sfu.core.api.SlotAssignment;
import dev.sfu.core.api.TrackDeclaration;
import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.rtp.Rtx;
import dev.sfu.core.sdp.MediaSection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A WebRTC client on our own stack over a real socket.
 *
 * <p>Join, add tracks to send and slots to receive in, {@link #connect}; then turn the loop. Tracks flow once their streams
 * are told to; keyframe requests and NACKs are answered like a browser does. What arrives is in {@link #received()}.
 */
public final class SyntheticPeer implements PeerTransport.Sink {
    private static final int NO_RTX = 0;

    private final PeerLoop loop;
    private final String name;
    private final List<RoomEvent> events = new ArrayList<>();
    private final List<PeerSection> sections = new ArrayList<>();
    private final List<TrackDeclaration> declarations = new ArrayList<>();
    private final Map<Integer, ReceivedStream> received = new LinkedHashMap<>();
    private final Map<Integer, ReceivedStream> receivedRtx = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private final RtpPacket rtp = new RtpPacket();
    private final PeerTransport transport;
    private final PeerRtcp rtcp = new PeerRtcp(this);
    private @Nullable ParticipantHandle handle;
    private @Nullable PeerAnswer answer;
    private final List<byte[]> beforeAnswer = new ArrayList<>();
    private boolean offerPending;
    private IceCredentials credentials;
    private PeerCodec videoCodec = PeerCodec.VP8;
    private String setup = "actpass";
    private boolean tcp;
    private boolean silent;
    private int offers;
    private int firstSequence = 1000;

    private SyntheticPeer(PeerLoop loop, String name) {
        this.loop = loop;
        this.name = name;
        this.transport = new PeerTransport(loop, this);
        this.credentials = IceCredentials.create(loop.random());
    }

    // ---- life -------------------------------------------------------------------------------------------------------

    /** Joins a room as a participant. */
    public static SyntheticPeer join(PeerLoop loop, MediaEngine engine, String room, String name) {
        return join(loop, engine, room, name, JoinRequest.Role.PARTICIPANT);
    }

    /** Joins a room. */
    public static SyntheticPeer join(
            PeerLoop loop, MediaEngine engine, String room, String name, JoinRequest.Role role) {
        SyntheticPeer peer = new SyntheticPeer(loop, name);
        loop.add(peer);
        JoinRequest request = new JoinRequest(room, name, role, true);
        List<RoomEvent> events = peer.events;
        peer.handle = loop.await(
                name + " joins",
                engine.join(request, event -> loop.execute(() -> events.add(event))));
        return peer;
    }

    /** Offers, and goes on until media can be exchanged. */
    public SyntheticPeer connect() {
        negotiate();
        loop.until(name + " connects", transport::connected);
        return this;
    }

    /** Offers what there is now and takes the answer; the first time, connectivity checks begin. */
    public SyntheticPeer negotiate() {
        String offer = offer();
        offerPending = true;
        String text = loop.await(name + " gets an answer", handle().offer(offer, List.copyOf(declarations)));
        boolean first = answer == null;
        PeerAnswer read = PeerAnswer.read(text);
        answer = read;
        for (MediaSection section : read.session().media()) {
            noteSlot(section);
        }
        offerPending = false;
        // Media of a new slot can overtake the answer that names its SSRC.
        for (byte[] early : beforeAnswer) {
            onRtp(early, early.length, System.nanoTime());
        }
        beforeAnswer.clear();
        if (first) {
            transport.start(read, credentials, tcp);
        }
        return this;
    }

    /** The offer of the moment. */
    public String offer() {
        return OfferWriter.write(
                sections, credentials, loop.certificate().fingerprint("sha-256"), setup, ++offers);
    }

    private void noteSlot(MediaSection section) {
        if (section.isRejected() || section.ssrcs().isEmpty()) {
            return;
        }
        int ssrc = (int) section.ssrcs().getFirst().ssrc();
        MediaKind kind = section.kind().equals("audio") ? MediaKind.AUDIO : MediaKind.VIDEO;
        ReceivedStream stream = received.computeIfAbsent(ssrc, key -> new ReceivedStream(
                Objects.requireNonNull(section.mid()), ssrc, kind, kind == MediaKind.AUDIO ? 48_000 : 90_000));
        for (MediaSection.SsrcGroup group : section.ssrcGroups()) {
            receivedRtx.put(group.ssrcs().get(1).intValue(), stream);
        }
    }

    /** What its checks are made with. */
    public IceCredentials credentials() {
        return credentials;
    }

    /** New credentials, offered at once; the old ones are used until {@link #checkWithNewCredentials}. */
    public void restartIce() {
        credentials = IceCredentials.create(loop.random());
        negotiate();
    }

    /** Checks with what the last offer and answer said; with a new socket when wanted. */
    public void checkWithNewCredentials(boolean newSocket) {
        if (newSocket) {
            rebind();
        }
        transport.check(answer(), credentials);
    }

    /** Goes on from a new port, as after a NAT has forgotten the old one, with the next check at once. */
    public void rebind() {
        PeerSocket former = transport.useNewSocket(answer(), tcp);
        try {
            if (former != null) {
                former.close();
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        transport.ice().check(System.nanoTime());
    }

    /** Leaves through signaling. */
    public void leave() {
        loop.await(name + " leaves", handle().leave("leaves"));
    }

    /** Says close_notify, as a browser that is closed does, and nothing more. */
    public void closeNotify() {
        transport.closeDtls();
        silent = true;
    }

    /** Falls silent for good: neither sends nor reads any more. */
    public void kill() {
        silent = true;
    }

    /** Silences another peer for good and will use its socket, as a client to whom a NAT gives the port of one that is gone. */
    public SyntheticPeer inPlaceOf(SyntheticPeer other) {
        other.kill();
        transport.takeSocketOf(other.transport);
        return this;
    }

    void abandon() {
        silent = true;
        transport.abandon();
    }

    // ---- what it offers ---------------------------------------------------------------------------------------------

    /** Connects by ICE-TCP. */
    public SyntheticPeer overTcp() {
        tcp = true;
        return this;
    }

    /** Offers this {@code a=setup}. */
    public SyntheticPeer withSetup(String value) {
        setup = value;
        return this;
    }

    /** Names this video codec, and no other, in sections added from now on. */
    public SyntheticPeer withVideoCodec(PeerCodec codec) {
        videoCodec = codec;
        return this;
    }

    /** Where the sequence numbers of streams added from now on start, 0 to 65535. */
    public SyntheticPeer withFirstSequence(int value) {
        firstSequence = value;
        return this;
    }

    /** Adds a microphone. */
    public SentTrack sendAudio() {
        return addTrack(PeerCodec.OPUS, List.of());
    }

    /** Adds a camera. */
    public SentTrack sendVideo() {
        return addTrack(videoCodec, List.of());
    }

    /** Adds a camera in several encodings. */
    public SentTrack sendSimulcast(String... rids) {
        return addTrack(videoCodec, List.of(rids));
    }

    private SentTrack addTrack(PeerCodec codec, List<String> rids) {
        String mid = String.valueOf(sections.size());
        List<SentStream> streams = new ArrayList<>();
        if (rids.isEmpty()) {
            streams.add(newStream(codec, null));
        } else {
            rids.forEach(rid -> streams.add(newStream(codec, rid)));
        }
        SentTrack track = new SentTrack(mid, streams, !rids.isEmpty());
        sections.add(new PeerSection(mid, codec, track));
        return track;
    }

    private SentStream newStream(PeerCodec codec, @Nullable String rid) {
        int rtxSsrc = codec.rtxPayloadType() < 0 ? NO_RTX : loop.random().nextInt();
        long timestamp = loop.random().nextInt() & 0xFFFF_FFFFL;
        return new SentStream(
                codec, loop.random().nextInt(), rtxSsrc, rid, firstSequence, timestamp, System.nanoTime());
    }

    /** Says of a track what its source is, in the offers from now on. */
    public void declare(TrackDeclaration declaration) {
        declarations.add(declaration);
    }

    /** Adds slots until there are so many. */
    public SyntheticPeer receive(int audio, int video) {
        while (slots(MediaKind.AUDIO) < audio) {
            sections.add(new PeerSection(String.valueOf(sections.size()), PeerCodec.OPUS, null));
        }
        while (slots(MediaKind.VIDEO) < video) {
            sections.add(new PeerSection(String.valueOf(sections.size()), videoCodec, null));
        }
        return this;
    }

    private long slots(MediaKind kind) {
        return sections.stream().filter(section -> section.track() == null && section.kind() == kind).count();
    }

    // ---- turns ------------------------------------------------------------------------------------------------------

    void onTurn(long nowNanos) {
        PeerAnswer present = answer;
        if (silent || present == null) {
            return;
        }
        transport.onTurn(present, nowNanos);
        if (!transport.connected()) {
            return;
        }
        for (PeerSection section : sections) {
            SentTrack track = section.track();
            if (track != null && section.active()) {
                track.onTurn(transport, nowNanos);
            }
        }
        rtcp.onTurn(nowNanos);
    }

    @Override
    public void onRtp(byte[] array, int length, long nowNanos) {
        if (!rtp.parse(array, 0, length)) {
            faults.add("RTP malformed");
            return;
        }
        rtcp.onRtp(rtp, nowNanos);
        ReceivedStream stream = received.get(rtp.ssrc());
        ReceivedStream repaired = receivedRtx.get(rtp.ssrc());
        if (stream != null) {
            stream.onPacket(rtp, nowNanos);
        } else if (repaired != null) {
            int original = Rtx.originalSequenceNumber(rtp);
            // A probe is filled with nothing.
            if (original >= 0) {
                repaired.onRetransmission(rtp, original, nowNanos);
            }
        } else if (offerPending) {
            beforeAnswer.add(Arrays.copyOf(array, length));
        } else {
            faults.add("RTP of unknown SSRC");
        }
    }

    @Override
    public void onRtcp(byte[] array, int length, long nowNanos) {
        rtcp.onRtcp(array, length, nowNanos);
    }

    void onNack(int ssrc, int sequenceNumber, long nowNanos) {
        for (SentTrack track : tracks()) {
            for (SentStream stream : track.streams()) {
                if (stream.ssrc() == ssrc) {
                    stream.onNack(transport, track.mid(), sequenceNumber, nowNanos);
                }
            }
        }
    }

    void onKeyframeRequest(int ssrc, long nowNanos) {
        for (SentTrack track : tracks()) {
            for (SentStream stream : track.streams()) {
                if (stream.ssrc() == ssrc) {
                    track.answerKeyframeRequest(stream, transport, nowNanos);
                }
            }
        }
    }

    // ---- what there is ----------------------------------------------------------------------------------------------

    /** Its side of the engine. */
    public ParticipantHandle handle() {
        return Objects.requireNonNull(handle);
    }

    /** Its id in the engine. */
    public String id() {
        return handle().participantId();
    }

    /** Its loop. */
    public PeerLoop loop() {
        return loop;
    }

    /** Its transport. */
    public PeerTransport transport() {
        return transport;
    }

    /** Its RTCP. */
    public PeerRtcp rtcp() {
        return rtcp;
    }

    /** The last answer. */
    public PeerAnswer answer() {
        return Objects.requireNonNull(answer);
    }

    /** Its m-sections. */
    public List<PeerSection> sections() {
        return sections;
    }

    /** What it sends. */
    public List<SentTrack> tracks() {
        List<SentTrack> tracks = new ArrayList<>();
        for (PeerSection section : sections) {
            SentTrack track = section.track();
            if (track != null) {
                tracks.add(track);
            }
        }
        return tracks;
    }

    /** Its slots' streams, in the order of the m-sections. */
    public Collection<ReceivedStream> received() {
        return received.values();
    }

    /** A slot's stream by SSRC, or null. */
    public @Nullable ReceivedStream received(int ssrc) {
        return received.get(ssrc);
    }

    /** The slot whose newest packet is from this source, or null. */
    public @Nullable ReceivedStream playing(SentStream source) {
        for (ReceivedStream stream : received.values()) {
            if (stream.plays(source)) {
                return stream;
            }
        }
        return null;
    }

    /** Packets of a source in all slots. */
    public long packetsOf(SentStream source) {
        return received.values().stream().mapToLong(stream -> stream.packetsOf(source)).sum();
    }

    /** Goes on until so many packets of a source have come in all. */
    public void awaitPackets(SentStream source, long count) {
        loop.until(name + " receives " + count + " packets", () -> packetsOf(source) >= count);
    }

    /** Goes on until a source plays, and gives its slot. */
    public ReceivedStream awaitPlaying(SentStream source) {
        loop.until(name + " plays the source", () -> playing(source) != null);
        return Objects.requireNonNull(playing(source));
    }

    /** Everything it was told. */
    public List<RoomEvent> events() {
        return events;
    }

    /** Goes on until it has been told something of this kind that fits, and gives the last of that. */
    public <T extends RoomEvent> T awaitEvent(Class<T> type, Predicate<T> condition) {
        loop.until(name + " is told of " + type.getSimpleName(), () -> last(type, condition) != null);
        return Objects.requireNonNull(last(type, condition));
    }

    /** The last event of a kind that fits, or null. */
    public <T extends RoomEvent> @Nullable T last(Class<T> type, Predicate<T> condition) {
        for (int i = events.size() - 1; i >= 0; i--) {
            if (type.isInstance(events.get(i)) && condition.test(type.cast(events.get(i)))) {
                return type.cast(events.get(i));
            }
        }
        return null;
    }

    /** The slot table it was last told of. */
    public List<SlotAssignment> slots() {
        RoomEvent.SlotsAssigned assigned = last(RoomEvent.SlotsAssigned.class, event -> true);
        return assigned == null ? List.of() : assigned.slots();
    }

    /** Everything that no client should meet, in words. */
    public List<String> faults() {
        List<String> all = new ArrayList<>(faults.size() > 10 ? faults.subList(0, 10) : faults);
        for (ReceivedStream stream : received.values()) {
            stream.faults().forEach(fault -> all.add(name + ", slot " + stream.mid() + ": " + fault));
        }
        return all;
    }

    @Override
    public String toString() {
        return name + ": connected " + transport.connected() + ", " + received.values() + ", last event "
                + (events.isEmpty() ? "none" : events.getLast());
    }
}
