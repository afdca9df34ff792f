package dev.sfu.core;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.MonitorInstruction;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The layers of the engine and what each of them may touch. */
class ArchitectureTest {
    private static final String ROOT = "dev.sfu.core.";

    /** A package sees its own layer and those below. A new package has to find its place here. */
    private static final List<Set<String>> LAYERS = List.of(
            Set.of("time", "buffer"),
            Set.of("stun", "rtp", "rtcp", "codec", "sdp"),
            Set.of("ice", "turn", "dtls", "srtp", "sctp", "datachannel", "repair", "bwe", "pacing", "layers"),
            Set.of("peerconnection"),
            Set.of("routing"),
            Set.of("shard", "transport"));

    /** Visible to every layer: plain values. */
    private static final Set<String> VALUES = Set.of("stats", "api");

    private static final int LAST_SANS_IO_LAYER = 4;

    /** Calls that read a clock or make randomness from nothing; both are handed in below {@code shard}. */
    private static final Map<String, Set<String>> AMBIENT = Map.ofEntries(
            Map.entry("java.lang.System", Set.of("nanoTime", "currentTimeMillis")),
            Map.entry("java.lang.Math", Set.of("random")),
            Map.entry("java.time.Instant", Set.of("now")),
            Map.entry("java.time.LocalDateTime", Set.of("now")),
            Map.entry("java.time.OffsetDateTime", Set.of("now")),
            Map.entry("java.time.ZonedDateTime", Set.of("now")),
            Map.entry("java.time.Clock", Set.of("systemUTC", "systemDefaultZone", "system", "tickMillis")),
            Map.entry("java.util.UUID", Set.of("randomUUID")),
            Map.entry("java.util.Random", Set.of("<init>")),
            Map.entry("java.util.SplittableRandom", Set.of("<init>")),
            Map.entry("java.util.concurrent.ThreadLocalRandom", Set.of("current")),
            Map.entry("java.security.SecureRandom", Set.of("<init>", "getInstance", "getInstanceStrong")),
            Map.entry("java.util.random.RandomGenerator", Set.of("of", "getDefault")),
            Map.entry("java.lang.Object", Set.of("wait", "notify", "notifyAll")));

    private static final Pattern CONCURRENCY = Pattern.compile("java\\.lang\\.Thread(Local)?(\\$.*)?"
            + "|java\\.util\\.Timer(Task)?"
            + "|java\\.util\\.concurrent\\.locks\\..*"
            + "|java\\.util\\.concurrent\\.(.*Execut.*|ForkJoin.*|ThreadFactory|CompletableFuture|FutureTask"
            + "|Semaphore|CountDownLatch|CyclicBarrier|Phaser|Exchanger|.*Blocking.*)");

    /** The handshake of the DTLS library blocks, so it alone has a thread, and waits by the clock. */
    private static final String BLOCKING_HANDSHAKE = ROOT + "dtls";

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.sfu.core");

    private static final DescribedPredicate<JavaClass> SANS_IO =
            describe("are below shard and do not handshake", c -> layer(c) >= 0
                    && layer(c) <= LAST_SANS_IO_LAYER
                    && !c.getPackageName().equals(BLOCKING_HANDSHAKE));

    @Test
    void everyPackageHasALayer() {
        List<String> homeless = CORE.stream()
                .filter(c -> layer(c) < 0 && !VALUES.contains(packageBelowRoot(c)))
                .map(JavaClass::getName)
                .toList();
        assertEquals(List.of(), homeless, "classes in packages that LAYERS does not know");
        assertFalse(CORE.isEmpty());
    }

    @Test
    void lowerLayersDoNotSeeHigherOnes() {
        for (int i = 0; i < LAYERS.size(); i++) {
            int layer = i;
            classes()
                    .that(describe("are in layer " + layer, c -> layer(c) == layer))
                    .should()
                    .onlyDependOnClassesThat(describe("are in layer " + layer + " or below", target ->
                            !isCore(target)
                                    || VALUES.contains(packageBelowRoot(target))
                                    || (layer(target) >= 0 && layer(target) <= layer)))
                    .allowEmptyShould(true)
                    .check(CORE);
        }
    }

    @Test
    void valuesDependOnNothingOfTheEngine() {
        classes()
                .that(resideInAPackage("dev.sfu.core.stats"))
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage("dev.sfu.core.stats", "java..", "org.jspecify.."))
                .check(CORE);
        classes()
                .that(resideInAPackage("dev.sfu.core.api"))
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage("dev.sfu.core.api", "dev.sfu.core.stats", "java..", "org.jspecify.."))
                .check(CORE);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.sfu.core.(*)..").should().beFreeOfCycles().check(CORE);
    }

    @Test
    void librariesStayInTheirPackages() {
        confine("io.netty..", "shard", "transport");
        confine("org.bouncycastle..", "dtls");
        confine("javax.crypto..", "srtp", "stun", "dtls");
    }

    @Test
    void coreKnowsNoWebServerJsonOrMetricsLibrary() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "com.fasterxml..", "tools.jackson..", "io.micrometer..", "io.prometheus..", "io.vertx.."))
                .because("signaling and admin turn values into JSON and metrics")
                .check(CORE);
    }

    @Test
    void layersBelowShardReadNoClockAndMakeNoRandomness() {
        noClasses()
                .that(SANS_IO)
                .should()
                .accessTargetWhere(DescribedPredicate.<JavaAccess<?>>describe(
                        "it is a clock, a source of randomness or a monitor",
                        access -> AMBIENT.getOrDefault(access.getTargetOwner().getName(), Set.of())
                                .contains(access.getTarget().getName())))
                .because("time and randomness are handed in, so that tests run in virtual time")
                .check(CORE);
    }

    @Test
    void layersBelowShardHaveNoThreadsExecutorsOrLocks() {
        noClasses()
                .that(SANS_IO)
                .should()
                .dependOnClassesThat(describe("are threads, executors, locks or other waiting", target ->
                        CONCURRENCY.matcher(target.getName()).matches()))
                .because("a state machine belongs to one shard thread")
                .check(CORE);
    }

    @Test
    void nothingBelowShardIsSynchronized() throws IOException {
        List<String> monitors = new ArrayList<>();
        for (JavaClass c : CORE.that(SANS_IO)) {
            c.getMethods().stream()
                    .filter(m -> m.getModifiers().contains(JavaModifier.SYNCHRONIZED))
                    .forEach(m -> monitors.add(m.getFullName()));
            monitors.addAll(methodsWithMonitors(c));
        }
        assertEquals(List.of(), monitors, "synchronized methods and blocks");
    }

    private static List<String> methodsWithMonitors(JavaClass c) throws IOException {
        ClassModel model;
        try (InputStream in = c.getSource().orElseThrow().getUri().toURL().openStream()) {
            model = ClassFile.of().parse(in.readAllBytes());
        }
        return model.methods().stream()
                .filter(ArchitectureTest::entersMonitor)
                .map(m -> c.getName() + "." + m.methodName().stringValue())
                .toList();
    }

    private static boolean entersMonitor(MethodModel method) {
        return method.code().stream()
                .flatMap(code -> code.elementStream())
                .anyMatch(MonitorInstruction.class::isInstance);
    }

    private static void confine(String library, String... packages) {
        String[] allowed = Stream.of(packages).map(p -> ROOT + p + "..").toArray(String[]::new);
        noClasses()
                .that(not(resideInAnyPackage(allowed)))
                .should()
                .dependOnClassesThat(resideInAPackage(library))
                .as(library + " only in " + Stream.of(packages).collect(joining(", ")))
                .check(CORE);
    }

    private static int layer(JavaClass c) {
        if (!isCore(c)) {
            return -1;
        }
        String name = packageBelowRoot(c);
        for (int i = 0; i < LAYERS.size(); i++) {
            if (LAYERS.get(i).contains(name)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isCore(JavaClass c) {
        return c.getPackageName().startsWith(ROOT);
    }

    private static String packageBelowRoot(JavaClass c) {
        String name = c.getPackageName();
        if (!name.startsWith(ROOT)) {
            return "";
        }
        String below = name.substring(ROOT.length());
        int dot = below.indexOf('.');
        return dot < 0 ? below : below.substring(0, dot);
    }
}
