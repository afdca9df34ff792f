package dev.sfu.core.peerconnection;

import dev.sfu.core.api.EngineException;
import dev.sfu.core.api.ErrorCode;
import dev.sfu.core.api.MediaKind;
import dev.sfu.core.api.PublishLimits;
import dev.sfu.core.sdp.CodecMatcher;
import dev.sfu.core.sdp.Direction;
import dev.sfu.core.sdp.MediaSection;
import dev.sfu.core.sdp.RtpCodec;
import dev.sfu.core.sdp.SdpSession;
import dev.sfu.core.sdp.SupportedCodecs;
import dev.sfu.core.sdp.TransportAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers offers (RFC 9429 section 5.3) for sessions as browsers write them: one bundle, rtcp-mux, DTLS-SRTP.
 *
 * <p>Keeps the m-sections in the order in which they first came. An m-section without a codec in common, outside the bundle
 * or of another kind than audio and video is answered with port 0; the rest goes on.
 */
final class SessionNegotiator {
    /** Makes the two halves of a new m-section. */
    interface TransceiverFactory {
        RtpTransceiver create(String mid, MediaKind kind);
    }

    private final TransceiverFactory factory;
    private final boolean maySend;
    private final boolean mayReceive;
    private final String cname;
    private final PublishLimits limits;
    private final long sessionId;
    private final List<@Nullable RtpTransceiver> sections = new ArrayList<>();
    private int version = 1;

    SessionNegotiator(
            TransceiverFactory factory,
            boolean maySend,
            boolean mayReceive,
            String cname,
            PublishLimits limits,
            long sessionId) {
        this.factory = factory;
        this.maySend = maySend;
        this.mayReceive = mayReceive;
        this.cname = cname;
        this.limits = limits;
        this.sessionId = sessionId;
    }

    /** The transceivers of all audio and video m-sections, in order. */
    List<RtpTransceiver> transceivers() {
        List<RtpTransceiver> present = new ArrayList<>();
        for (RtpTransceiver transceiver : sections) {
            if (transceiver != null) {
                present.add(transceiver);
            }
        }
        return present;
    }

    /**
     * Works out the answer to an offer. Nothing changes until {@link #commit}.
     *
     * @throws EngineException when the offer as a whole cannot be answered
     */
    Negotiation negotiate(SdpSession offer) {
        Set<String> bundled = bundledMids(offer);
        check(offer, bundled);
        SectionNegotiator draft = new SectionNegotiator(offer, cname, limits, transceivers());
        List<NegotiatedSection> negotiated = new ArrayList<>();
        List<String> answeredBundle = new ArrayList<>();
        boolean reducedSize = true;
        for (int i = 0; i < offer.media().size(); i++) {
            MediaSection offered = offer.media().get(i);
            NegotiatedSection section = answerSection(i, offered, bundled, draft);
            negotiated.add(section);
            if (!section.answer().isRejected()) {
                answeredBundle.add(java.util.Objects.requireNonNull(offered.mid()));
                reducedSize &= offered.rtcpRsize();
            }
        }
        if (answeredBundle.isEmpty()) {
            throw new EngineException(
                    ErrorCode.UNSUPPORTED, "m-sections: none with a supported codec (expected: at least one)");
        }
        SdpSession answer = new SdpSession(
                new SdpSession.Origin(sessionId, version),
                List.of(new SdpSession.Group("BUNDLE", answeredBundle)),
                true,
                offer.extmapAllowMixed(),
                TransportAttributes.NONE,
                List.of(),
                negotiated.stream().map(NegotiatedSection::answer).toList());
        return new Negotiation(
                answer,
                negotiated,
                bundleTransport(offer, answeredBundle.get(0)),
                draft.bundleExtensions(),
                Map.copyOf(draft.signalledSsrcs()),
                Map.copyOf(draft.primaryOfRtx()),
                reducedSize);
    }

    /** Makes what {@link #negotiate} worked out the state of the transceivers. */
    void commit(Negotiation negotiation) {
        sections.clear();
        for (NegotiatedSection section : negotiation.sections()) {
            section.commit();
            sections.add(section.transceiver());
        }
        version++;
    }

    /** The attributes of the section that carries the bundle; what it leaves out, the tagged section says. */
    private static TransportAttributes bundleTransport(SdpSession offer, String mid) {
        TransportAttributes own = offer.transportOf(java.util.Objects.requireNonNull(offer.section(mid)));
        SdpSession.Group bundle = offer.bundle();
        MediaSection tagged = bundle == null ? null : offer.section(bundle.mids().get(0));
        return tagged == null ? own : own.orElse(offer.transportOf(tagged));
    }

    private static Set<String> bundledMids(SdpSession offer) {
        SdpSession.Group bundle = offer.bundle();
        if (bundle != null) {
            return new HashSet<>(bundle.mids());
        }
        if (offer.media().size() == 1 && offer.media().get(0).mid() != null) {
            return Set.of(java.util.Objects.requireNonNull(offer.media().get(0).mid()));
        }
        throw new EngineException(ErrorCode.UNSUPPORTED, "a=group: no BUNDLE (expected: one bundle of all m-sections)");
    }

    private void check(SdpSession offer, Set<String> bundled) {
        if (offer.media().size() < sections.size()) {
            throw new EngineException(
                    ErrorCode.BAD_SDP,
                    "m-sections: " + offer.media().size() + " (expected: at least " + sections.size()
                            + ", as negotiated before)");
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < offer.media().size(); i++) {
            MediaSection section = offer.media().get(i);
            String mid = section.mid();
            if (mid == null || mid.isEmpty() || mid.length() > 16 || !seen.add(mid)) {
                throw new EngineException(ErrorCode.BAD_SDP, "a=mid of m-section " + i + ": " + mid
                        + " (expected: present, unique, 1 to 16 characters)");
            }
            RtpTransceiver known = i < sections.size() ? sections.get(i) : null;
            if (known != null && !known.mid().equals(mid) && !recyclable(known)) {
                throw new EngineException(
                        ErrorCode.BAD_SDP, "a=mid of m-section " + i + ": " + mid + " (expected: " + known.mid() + ")");
            }
            if (known != null && known.mid().equals(mid) && known.kind() != kindOf(section)) {
                throw new EngineException(ErrorCode.BAD_SDP, "kind of m-section " + mid + ": " + section.kind()
                        + " (expected: " + known.kind().name().toLowerCase(java.util.Locale.ROOT) + ")");
            }
            boolean used = !section.isRejected() && bundled.contains(mid);
            if (used && section.isRtp() && !section.rtcpMux()) {
                throw new EngineException(
                        ErrorCode.UNSUPPORTED, "a=rtcp-mux: missing in m-section " + mid + " (expected: present)");
            }
        }
    }

    private static boolean recyclable(RtpTransceiver transceiver) {
        return transceiver.currentDirection() == Direction.INACTIVE;
    }

    private NegotiatedSection answerSection(
            int index, MediaSection offered, Set<String> bundled, SectionNegotiator draft) {
        String mid = java.util.Objects.requireNonNull(offered.mid());
        MediaKind kind = kindOf(offered);
        List<RtpCodec> codecs = kind == null ? List.of() : CodecMatcher.answer(
                offered.codecs(), kind == MediaKind.AUDIO ? SupportedCodecs.audio() : SupportedCodecs.video());
        RtpTransceiver transceiver = index < sections.size() ? sections.get(index) : null;
        if (transceiver != null && !transceiver.mid().equals(mid)) {
            transceiver = null;
        }
        if (kind == null || codecs.isEmpty() || offered.isRejected() || !bundled.contains(mid)) {
            return NegotiatedSection.rejected(reject(offered), transceiver);
        }
        if (transceiver == null) {
            transceiver = factory.create(mid, kind);
        }
        Direction direction = Direction.of(
                maySend && offered.direction().receives(), mayReceive && offered.direction().sends());
        return draft.accept(offered, transceiver, direction, codecs);
    }

    private static MediaSection reject(MediaSection offered) {
        return new MediaSection.Builder(offered.kind())
                .port(0)
                .protocol(offered.protocol())
                .formats(offered.formats().subList(0, 1))
                .mid(offered.mid())
                .direction(Direction.INACTIVE)
                .build();
    }

    private static @Nullable MediaKind kindOf(MediaSection section) {
        return switch (section.kind()) {
            case "audio" -> MediaKind.AUDIO;
            case "video" -> MediaKind.VIDEO;
            default -> null;
        };
    }
}
