package dev.sfu.core.sdp;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One {@code m=} section and its lines; made by {@link SdpReader} or with a {@link Builder}.
 *
 * @param kind {@code audio}, {@code video}, {@code application}, or another word
 * @param port 0 in a rejected or bundle-only section; 9 (discard) while candidates trickle
 * @param protocol {@code UDP/TLS/RTP/SAVPF} or {@code UDP/DTLS/SCTP}
 * @param formats the last words of the {@code m=} line: payload types, or {@code webrtc-datachannel}; at least one
 * @param connectionAddress the section's {@code c=} address, else the session's, else 0.0.0.0
 * @param bandwidths {@code b=} lines
 * @param mid identification of the section (RFC 5888); browsers always have one
 * @param direction its own line, else the session's, else SENDRECV
 * @param transport its own ICE and DTLS attributes; see {@link SdpSession#transportOf}
 * @param rtcpMux RTP and RTCP share a transport (RFC 5761)
 * @param rtcpRsize reduced-size RTCP is understood (RFC 5506)
 * @param bundleOnly only usable inside its BUNDLE group, which is why its port is 0 (RFC 9143 §6)
 * @param extmapAllowMixed its own line; see {@link SdpSession#extmapAllowMixed(MediaSection)}
 * @param codecs payload types in order of preference; every one is in {@code formats}
 * @param headerExtensions {@code a=extmap} lines
 * @param msids one per stream the track is in (RFC 8830)
 * @param ssrcs announced sources (RFC 5576); browsers write none for simulcast
 * @param ssrcGroups {@code FID} pairs a stream with its retransmission
 * @param rids named encodings (RFC 8851)
 * @param simulcast the streams made of them (RFC 8853)
 * @param candidates addresses gathered so far
 * @param endOfCandidates no more will trickle (RFC 8838 §8.2)
 * @param ptime wished packet length in ms
 * @param maxptime longest packet in ms
 * @param sctpPort {@code application} only (RFC 8841)
 * @param maxMessageSize largest data channel message in bytes the writer takes, 0 for any; null means 65536
 * @param attributes all other attributes in order: {@code rtcp}, {@code rtcp-xr}, {@code content} ...
 */
public record MediaSection(
        String kind,
        int port,
        String protocol,
        List<String> formats,
        String connectionAddress,
        List<Bandwidth> bandwidths,
        @Nullable String mid,
        Direction direction,
        TransportAttributes transport,
        boolean rtcpMux,
        boolean rtcpRsize,
        boolean bundleOnly,
        boolean extmapAllowMixed,
        List<RtpCodec> codecs,
        List<HeaderExtension> headerExtensions,
        List<Msid> msids,
        List<Ssrc> ssrcs,
        List<SsrcGroup> ssrcGroups,
        List<Rid> rids,
        @Nullable Simulcast simulcast,
        List<IceCandidate> candidates,
        boolean endOfCandidates,
        @Nullable Integer ptime,
        @Nullable Integer maxptime,
        @Nullable Integer sctpPort,
        @Nullable Long maxMessageSize,
        List<Attribute> attributes) {
    /** Copies the lists. */
    public MediaSection {
        formats = List.copyOf(formats);
        bandwidths = List.copyOf(bandwidths);
        codecs = List.copyOf(codecs);
        headerExtensions = List.copyOf(headerExtensions);
        msids = List.copyOf(msids);
        ssrcs = List.copyOf(ssrcs);
        ssrcGroups = List.copyOf(ssrcGroups);
        rids = List.copyOf(rids);
        candidates = List.copyOf(candidates);
        attributes = List.copyOf(attributes);
        if (formats.isEmpty()) {
            throw new IllegalArgumentException("formats: none (expected: at least one)");
        }
        Set<String> numbers = new HashSet<>(formats);
        for (RtpCodec codec : codecs) {
            if (!numbers.contains(Integer.toString(codec.payloadType()))) {
                throw new IllegalArgumentException(
                        "codecs: " + codec.payloadType() + " (expected: one of formats " + formats + ")");
            }
        }
    }

    /**
     * A {@code b=} line.
     *
     * @param type {@code AS} (kbit/s) or {@code TIAS} (bit/s)
     * @param value in the unit of the type
     */
    public record Bandwidth(String type, long value) {}

    /**
     * A track and a stream it is in.
     *
     * @param streamId {@code -} for a track in no stream
     * @param trackId browsers tell it in offers and ignore it in answers; null when the line has one word
     */
    public record Msid(String streamId, @Nullable String trackId) {}

    /**
     * A source and what its {@code a=ssrc} lines say.
     *
     * @param ssrc an unsigned 32-bit number
     * @param cname the canonical name of the sender (RFC 3550 §6.5.1)
     * @param msid the section's msid in the older place
     */
    public record Ssrc(long ssrc, @Nullable String cname, @Nullable Msid msid) {}

    /**
     * Sources that belong together (RFC 5576 §4.2).
     *
     * @param semantics {@code FID}, {@code SIM}, {@code FEC-FR}
     * @param ssrcs the members in order
     */
    public record SsrcGroup(String semantics, List<Long> ssrcs) {
        /** Copies the list. */
        public SsrcGroup {
            ssrcs = List.copyOf(ssrcs);
        }
    }

    /** Whether the section is refused or stopped: port 0, and not because of {@code a=bundle-only}. */
    public boolean isRejected() {
        return port == 0 && !bundleOnly;
    }

    /** Whether the section carries RTP. */
    public boolean isRtp() {
        return protocol.contains("RTP/");
    }

    /** The codec of a payload type, or null. */
    public @Nullable RtpCodec codec(int payloadType) {
        for (RtpCodec codec : codecs) {
            if (codec.payloadType() == payloadType) {
                return codec;
            }
        }
        return null;
    }

    /** The value of the first other attribute of this name, "" when it has none, or null when it is not there. */
    public @Nullable String attribute(String name) {
        return find(attributes, name);
    }

    static @Nullable String find(List<Attribute> attributes, String name) {
        for (Attribute attribute : attributes) {
            if (attribute.name().equals(name)) {
                return Objects.requireNonNullElse(attribute.value(), "");
            }
        }
        return null;
    }

    /** A builder that starts from this section. */
    public Builder toBuilder() {
        Builder builder = new Builder(kind);
        builder.port = port;
        builder.protocol = protocol;
        builder.formats = formats;
        builder.connectionAddress = connectionAddress;
        builder.bandwidths = bandwidths;
        builder.mid = mid;
        builder.direction = direction;
        builder.transport = transport;
        builder.rtcpMux = rtcpMux;
        builder.rtcpRsize = rtcpRsize;
        builder.bundleOnly = bundleOnly;
        builder.extmapAllowMixed = extmapAllowMixed;
        builder.codecs = codecs;
        builder.headerExtensions = headerExtensions;
        builder.msids = msids;
        builder.ssrcs = ssrcs;
        builder.ssrcGroups = ssrcGroups;
        builder.rids = rids;
        builder.simulcast = simulcast;
        builder.candidates = candidates;
        builder.endOfCandidates = endOfCandidates;
        builder.ptime = ptime;
        builder.maxptime = maxptime;
        builder.sctpPort = sctpPort;
        builder.maxMessageSize = maxMessageSize;
        builder.attributes = attributes;
        return builder;
    }

    /** Collects a section line by line; each method replaces what was there. */
    public static final class Builder {
        private final String kind;
        private int port = 9;
        private String protocol = "UDP/TLS/RTP/SAVPF";
        private List<String> formats = List.of();
        private String connectionAddress = "0.0.0.0";
        private List<Bandwidth> bandwidths = List.of();
        private @Nullable String mid;
        private Direction direction = Direction.SENDRECV;
        private TransportAttributes transport = TransportAttributes.NONE;
        private boolean rtcpMux;
        private boolean rtcpRsize;
        private boolean bundleOnly;
        private boolean extmapAllowMixed;
        private List<RtpCodec> codecs = List.of();
        private List<HeaderExtension> headerExtensions = List.of();
        private List<Msid> msids = List.of();
        private List<Ssrc> ssrcs = List.of();
        private List<SsrcGroup> ssrcGroups = List.of();
        private List<Rid> rids = List.of();
        private @Nullable Simulcast simulcast;
        private List<IceCandidate> candidates = List.of();
        private boolean endOfCandidates;
        private @Nullable Integer ptime;
        private @Nullable Integer maxptime;
        private @Nullable Integer sctpPort;
        private @Nullable Long maxMessageSize;
        private List<Attribute> attributes = List.of();

        /** An RTP section on the discard port, SENDRECV, with nothing in it. */
        public Builder(String kind) {
            this.kind = kind;
        }

        /** See {@link MediaSection#port()}. */
        public Builder port(int value) {
            port = value;
            return this;
        }

        /** See {@link MediaSection#protocol()}. */
        public Builder protocol(String value) {
            protocol = value;
            return this;
        }

        /** See {@link MediaSection#formats()}. */
        public Builder formats(List<String> value) {
            formats = value;
            return this;
        }

        /** See {@link MediaSection#connectionAddress()}. */
        public Builder connectionAddress(String value) {
            connectionAddress = value;
            return this;
        }

        /** See {@link MediaSection#bandwidths()}. */
        public Builder bandwidths(List<Bandwidth> value) {
            bandwidths = value;
            return this;
        }

        /** See {@link MediaSection#mid()}. */
        public Builder mid(@Nullable String value) {
            mid = value;
            return this;
        }

        /** See {@link MediaSection#direction()}. */
        public Builder direction(Direction value) {
            direction = value;
            return this;
        }

        /** See {@link MediaSection#transport()}. */
        public Builder transport(TransportAttributes value) {
            transport = value;
            return this;
        }

        /** See {@link MediaSection#rtcpMux()}. */
        public Builder rtcpMux(boolean value) {
            rtcpMux = value;
            return this;
        }

        /** See {@link MediaSection#rtcpRsize()}. */
        public Builder rtcpRsize(boolean value) {
            rtcpRsize = value;
            return this;
        }

        /** See {@link MediaSection#bundleOnly()}. */
        public Builder bundleOnly(boolean value) {
            bundleOnly = value;
            return this;
        }

        /** See {@link MediaSection#extmapAllowMixed()}. */
        public Builder extmapAllowMixed(boolean value) {
            extmapAllowMixed = value;
            return this;
        }

        /** The payload types, and with them the formats of the {@code m=} line. */
        public Builder codecs(List<RtpCodec> value) {
            codecs = value;
            formats = value.stream().map(codec -> Integer.toString(codec.payloadType())).toList();
            return this;
        }

        /** See {@link MediaSection#headerExtensions()}. */
        public Builder headerExtensions(List<HeaderExtension> value) {
            headerExtensions = value;
            return this;
        }

        /** See {@link MediaSection#msids()}. */
        public Builder msids(List<Msid> value) {
            msids = value;
            return this;
        }

        /** See {@link MediaSection#ssrcs()}. */
        public Builder ssrcs(List<Ssrc> value) {
            ssrcs = value;
            return this;
        }

        /** See {@link MediaSection#ssrcGroups()}. */
        public Builder ssrcGroups(List<SsrcGroup> value) {
            ssrcGroups = value;
            return this;
        }

        /** See {@link MediaSection#rids()}. */
        public Builder rids(List<Rid> value) {
            rids = value;
            return this;
        }

        /** See {@link MediaSection#simulcast()}. */
        public Builder simulcast(@Nullable Simulcast value) {
            simulcast = value;
            return this;
        }

        /** See {@link MediaSection#candidates()}. */
        public Builder candidates(List<IceCandidate> value) {
            candidates = value;
            return this;
        }

        /** See {@link MediaSection#endOfCandidates()}. */
        public Builder endOfCandidates(boolean value) {
            endOfCandidates = value;
            return this;
        }

        /** See {@link MediaSection#ptime()}. */
        public Builder ptime(@Nullable Integer value) {
            ptime = value;
            return this;
        }

        /** See {@link MediaSection#maxptime()}. */
        public Builder maxptime(@Nullable Integer value) {
            maxptime = value;
            return this;
        }

        /** See {@link MediaSection#sctpPort()}. */
        public Builder sctpPort(@Nullable Integer value) {
            sctpPort = value;
            return this;
        }

        /** See {@link MediaSection#maxMessageSize()}. */
        public Builder maxMessageSize(@Nullable Long value) {
            maxMessageSize = value;
            return this;
        }

        /** See {@link MediaSection#attributes()}. */
        public Builder attributes(List<Attribute> value) {
            attributes = value;
            return this;
        }

        /** The section; without any format it gets payload type 0, as RFC 9429 §5.3.1 writes a refused one. */
        public MediaSection build() {
            List<String> present = formats.isEmpty() ? List.of("0") : formats;
            return new MediaSection(
                    kind, port, protocol, present, connectionAddress, bandwidths, mid, direction, transport, rtcpMux,
                    rtcpRsize, bundleOnly, extmapAllowMixed, codecs, headerExtensions, msids, ssrcs, ssrcGroups, rids,
                    simulcast, candidates, endOfCandidates, ptime, maxptime, sctpPort, maxMessageSize, attributes);
        }
    }
}
