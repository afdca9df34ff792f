package dev.sfu.server;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the modules around the engine may see of it and of each other. */
class ArchitectureTest {
    private static final Set<String> PUBLIC = Set.of("dev.sfu.core.api", "dev.sfu.core.stats");

    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.sfu");

    @Test
    void signalingAndAdminSeeOnlyThePublicPartOfTheCore() {
        noClasses()
                .that(resideInAnyPackage("dev.sfu.signaling..", "dev.sfu.admin.."))
                .should()
                .dependOnClassesThat(describe("are internals of the core", c ->
                        c.getPackageName().startsWith("dev.sfu.core.") && !PUBLIC.contains(c.getPackageName())))
                .check(ALL);
    }

    @Test
    void modulesSeeOnlyThoseBelowThem() {
        noClasses()
                .that(resideInAPackage("dev.sfu.core.."))
                .should()
                .dependOnClassesThat(resideInAnyPackage("dev.sfu.signaling..", "dev.sfu.admin..", "dev.sfu.server.."))
                .check(ALL);
        noClasses()
                .that(resideInAPackage("dev.sfu.signaling.."))
                .should()
                .dependOnClassesThat(resideInAnyPackage("dev.sfu.admin..", "dev.sfu.server.."))
                .check(ALL);
        noClasses()
                .that(resideInAPackage("dev.sfu.admin.."))
                .should()
                .dependOnClassesThat(resideInAnyPackage("dev.sfu.signaling..", "dev.sfu.server.."))
                .check(ALL);
    }

    @Test
    void theLauncherStaysThin() {
        long classes = ALL.stream()
                .filter(c -> c.getPackageName().equals("dev.sfu.server") && c.isTopLevelClass())
                .count();
        assertTrue(classes <= 16, "top-level classes in dev.sfu.server: " + classes);
    }

    @Test
    void allModulesAreLookedAt() {
        for (String module : List.of("core.api", "signaling", "admin", "server")) {
            assertTrue(ALL.stream().anyMatch(c -> c.getPackageName().equals("dev.sfu." + module)), module);
        }
    }
}
