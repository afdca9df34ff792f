package dev.sfu.core.simulation;

/**
 * Loss with a memory of one bit (Gilbert–Elliott): the link is good or bad, decided anew for every packet.
 *
 * @param whileGood share of packets lost in the good state, 0 to 1
 * @param whileBad share of packets lost in the bad state, 0 to 1
 * @param becomesBad probability of going from good to bad with a packet
 * @param becomesGood probability of going from bad to good with a packet
 */
public record Loss(double whileGood, double whileBad, double becomesBad, double becomesGood) {
    /** None. */
    public static final Loss NONE = random(0);

    /** Checks ranges. */
    public Loss {
        for (double p : new double[] {whileGood, whileBad, becomesBad, becomesGood}) {
            if (!(p >= 0 && p <= 1)) {
                throw new IllegalArgumentException("probability: " + p + " (expected: 0 to 1)");
            }
        }
    }

    /** Each packet by itself. */
    public static Loss random(double share) {
        return new Loss(share, share, 0, 1);
    }

    /** That share of all packets, in bursts of that mean length. */
    public static Loss bursts(double share, double meanPackets) {
        double becomesGood = 1 / meanPackets;
        return new Loss(0, 1, share * becomesGood / (1 - share), becomesGood);
    }

    /** The share of packets lost in the long run. */
    public double share() {
        double changes = becomesBad + becomesGood;
        double bad = changes == 0 ? 0 : becomesBad / changes;
        return whileGood * (1 - bad) + whileBad * bad;
    }
}
