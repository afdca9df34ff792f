package dev.sfu.core.peerconnection;

import dev.sfu.core.repair.KeyframeRequester;
import dev.sfu.core.repair.NackGenerator;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.List;

/** When RTCP is due: reports every second, feedback as its state machines ask. */
final class RtcpSchedule {
    private static final long REPORT_INTERVAL_NANOS = Deadlines.SECOND;

    private final ReceivePath receivePath;
    private final RtcpOutbox outbox;
    private final PublishLimiter limiter;
    /** Filled for each report. */
    private final List<RtpSender> active = new ArrayList<>();
    private final List<IncomingStream> streams = new ArrayList<>();
    private long nextReportNanos = Deadlines.NEVER;

    RtcpSchedule(ReceivePath receivePath, RtcpOutbox outbox, PublishLimiter limiter) {
        this.receivePath = receivePath;
        this.outbox = outbox;
        this.limiter = limiter;
    }

    /** Starts the reports; the first one is due at once. */
    void start(long nowNanos) {
        nextReportNanos = nowNanos;
    }

    long nextDeadlineNanos(List<RtpTransceiver> transceivers) {
        long deadline = Math.min(nextReportNanos, receivePath.transportFeedback().nextDeadlineNanos());
        for (int i = 0; i < transceivers.size(); i++) {
            List<IncomingStream> streams = transceivers.get(i).receiver().streams();
            for (int j = 0; j < streams.size(); j++) {
                deadline = Math.min(deadline, streams.get(j).nextDeadlineNanos());
            }
        }
        return deadline;
    }

    void onDeadline(List<RtpTransceiver> transceivers, long nowNanos) {
        if (Deadlines.due(receivePath.transportFeedback().nextDeadlineNanos(), nowNanos)) {
            outbox.sendTransportFeedback(receivePath.transportFeedback(), receivePath.lastMediaSsrc(), nowNanos);
        }
        for (RtpTransceiver transceiver : transceivers) {
            for (IncomingStream stream : transceiver.receiver().streams()) {
                if (Deadlines.due(stream.nextDeadlineNanos(), nowNanos)) {
                    askForRepair(transceiver.receiver(), stream, nowNanos);
                }
            }
        }
        if (Deadlines.due(nextReportNanos, nowNanos)) {
            nextReportNanos = nowNanos + REPORT_INTERVAL_NANOS;
            sendReports(transceivers, nowNanos);
        }
    }

    private void askForRepair(RtpReceiver receiver, IncomingStream stream, long nowNanos) {
        outbox.sendNacks(stream, nowNanos);
        NackGenerator nacks = stream.nacks();
        if (nacks != null && nacks.takeKeyframeNeeded()) {
            stream.requestKeyframe(nowNanos);
        }
        KeyframeRequester keyframes = stream.keyframes();
        if (keyframes != null
                && Deadlines.due(keyframes.nextDeadlineNanos(), nowNanos)
                && keyframes.onDeadline(nowNanos)) {
            boolean pli = receiver.payloadTypes().anyFeedback("nack pli");
            outbox.sendKeyframeRequest(stream, pli, keyframes.commandSequence());
        }
    }

    private void sendReports(List<RtpTransceiver> transceivers, long nowNanos) {
        for (RtpTransceiver transceiver : transceivers) {
            transceiver.sender().onTick(nowNanos);
            if (transceiver.sender().active() && transceiver.sends()) {
                active.add(transceiver.sender());
            }
            streams.addAll(transceiver.receiver().streams());
        }
        outbox.sendReports(active, streams, nowNanos);
        long maximumBps = limiter.onTick(transceivers, nowNanos);
        if (maximumBps > 0) {
            outbox.sendMaximumBitrate(maximumBps, streams);
        }
        active.clear();
        streams.clear();
    }
}
