package dev.sfu.core.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sfu.core.api.SlotPriority;
import dev.sfu.core.api.SlotWish;
import dev.sfu.core.layers.LayerChoice;
import dev.sfu.core.time.Deadlines;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets what. A choice is written as {@code encoding.temporal}, nothing as {@code -}. */
class BitrateAllocatorTest {
    private static final long TICK = 100 * Deadlines.MILLISECOND;
    /** 180 lines for 60 to 150, 360 lines for 300 to 500 and 720 lines for 900 to 1500 kbit/s. */
    private static final List<LayerChoice> CAMERA = List.of(
            choice(0, 0, 60, 320, 180, 7), choice(0, 1, 90, 320, 180, 15), choice(0, 2, 150, 320, 180, 30),
            choice(1, 0, 300, 640, 360, 7), choice(1, 1, 400, 640, 360, 15), choice(1, 2, 500, 640, 360, 30),
            choice(2, 0, 900, 1280, 720, 7), choice(2, 1, 1200, 1280, 720, 15), choice(2, 2, 1500, 1280, 720, 30));
    private static final List<LayerChoice> SCREEN = List.of(
            choice(0, 0, 200, 960, 540, 5), choice(0, 1, 300, 960, 540, 15),
            choice(1, 0, 800, 1920, 1080, 5), choice(1, 1, 1400, 1920, 1080, 15));

    private long now = 1000 * Deadlines.SECOND;

    private static LayerChoice choice(int encoding, int temporal, int kbps, int width, int height, int fps) {
        return new LayerChoice(encoding, 0, temporal, kbps * 1000L, width, height, fps, true);
    }

    private static final class TestSlot {
        List<LayerChoice> choices = CAMERA;
        SlotWish wish = SlotWish.everything("0");
        boolean screen;
        boolean muted;
        StepHistory history = new StepHistory();

        TestSlot size(int width, int height) {
            wish = new SlotWish("0", false, width, height, 0, SlotWish.ALL_LAYERS, wish.priority());
            return this;
        }

        TestSlot priority(SlotPriority priority) {
            wish = new SlotWish("0", false, wish.width(), wish.height(), 0, SlotWish.ALL_LAYERS, priority);
            return this;
        }

        TestSlot paused(boolean paused) {
            wish = new SlotWish("0", paused, wish.width(), wish.height(), 0, SlotWish.ALL_LAYERS, wish.priority());
            return this;
        }

        TestSlot limits(int maxFramesPerSecond, int maxLayer) {
            wish = new SlotWish("0", false, wish.width(), wish.height(), maxFramesPerSecond, maxLayer, wish.priority());
            return this;
        }

        static TestSlot screen() {
            TestSlot slot = new TestSlot();
            slot.screen = true;
            slot.choices = SCREEN;
            return slot;
        }

        BitrateAllocator.Request request() {
            return new BitrateAllocator.Request(LayerLadder.of(choices, wish, screen), wish, screen, muted, history);
        }
    }

    private BitrateAllocator.Allocation allocate(long kbps, TestSlot... slots) {
        return BitrateAllocator.allocate(
                kbps * 1000, 0, Arrays.stream(slots).map(TestSlot::request).toList(), now);
    }

    private static String text(BitrateAllocator.Allocation allocation) {
        List<String> texts = new ArrayList<>();
        for (BitrateAllocator.Grant grant : allocation.grants()) {
            LayerChoice choice = grant.choice();
            texts.add(choice == null ? "-" : choice.encoding() + "." + choice.temporal());
        }
        return String.join(" ", texts);
    }

    private String after(long nanos, long kbps, TestSlot... slots) {
        for (long end = now + nanos; now < end; now += TICK) {
            allocate(kbps, slots);
        }
        return text(allocate(kbps, slots));
    }

    @ParameterizedTest
    @CsvSource({
        "10, -, PAUSED_BY_BANDWIDTH", "60, 0.0, BANDWIDTH", "100, 0.1, BANDWIDTH", "299, 0.2, BANDWIDTH",
        "399, 0.2, BANDWIDTH", "400, 1.1, BANDWIDTH", "500, 1.2, BANDWIDTH", "1199, 1.2, BANDWIDTH", "1200, 2.1, BANDWIDTH",
        "1500, 2.2, BEST_AVAILABLE", "9000, 2.2, BEST_AVAILABLE"
    })
    void oneCameraGetsWhatFits(int kbps, String choice, AllocationReason reason) {
        BitrateAllocator.Allocation allocation = allocate(kbps, new TestSlot());
        assertEquals(choice, text(allocation));
        assertEquals(reason, allocation.grants().getFirst().reason());
    }

    @ParameterizedTest
    @CsvSource({"199, -", "200, 0.0", "300, 0.1", "799, 0.1", "800, 1.0", "1400, 1.1"})
    void aScreenIsSharpBeforeItIsFluent(int kbps, String choice) {
        assertEquals(choice, text(allocate(kbps, TestSlot.screen())));
    }

    @ParameterizedTest
    @CsvSource({
        "1280, 720, 2.2, BEST_AVAILABLE", "640, 360, 1.2, WISH_SIZE", "700, 394, 1.2, WISH_SIZE", "800, 450, 2.2, BEST_AVAILABLE",
        "160, 90, 0.2, WISH_SIZE", "360, 640, 1.2, WISH_SIZE", "0, 360, 1.2, WISH_SIZE", "640, 0, 1.2, WISH_SIZE",
        "0, 0, 2.2, BEST_AVAILABLE", "3840, 2160, 2.2, BEST_AVAILABLE"
    })
    void noPictureIsLargerThanOfUse(int width, int height, String choice, AllocationReason reason) {
        BitrateAllocator.Allocation allocation = allocate(9000, new TestSlot().size(width, height));
        assertEquals(choice, text(allocation));
        assertEquals(reason, allocation.grants().getFirst().reason());
        assertEquals(0, allocation.nextBps());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0.2, WISH_LAYER", "0, 1, 1.2, WISH_LAYER", "0, 7, 2.2, BEST_AVAILABLE", "15, 7, 2.1, WISH_FRAME_RATE",
        "15, 1, 1.1, WISH_LAYER", "1, 7, 2.0, WISH_FRAME_RATE", "60, 7, 2.2, BEST_AVAILABLE"
    })
    void layersAndFramesAreLimitedByTheWish(int maxFramesPerSecond, int maxLayer, String choice, AllocationReason reason) {
        BitrateAllocator.Allocation allocation = allocate(9000, new TestSlot().limits(maxFramesPerSecond, maxLayer));
        assertEquals(choice, text(allocation));
        assertEquals(reason, allocation.grants().getFirst().reason());
    }

    @Test
    void theLowestOfEverythingComesBeforeMoreOfAnything() {
        assertEquals("0.0 0.0 0.0", text(allocate(180, new TestSlot(), new TestSlot(), new TestSlot())));
        assertEquals("0.1 0.0 0.0", text(allocate(210, new TestSlot(), new TestSlot(), new TestSlot())));
        assertEquals("0.2 0.2 0.2", text(allocate(450, new TestSlot(), new TestSlot(), new TestSlot())));
        assertEquals("1.1 1.1 0.2", text(allocate(1000, new TestSlot(), new TestSlot(), new TestSlot())));
    }

    @Test
    void importanceIsScreenThenPriorityThenSize() {
        assertEquals("0.0 1.0", text(allocate(870, new TestSlot(), TestSlot.screen())));
        assertEquals("0.2 1.1", text(allocate(1700, new TestSlot(), TestSlot.screen())));
        assertEquals("0.1 1.2", text(allocate(600, new TestSlot(), new TestSlot().priority(SlotPriority.HIGH))));
        assertEquals("1.2 0.1", text(allocate(600, new TestSlot(), new TestSlot().priority(SlotPriority.LOW))));
        assertEquals("0.1 1.2", text(allocate(600, new TestSlot().size(400, 225), new TestSlot().size(1280, 720))));
        assertEquals("0.1 1.2", text(allocate(600, new TestSlot().size(160, 90).priority(SlotPriority.NORMAL),
                new TestSlot().size(640, 360))));
    }

    @Test
    void whatDoesNotFitPausesAndCheaperThingsPlayAllTheSame() {
        BitrateAllocator.Allocation allocation = allocate(150, TestSlot.screen(), new TestSlot(), new TestSlot());
        assertEquals("- 0.1 0.0", text(allocation));
        assertEquals(AllocationReason.PAUSED_BY_BANDWIDTH, allocation.grants().getFirst().reason());
    }

    @Test
    void audioComesFirst() {
        TestSlot slot = new TestSlot();
        BitrateAllocator.Allocation allocation =
                BitrateAllocator.allocate(500_000, 40_000, List.of(slot.request()), now);
        assertEquals("1.1", text(allocation));
        assertEquals(440_000, allocation.totalBps());
        assertEquals(590_000, allocation.nextBps(), "500 and a tenth, and the sound");
        allocation = BitrateAllocator.allocate(30_000, 40_000, List.of(new TestSlot().request()), now);
        assertEquals("-", text(allocation));
        assertEquals(40_000, allocation.totalBps());
    }

    @Test
    void pausedMutedAndSilentSlotsGetNothingAndSayWhy() {
        TestSlot paused = new TestSlot().paused(true);
        TestSlot muted = new TestSlot();
        muted.muted = true;
        TestSlot silent = new TestSlot();
        silent.choices = List.of();
        BitrateAllocator.Allocation allocation = allocate(9000, paused, muted, silent);
        assertEquals("- - -", text(allocation));
        assertEquals(
                List.of(AllocationReason.PAUSED_BY_VIEWER, AllocationReason.MUTED, AllocationReason.NO_MEDIA),
                allocation.grants().stream().map(BitrateAllocator.Grant::reason).toList());
        paused.paused(false);
        assertEquals("2.2 - -", text(allocate(9000, paused, muted, silent)), "at once");
    }

    @Test
    void encodingsThatAreOffAreWantedButNotGiven() {
        List<LayerChoice> off = new ArrayList<>();
        for (LayerChoice choice : CAMERA) {
            off.add(new LayerChoice(
                    choice.encoding(), 0, choice.temporal(), choice.bitrateBps(), choice.width(), choice.height(),
                    choice.framesPerSecond(), choice.encoding() == 0));
        }
        TestSlot slot = new TestSlot();
        slot.choices = off;
        assertEquals("0.2", text(allocate(9000, slot)));
        assertEquals(2, Objects.requireNonNull(slot.request().ladder().wanted()).encoding());
        slot.size(640, 360);
        assertEquals(1, Objects.requireNonNull(slot.request().ladder().wanted()).encoding());
        slot.choices = CAMERA.stream().filter(choice -> choice.encoding() != 1).toList();
        assertEquals("2.2", text(allocate(9000, slot)), "the smallest that fills it");
    }

    @Test
    void downIsAtOnceAndUpNeedsHeadroomAndPatience() {
        TestSlot slot = new TestSlot();
        assertEquals("2.2", text(allocate(1500, slot)));
        assertEquals("2.1", text(allocate(1400, slot)));
        assertEquals("1.2", text(allocate(700, slot)));
        assertEquals("1.2", text(allocate(1600, slot)), "too early");
        assertEquals("2.1", after(2 * Deadlines.SECOND, 1600, slot), "no room for 2.2");
        assertEquals("2.2", text(allocate(1650, slot)));
        assertEquals("2.2", text(allocate(1500, slot)));
    }

    @Test
    void aStepUpThatFailedWaitsLongerAndWantsMoreRoom() {
        TestSlot slot = new TestSlot();
        allocate(700, slot);
        assertEquals("1.2", text(allocate(700, slot)));
        allocate(450, slot);
        for (int hold : new int[] {2, 4, 8, 16}) {
            assertEquals("1.1", after(hold * Deadlines.SECOND - 2 * TICK, 650, slot), hold + " s");
            assertEquals("1.2", after(3 * TICK, 650, slot), hold + " s");
            assertEquals("1.1", text(allocate(450, slot)));
        }
        assertEquals("1.1", after(20 * Deadlines.SECOND, 650, slot));
        assertEquals("1.1", after(20 * Deadlines.SECOND, 620, slot), "too little room");
        allocate(430, slot);
        assertEquals("1.2", after(17 * Deadlines.SECOND, 800, slot), "plenty of room");
    }

    /** Otherwise nothing would be probed for, and what is paused would wait in full although there is more. */
    @Test
    void whatHasEnoughAndOnlyWaitsLooksForPlenty() {
        TestSlot slot = new TestSlot();
        allocate(700, slot);
        allocate(450, slot);
        for (int hold : new int[] {2, 4}) {
            assertEquals(hold == 2 ? 550_000 : 590_000, allocate(650, slot).nextBps(), "four seconds are not long");
            after(hold * Deadlines.SECOND, 650, slot);
            assertEquals("1.1", text(allocate(450, slot)));
        }
        assertEquals(630_000, allocate(629, slot).nextBps(), "enough comes first");
        assertEquals(750_000, allocate(630, slot).nextBps());
        assertEquals("1.1", after(4 * Deadlines.SECOND, 749, slot), "eight seconds");
        assertEquals("1.2", text(allocate(750, slot)));
    }

    @Test
    void mistakesAreForgiven() {
        TestSlot slot = new TestSlot();
        allocate(450, slot);
        after(Deadlines.SECOND, 650, slot);
        allocate(450, slot);
        after(3 * Deadlines.SECOND, 650, slot);
        allocate(450, slot);
        assertEquals("1.1", after(20 * Deadlines.SECOND, 560, slot));
        assertEquals("1.2", after(120 * Deadlines.SECOND, 560, slot));
    }

    @Test
    void videoPausesAfterAMomentAndResumesByItself() {
        TestSlot slot = new TestSlot();
        assertEquals("0.0", text(allocate(60, slot)));
        BitrateAllocator.Allocation dip = allocate(45, slot);
        assertEquals("0.0", text(dip));
        assertEquals(now + 4 * Deadlines.SECOND, dip.againNanos());
        assertEquals("0.0", after(7 * Deadlines.SECOND / 2, 20, slot));
        assertEquals("-", after(Deadlines.SECOND / 2, 45, slot));
        assertEquals("-", text(allocate(100, slot)));
        assertEquals("0.0", after(5 * Deadlines.SECOND, 62, slot), "no headroom is needed, there is nothing to lose");
        assertEquals("-", text(allocate(19, slot)), "far too little");
        assertEquals("-", after(5 * Deadlines.SECOND, 62, slot), "after a mistake headroom is needed");
        assertEquals("0.0", text(allocate(75, slot)));
    }

    @Test
    void whatIsNotTheOnlyPicturePausesSooner() {
        TestSlot first = new TestSlot().size(1280, 720);
        TestSlot second = new TestSlot().size(320, 180);
        assertEquals("0.0 0.0", text(allocate(125, first, second)));
        BitrateAllocator.Allocation dip = allocate(90, first, second);
        assertEquals("0.0 0.0", text(dip));
        assertEquals(now + Deadlines.SECOND, dip.againNanos());
        assertEquals("0.0 -", after(Deadlines.SECOND, 90, first, second));
        assertEquals("0.0 -", text(allocate(40, first, second)));
        assertEquals("0.0 -", after(7 * Deadlines.SECOND / 2, 40, first, second));
        assertEquals("- -", after(Deadlines.SECOND / 2, 40, first, second));
    }

    @Test
    void aWishActsAtOnce() {
        TestSlot slot = new TestSlot().size(160, 90);
        assertEquals("0.2", text(allocate(9000, slot)));
        slot.size(1280, 720);
        assertEquals("2.2", text(allocate(9000, slot)));
        slot.size(640, 360);
        assertEquals("1.2", text(allocate(9000, slot)));
    }

    @Test
    void aChoiceThatIsGoneIsReplacedByOneThatCostsNoMore() {
        TestSlot slot = new TestSlot();
        assertEquals("2.2", text(allocate(1500, slot)));
        slot.choices = CAMERA.subList(0, 6);
        BitrateAllocator.Allocation allocation = allocate(1500, slot);
        assertEquals("1.2", text(allocation));
        assertEquals(AllocationReason.BEST_AVAILABLE, allocation.grants().getFirst().reason());
        slot.choices = CAMERA;
        assertEquals("2.2", text(allocate(1650, slot)), "nobody was to blame");
    }

    @Test
    void whatCostsMoreThanSomethingBetterIsNoStep() {
        TestSlot slot = new TestSlot();
        slot.choices = List.of(
                choice(0, 0, 100, 320, 180, 30), choice(0, 1, 300, 320, 180, 30), choice(1, 0, 250, 640, 360, 30));
        assertEquals("0.0", text(allocate(249, slot)));
        assertEquals("1.0", text(allocate(275, new TestSlot[] {slot})));
    }

    @Test
    void equalsShareAnewWhenOneComes() {
        TestSlot first = new TestSlot();
        TestSlot second = new TestSlot();
        assertEquals("2.1", text(allocate(1200, first)));
        assertEquals("1.2 1.2", text(allocate(1200, first, second)));
        assertEquals("1.2 1.2", after(10 * Deadlines.SECOND, 1200, first, second));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 13, 30})
    void anEstimateThatOscillatesByATenthMakesNothingFlap(int periodTicks) {
        for (int kbps = 50; kbps < 2000; kbps += 10) {
            long mean = kbps;
            TestSlot[] slots = {new TestSlot(), new TestSlot().size(640, 360)};
            int changes = changes(slots, tick -> tick / periodTicks % 2 == 0 ? mean * 11 / 10 : mean * 9 / 10, 1200);
            assertTrue(changes <= 14, changes + " changes at " + kbps + " kbit/s");
        }
    }

    /** Over so many ticks, after the first second. */
    private int changes(TestSlot[] slots, LongUnaryOperator kbpsAt, int ticks) {
        String before = "";
        int changes = 0;
        for (int tick = 0; tick < ticks; tick++, now += TICK) {
            String present = text(allocate(kbpsAt.applyAsLong(tick), slots));
            changes += tick > 10 && !present.equals(before) ? 1 : 0;
            before = present;
        }
        return changes;
    }

    @Test
    void neverIsMoreSpentThanThereIsExceptForTheMomentBeforeAPause() {
        for (long seed = 1; seed <= 300; seed++) {
            Random random = new Random(seed);
            TestSlot[] slots = new TestSlot[1 + random.nextInt(9)];
            Arrays.setAll(slots, i -> randomSlot(random));
            long kbps = 1000;
            long overSince = -1;
            for (int tick = 0; tick < 300; tick++, now += TICK) {
                kbps = Math.clamp((long) (kbps * (0.7 + 0.62 * random.nextDouble())), 10, 8000);
                BitrateAllocator.Allocation allocation = allocate(kbps, slots);
                boolean over = allocation.totalBps() > kbps * 1000;
                overSince = !over ? -1 : overSince < 0 ? now : overSince;
                if (over) {
                    long playing = allocation.grants().stream().filter(grant -> grant.choice() != null).count();
                    assertTrue(allocation.totalBps() <= kbps * (playing == 1 ? 3000 : 1500), "seed " + seed);
                    assertTrue(now - overSince <= (slots.length + 3) * Deadlines.SECOND, "seed " + seed);
                }
                long next = allocation.nextBps();
                assertTrue(next == 0 || next > allocation.totalBps(), "seed " + seed);
            }
        }
    }

    @Test
    void withMoreBandwidthTheMostImportantSlotGetsNoLessAndTheSameQuestionHasOneAnswer() {
        for (long seed = 1; seed <= 200; seed++) {
            int most = -1;
            for (int kbps = 0; kbps < 6000; kbps += 50) {
                String first = text(allocate(kbps, randomSlots(seed)));
                assertEquals(first, text(allocate(kbps, randomSlots(seed))), "seed " + seed);
                TestSlot important = TestSlot.screen();
                TestSlot[] slots = randomSlots(seed);
                for (TestSlot slot : slots) {
                    slot.screen = false;
                }
                TestSlot[] all = Arrays.copyOf(slots, slots.length + 1);
                all[slots.length] = important;
                List<BitrateAllocator.Grant> grants = allocate(kbps, all).grants();
                LayerChoice choice = grants.getLast().choice();
                int step = choice == null ? -1 : SCREEN.indexOf(choice);
                // That everything plays comes before more of anything.
                if (grants.stream().noneMatch(grant -> grant.reason() == AllocationReason.PAUSED_BY_BANDWIDTH)) {
                    assertTrue(step >= most, "seed " + seed + ", " + kbps + " kbit/s");
                    most = step;
                }
            }
        }
    }

    private static TestSlot[] randomSlots(long seed) {
        Random random = new Random(seed);
        TestSlot[] slots = new TestSlot[1 + random.nextInt(5)];
        Arrays.setAll(slots, i -> randomSlot(random));
        return slots;
    }

    private static TestSlot randomSlot(Random random) {
        TestSlot slot = random.nextInt(5) == 0 ? TestSlot.screen() : new TestSlot();
        slot.priority(SlotPriority.values()[random.nextInt(3)]);
        slot.size(random.nextInt(3) * 640, random.nextInt(3) * 360);
        if (random.nextInt(8) == 0) {
            slot.paused(true);
        }
        slot.choices = slot.choices.subList(0, 1 + random.nextInt(slot.choices.size()));
        return slot;
    }
}
