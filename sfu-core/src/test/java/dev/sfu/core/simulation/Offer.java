package dev.sfu.core.simulation;

import dev.sfu.core.ice.IceCredentials;
import dev.sfu.core.peerconnection.Offers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The offers of synthetic browsers: Opus, VP8 with RTX, the header extensions of {@link Offers}. */
final class Offer {
    static final int OPUS = 111;
    static final int VP8 = 96;
    static final int RTX = 97;
    static final int AUDIO_LEVEL_ID = 1;
    static final int ABS_SEND_TIME_ID = 2;
    static final int TRANSPORT_SEQUENCE_ID = 3;
    static final int MID_ID = 4;
    static final int RID_ID = 10;
    static final int REPAIRED_RID_ID = 11;

    private final List<String> sections = new ArrayList<>();

    /** The mid of the section that is added next. */
    String nextMid() {
        return String.valueOf(sections.size());
    }

    void addMicrophone(SentRtpStream stream) {
        sections.add(Offers.audio(nextMid(), "sendonly") + "a=ssrc:" + Integer.toUnsignedString(stream.ssrc)
                + " cname:browser\n");
    }

    void addVideo(List<SentRtpStream> layers) {
        StringBuilder more = new StringBuilder();
        if (layers.size() == 1) {
            String ssrc = Integer.toUnsignedString(layers.getFirst().ssrc);
            String rtx = Integer.toUnsignedString(layers.getFirst().rtxSsrc);
            more.append("a=ssrc-group:FID ").append(ssrc).append(' ').append(rtx).append('\n');
            more.append("a=ssrc:").append(ssrc).append(" cname:browser\n");
            more.append("a=ssrc:").append(rtx).append(" cname:browser\n");
        } else {
            List<String> rids = layers.stream()
                    .map(layer -> new String(layer.rid, StandardCharsets.US_ASCII))
                    .toList();
            rids.forEach(rid -> more.append("a=rid:").append(rid).append(" send\n"));
            more.append("a=simulcast:send ").append(String.join(";", rids)).append('\n');
        }
        sections.add(Offers.video(nextMid(), "sendonly", "VP8/90000", "a=rtcp-fb:96 goog-remb\n" + more));
    }

    void addSlot(boolean audio) {
        sections.add(audio
                ? Offers.audio(nextMid(), "recvonly")
                : Offers.video(nextMid(), "recvonly", "VP8/90000", "a=rtcp-fb:96 goog-remb\n"));
    }

    String text(IceCredentials credentials) {
        String fingerprint = HexFormat.ofDelimiter(":")
                .withUpperCase()
                .formatHex(SimulatedRoom.browserCertificate().fingerprint("sha-256").value());
        return Offers.offer(
                credentials.ufrag(), credentials.password(), fingerprint, sections.toArray(String[]::new));
    }
}
