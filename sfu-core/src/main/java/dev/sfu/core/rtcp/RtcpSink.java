package dev.sfu.core.rtcp;

/** Takes what {@link RtcpReader} finds, without garbage for what comes often. */
public interface RtcpSink {
    /**
     * One report block of a sender or receiver report; the parameters are those of {@link ReportBlock}.
     *
     * @param ssrc the stream reported on
     */
    void onReportBlock(
            int ssrc,
            int fractionLost,
            int cumulativeLost,
            long extendedHighestSequence,
            long jitter,
            int lastSenderReport,
            long delaySinceLastSenderReport);

    /**
     * Any other packet. Receiver reports and source descriptions do not come here, and sender reports come without
     * their blocks, before these. A {@link Nack}, {@link TransportFeedback} or {@link CongestionControlFeedback} is valid
     * during the call only: the reader fills the same one again.
     */
    void onPacket(RtcpPacket packet);
}
