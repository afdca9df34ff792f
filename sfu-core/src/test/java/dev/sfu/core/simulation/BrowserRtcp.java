package dev.sfu.core.simulation;

import dev.sfu.core.buffer.ByteWriter;
import dev.sfu.core.buffer.Bytes;
import dev.sfu.core.bwe.TransportFeedbackGenerator;
import dev.sfu.core.rtcp.FullIntraRequest;
import dev.sfu.core.rtcp.Nack;
import dev.sfu.core.rtcp.PictureLossIndication;
import dev.sfu.core.rtcp.ReceiverReport;
import dev.sfu.core.rtcp.ReportBlock;
import dev.sfu.core.rtcp.RtcpPacket;
import dev.sfu.core.rtcp.RtcpWriter;
import dev.sfu.core.rtcp.SenderReport;
import dev.sfu.core.rtcp.SourceDescription;
import dev.sfu.core.rtcp.TransportFeedback;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A browser's RTCP: reports every second, transport-wide feedback every 50 to 100 ms, requests when there are some. */
final class BrowserRtcp implements ReceivedVideo.Feedback {
    private static final long REPORT_NANOS = Deadlines.SECOND;

    private final SimulatedRoom room;
    private final SyntheticBrowser browser;
    private final BrowserTransport transport;
    private final int localSsrc;
    private final VirtualTime.Alarm reports = new VirtualTime.Alarm(this::onReportDue);
    private final VirtualTime.Alarm feedback = new VirtualTime.Alarm(this::onFeedbackDue);
    private final TransportFeedbackGenerator generator = new TransportFeedbackGenerator();
    private int lastMediaSsrc;

    BrowserRtcp(SimulatedRoom room, SyntheticBrowser browser, BrowserTransport transport, int localSsrc) {
        this.room = room;
        this.browser = browser;
        this.transport = transport;
        this.localSsrc = localSsrc;
    }

    /** Reports at a moment of its own in every second. */
    void start(SplittableRandom random) {
        VirtualTime time = room.time();
        time.set(reports, time.nowNanos() + random.nextLong(REPORT_NANOS));
    }

    void stop() {
        room.time().set(reports, Deadlines.NEVER);
        room.time().set(feedback, Deadlines.NEVER);
    }

    // ---- out --------------------------------------------------------------------------------------------------------

    void onTransportSequence(byte[] array, int offset, int ssrc, long now) {
        lastMediaSsrc = ssrc;
        generator.onPacket(Bytes.u16(array, offset), now);
        room.time().set(feedback, generator.nextDeadlineNanos());
    }

    private void onFeedbackDue(long now) {
        while (generator.nextDeadlineNanos() <= now) {
            transport.sendRtcp(writer -> generator.write(writer, localSsrc, lastMediaSsrc, now));
        }
        room.time().set(feedback, generator.nextDeadlineNanos());
    }

    private void onReportDue(long now) {
        room.time().set(reports, now + REPORT_NANOS);
        List<ReportBlock> blocks = new ArrayList<>();
        for (ReceivedVideo video : browser.videos()) {
            if (video.packets() > 0) {
                blocks.add(video.statistics().report(video.ssrc(), now));
            }
        }
        for (ReceivedAudio audio : browser.audios()) {
            if (audio.packets() > 0) {
                blocks.add(audio.statistics().report(audio.ssrc(), now));
            }
        }
        transport.sendRtcp(writer -> {
            RtcpWriter.receiverReports(writer, localSsrc, blocks, 0);
            RtcpWriter.write(writer, SourceDescription.of(localSsrc, browser.name()));
            for (Camera camera : browser.cameras()) {
                for (SentVideoLayer layer : camera.layers()) {
                    writeSenderReport(writer, layer.stream(), layer.timestampAt(now), now);
                }
            }
            for (Microphone microphone : browser.microphones()) {
                writeSenderReport(writer, microphone.stream(), microphone.timestampAt(now), now);
            }
        });
    }

    private void writeSenderReport(ByteWriter writer, SentRtpStream stream, long timestamp, long now) {
        if (stream.packetsSent > 0) {
            RtcpWriter.write(
                    writer,
                    new SenderReport(
                            stream.ssrc,
                            room.wallClock().ntp(now),
                            timestamp & 0xFFFF_FFFFL,
                            stream.packetsSent & 0xFFFF_FFFFL,
                            stream.payloadBytesSent & 0xFFFF_FFFFL,
                            List.of()));
        }
    }

    @Override
    public void nack(int ssrc, int[] sequenceNumbers, int count) {
        transport.sendRtcp(writer -> RtcpWriter.nack(writer, localSsrc, ssrc, sequenceNumbers, 0, count));
    }

    @Override
    public void keyframe(int ssrc) {
        transport.sendRtcp(writer -> RtcpWriter.write(writer, new PictureLossIndication(localSsrc, ssrc)));
    }

    // ---- in ---------------------------------------------------------------------------------------------------------

    void onRtcp(List<RtcpPacket> packets, long now) {
        for (RtcpPacket packet : packets) {
            switch (packet) {
                case TransportFeedback received -> browser.estimate().onFeedback(received, now);
                case Nack nack -> onNack(nack, now);
                case PictureLossIndication indication -> onKeyframeRequest(indication.mediaSsrc());
                case FullIntraRequest request -> request.entries().forEach(entry -> onKeyframeRequest(entry.ssrc()));
                case SenderReport report -> {
                    onSenderReport(report, now);
                    onReports(report.reports());
                }
                case ReceiverReport report -> onReports(report.reports());
                default -> {}
            }
        }
    }

    private void onNack(Nack nack, long now) {
        for (Camera camera : browser.cameras()) {
            SentVideoLayer layer = camera.layerOf(nack.mediaSsrc());
            if (layer != null) {
                for (int i = 0; i < nack.count(); i++) {
                    layer.onNack(nack.sequenceNumber(i), now);
                }
            }
        }
    }

    private void onKeyframeRequest(int ssrc) {
        browser.cameras().forEach(camera -> camera.onKeyframeRequest(ssrc));
    }

    private void onSenderReport(SenderReport report, long now) {
        for (ReceivedVideo video : browser.videos()) {
            if (video.ssrc() == report.ssrc()) {
                video.statistics().onSenderReport(report, now);
            }
        }
        for (ReceivedAudio audio : browser.audios()) {
            if (audio.ssrc() == report.ssrc()) {
                audio.statistics().onSenderReport(report, now);
            }
        }
    }

    private void onReports(List<ReportBlock> blocks) {
        for (ReportBlock block : blocks) {
            for (Camera camera : browser.cameras()) {
                SentVideoLayer layer = camera.layerOf(block.ssrc());
                if (layer != null) {
                    layer.stream().acknowledged = true;
                }
            }
            for (Microphone microphone : browser.microphones()) {
                microphone.stream().acknowledged |= microphone.stream().ssrc == block.ssrc();
            }
        }
    }
}
