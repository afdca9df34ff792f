package dev.sfu.core.peerconnection;

import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.buffer.PacketBuffer;
import dev.sfu.core.codec.Rewrite;
import dev.sfu.core.rtp.HeaderExtension;
import dev.sfu.core.rtp.HeaderExtensionMap;
import dev.sfu.core.rtp.RtpHeaderWriter;
import dev.sfu.core.rtp.RtpPacket;
import dev.sfu.core.rtp.Rtx;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Puts the packets of one outgoing stream together from received ones: header, extensions, rewritten descriptors, and for a
 * retransmission the original sequence number (RFC 4588). The rest of the payload stays where it was received.
 *
 * <p>Besides the transport's own extensions and MID a retransmission differs from its first sending in nothing, because both are
 * made here from the same fields.
 */
final class PacketAssembler {
    /** Longest element of the one-byte form, which has no empty ones (RFC 8285 section 4.2). */
    private static final int MAX_SHORT_ELEMENT_BYTES = 16;

    private final byte[] mid;
    private final int ssrc;
    private final int rtxSsrc;
    private final RtpTransport transport;
    private HeaderExtensionMap extensions = new HeaderExtensionMap();
    private boolean mixed;
    private @Nullable HeaderExtensionMap sourceExtensions;
    private int[] copiedFrom = {};
    private int[] copiedTo = {};
    /** What the source calls the dependency descriptor if the receiver gets it. */
    private int dependenciesFrom = HeaderExtensionMap.ABSENT;

    private int headerBytes;
    private int prefixBytes;
    private int payloadOffset;
    private int payloadBytes;

    PacketAssembler(String mid, int ssrc, int rtxSsrc, RtpTransport transport) {
        this.mid = mid.getBytes(StandardCharsets.US_ASCII);
        this.ssrc = ssrc;
        this.rtxSsrc = rtxSsrc;
        this.transport = transport;
    }

    /**
     * Takes what was negotiated with the receiver.
     *
     * @param newMixed whether both forms of header extensions may occur in the stream ({@code a=extmap-allow-mixed})
     */
    void negotiated(HeaderExtensionMap newExtensions, boolean newMixed) {
        extensions = newExtensions;
        mixed = newMixed;
        if (sourceExtensions != null) {
            mapExtensions(sourceExtensions);
        }
    }

    /** What was negotiated with the receiver. */
    HeaderExtensionMap extensions() {
        return extensions;
    }

    /** Whether the receiver is told the layers of what it gets: a dependency descriptor's structure needs the two-byte form. */
    boolean describesLayers() {
        return mixed && extensions.contains(HeaderExtension.DEPENDENCY_DESCRIPTOR);
    }

    /** Packets come with these extension ids from now on; gives whether they are others than before. */
    boolean setSource(HeaderExtensionMap source) {
        if (source == sourceExtensions) {
            return false;
        }
        mapExtensions(source);
        return true;
    }

    private void mapExtensions(HeaderExtensionMap source) {
        sourceExtensions = source;
        int count = 0;
        int[] from = new int[HeaderExtension.values().length];
        int[] to = new int[from.length];
        dependenciesFrom = HeaderExtensionMap.ABSENT;
        for (HeaderExtension extension : HeaderExtension.values()) {
            boolean descriptor = extension == HeaderExtension.DEPENDENCY_DESCRIPTOR;
            if (extension.forwarding() != HeaderExtension.Forwarding.COPIED
                    || !source.contains(extension)
                    || !extensions.contains(extension)
                    // The structure on keyframes needs the two-byte form, and the rest means nothing without it.
                    || (descriptor && !mixed)) {
                continue;
            }
            if (descriptor) {
                dependenciesFrom = source.id(extension);
            }
            from[count] = source.id(extension);
            to[count++] = extensions.id(extension);
        }
        copiedFrom = Arrays.copyOf(from, count);
        copiedTo = Arrays.copyOf(to, count);
    }

    /**
     * Writes header and rewritten start of the payload into {@code out}.
     *
     * @param withMid whether the receiver may not know yet which m-section the SSRC belongs to
     * @param rewrite a {@link Rewrite}
     * @return false if it does not fit
     */
    boolean first(
            PacketBuffer out,
            RtpPacket source,
            PayloadType payloadType,
            long sequence,
            long timestamp,
            boolean marker,
            long rewrite,
            boolean withMid,
            long nowNanos) {
        begin(out, payloadType.number(), ssrc, sequence, timestamp, marker);
        return writeHeader(out, source, withMid, rewrite, nowNanos)
                && writePayload(out, source, payloadType, rewrite, 0);
    }

    /**
     * The same for a retransmission of what was sent with these fields, to leave with the number {@code rtxSequence} of the RTX
     * stream.
     */
    boolean again(
            PacketBuffer out,
            RtpPacket source,
            PayloadType payloadType,
            long rtxSequence,
            long sequence,
            long timestamp,
            boolean marker,
            long rewrite,
            long nowNanos) {
        begin(out, payloadType.rtxNumber(), rtxSsrc, rtxSequence, timestamp, marker);
        // Firefox takes an m-section's packets only from SSRCs that came with its MID, whatever a=ssrc-group says, and a
        // retransmission may be the first that it gets of the RTX stream.
        if (!writeHeader(out, source, true, rewrite, nowNanos)
                || headerBytes + Rtx.ORIGINAL_SEQUENCE_NUMBER_BYTES > out.capacity()) {
            return false;
        }
        Bytes.put16(out.array(), headerBytes, (int) sequence);
        return writePayload(out, source, payloadType, rewrite, Rtx.ORIGINAL_SEQUENCE_NUMBER_BYTES);
    }

    /** Writes the header of an RTX packet that is to have nothing but padding; gives its length, negative if it does not fit. */
    int padding(PacketBuffer out, PayloadType payloadType, long rtxSequence, long timestamp, long nowNanos) {
        begin(out, payloadType.rtxNumber(), rtxSsrc, rtxSequence, timestamp, false);
        return writeOwnHeader(out, nowNanos);
    }

    private int writeOwnHeader(PacketBuffer out, long nowNanos) {
        RtpHeaderWriter writer = transport.headerWriter();
        int midId = extensions.id(HeaderExtension.MID);
        if (midId != HeaderExtensionMap.ABSENT) {
            writer.extension(midId, mid, 0, mid.length);
        }
        RtpTransport.reserveTransportExtensions(writer, extensions);
        int bytes = writer.finish();
        if (bytes > 0) {
            transport.fillTransportExtensions(writer, extensions, out.array(), nowNanos);
        }
        return bytes;
    }

    private void begin(PacketBuffer out, int payloadType, int from, long sequence, long timestamp, boolean marker) {
        transport.headerWriter()
                .begin(out.array(), 0, out.capacity())
                .marker(marker)
                .payloadType(payloadType)
                .sequenceNumber(sequence)
                .timestamp(timestamp)
                .ssrc(from);
    }

    private boolean writeHeader(PacketBuffer out, RtpPacket source, boolean withMid, long rewrite, long nowNanos) {
        RtpHeaderWriter writer = transport.headerWriter();
        int midId = extensions.id(HeaderExtension.MID);
        if (withMid && midId != HeaderExtensionMap.ABSENT) {
            writer.extension(midId, mid, 0, mid.length);
        }
        RtpTransport.reserveTransportExtensions(writer, extensions);
        for (int i = 0; i < copiedFrom.length; i++) {
            int at = source.extensionOffset(copiedFrom[i]);
            if (at >= 0) {
                copy(writer, source, copiedFrom[i], at, copiedTo[i], rewrite);
            }
        }
        headerBytes = writer.finish();
        if (headerBytes < 0) {
            return false;
        }
        transport.fillTransportExtensions(writer, extensions, out.array(), nowNanos);
        return true;
    }

    private void copy(RtpHeaderWriter writer, RtpPacket source, int id, int at, int newId, long rewrite) {
        int bytes = source.extensionBytes(id);
        if (id == dependenciesFrom && Rewrite.ofDependencies(rewrite)) {
            DescriptorRewriter descriptors = transport.descriptorRewriter();
            int written = descriptors.writeDependencies(source.array(), at, bytes, rewrite);
            if (written >= 0) {
                writer.extension(newId, descriptors.element(), 0, written);
            }
        } else if (mixed || (bytes > 0 && bytes <= MAX_SHORT_ELEMENT_BYTES)) {
            writer.extension(newId, source.array(), at, bytes);
        }
    }

    private boolean writePayload(
            PacketBuffer out, RtpPacket source, PayloadType payloadType, long rewrite, int writtenBytes) {
        DescriptorRewriter descriptors = transport.descriptorRewriter();
        int written = descriptors.writePayload(
                payloadType.codec(), source, rewrite, out.array(), headerBytes + writtenBytes);
        if (written < 0) {
            return false;
        }
        prefixBytes = writtenBytes + written;
        payloadOffset = source.payloadOffset() + descriptors.replacedBytes();
        payloadBytes = source.payloadBytes() - descriptors.replacedBytes();
        return true;
    }

    /** Bytes of header in the buffer. */
    int headerBytes() {
        return headerBytes;
    }

    /** Bytes of payload in the buffer, behind the header. */
    int prefixBytes() {
        return prefixBytes;
    }

    /** Where in the received packet's array the payload goes on. */
    int payloadOffset() {
        return payloadOffset;
    }

    /** Bytes of payload there. */
    int payloadBytes() {
        return payloadBytes;
    }
}
