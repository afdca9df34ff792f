package dev.sfu.core.srtp;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Measures what candidates cost and says which to take.
 *
 * <p>Code of the JDK is interpreted at first and a hundred times faster once it is compiled to the processor's
 * instructions for AES; native code is fast from its first call. So what counts is the best batch of each, and only
 * once it has stopped getting better: candidates take turns, batch by batch, until no best has fallen for
 * {@value #STEADY_ROUNDS} rounds after {@value #LEAST_PACKETS} packets. A candidate that gets no further within the
 * budget counts as not measured.
 */
final class CryptoTrial {
    /** Packets between two looks at the clock: long against its resolution, short against a time slice. */
    static final int BATCH_PACKETS = 16;

    /** The compiler's last stage begins after about so many calls. */
    static final int LEAST_PACKETS = 20_000;

    static final int STEADY_ROUNDS = 500;

    /** A best batch that is not lower by this part is the same. */
    private static final int SAME_PART = 50;

    /** The preferred candidate gives way only to one that is cheaper by this part: a close race is noise. */
    private static final int MARGIN_PART = 10;

    /** Something that can protect packets. */
    interface Candidate {
        /** Protects {@link #BATCH_PACKETS} packets. */
        void protectBatch();
    }

    /**
     * What one candidate costs.
     *
     * @param nanosPerPacket of its best batch
     * @param steady whether that had stopped falling
     */
    record Figure(long nanosPerPacket, boolean steady) {}

    private static final class Course {
        final Candidate candidate;
        long bestNanos = Long.MAX_VALUE;
        /** The best when the steady rounds began, so that many small steps down count like a big one. */
        long steadyNanos = Long.MAX_VALUE;
        long steadyRounds;
        long packets;

        Course(Candidate candidate) {
            this.candidate = candidate;
        }

        void round(LongSupplier nanoClock) {
            long begin = nanoClock.getAsLong();
            candidate.protectBatch();
            long nanos = nanoClock.getAsLong() - begin;
            packets += BATCH_PACKETS;
            bestNanos = Math.min(bestNanos, nanos);
            steadyRounds++;
            if (bestNanos < steadyNanos - steadyNanos / SAME_PART) {
                steadyNanos = bestNanos;
                steadyRounds = 0;
            }
        }

        boolean steady() {
            return packets >= LEAST_PACKETS && steadyRounds >= STEADY_ROUNDS;
        }

        Figure figure() {
            return new Figure(bestNanos / BATCH_PACKETS, steady());
        }
    }

    private CryptoTrial() {}

    /** Lets candidates take turns until all are steady, at most about {@code budgetNanos}; figures in their order. */
    static List<Figure> run(
            List<? extends Candidate> candidates, LongSupplier nanoClock, long budgetNanos, BooleanSupplier stop) {
        List<Course> courses = candidates.stream().map(Course::new).toList();
        long begin = nanoClock.getAsLong();
        do {
            for (Course course : courses) {
                course.round(nanoClock);
            }
        } while (!courses.stream().allMatch(Course::steady)
                && nanoClock.getAsLong() - begin < budgetNanos
                && !stop.getAsBoolean());
        return courses.stream().map(Course::figure).toList();
    }

    /** The index of the cheapest; the first, which is preferred, unless another is steady and clearly cheaper. */
    static int winner(List<Figure> figures) {
        int winner = 0;
        long limit = figures.getFirst().nanosPerPacket();
        limit -= limit / MARGIN_PART;
        for (int i = 1; i < figures.size(); i++) {
            Figure figure = figures.get(i);
            if (figure.steady() && figures.getFirst().steady() && figure.nanosPerPacket() < limit) {
                winner = i;
                limit = figure.nanosPerPacket();
            }
        }
        return winner;
    }
}
