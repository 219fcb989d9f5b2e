package io.marketdata.collector.repository;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.spool.Spool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.Timer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/** The house rules that a compiler does not know. */
@AnalyzeClasses(packages = "io.marketdata.collector", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String ROOT = "io.marketdata.collector";
    private static final Set<String> SWALLOWS_FAULTS = Set.of("submit", "invokeAll", "invokeAny");

    /** What does not fit on some pages has two subjects. */
    @ArchTest
    static void noFileHasMoreThan400Lines(JavaClasses classes) throws IOException {
        List<String> tooLong = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".java")).toList()) {
                int lines = Files.readAllLines(file).size();
                if (lines > 400) {
                    tooLong.add(file.getFileName() + " has " + lines + " lines");
                }
            }
        }
        assertThat(classes).isNotEmpty();
        assertThat(tooLong).isEmpty();
    }

    @ArchTest
    static final ArchRule roomsKnowOnlyTheirNeighbours = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("root")
            .definedBy(ROOT)
            .layer("model")
            .definedBy(ROOT + ".model..")
            .layer("config")
            .definedBy(ROOT + ".config..")
            .layer("feed")
            .definedBy(ROOT + ".feed..")
            .layer("rest")
            .definedBy(ROOT + ".rest..")
            .layer("spool")
            .definedBy(ROOT + ".spool..")
            .layer("ship")
            .definedBy(ROOT + ".ship..")
            .layer("store")
            .definedBy(ROOT + ".store..")
            .layer("metrics")
            .definedBy(ROOT + ".metrics..")
            .layer("ops")
            .definedBy(ROOT + ".ops..")
            .layer("cloudwatch")
            .definedBy(ROOT + ".cloudwatch..")
            .layer("audit")
            .definedBy(ROOT + ".audit..")
            .layer("simulator")
            .definedBy(ROOT + ".simulator..")
            .whereLayer("root")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("model")
            .mayNotAccessAnyLayer()
            .whereLayer("metrics")
            .mayNotAccessAnyLayer()
            .whereLayer("config")
            .mayOnlyAccessLayers("model")
            .whereLayer("feed")
            .mayOnlyAccessLayers("model", "metrics")
            .whereLayer("rest")
            .mayOnlyAccessLayers("model", "metrics")
            .whereLayer("spool")
            .mayOnlyAccessLayers("model", "metrics")
            .whereLayer("ship")
            .mayOnlyAccessLayers("model", "metrics", "spool")
            .whereLayer("store")
            .mayOnlyAccessLayers("model", "ship")
            .whereLayer("ops")
            .mayOnlyAccessLayers("model", "metrics")
            .whereLayer("ops")
            .mayOnlyBeAccessedByLayers("root")
            .whereLayer("cloudwatch")
            .mayOnlyAccessLayers("model", "metrics")
            .whereLayer("cloudwatch")
            .mayOnlyBeAccessedByLayers("root")
            .whereLayer("audit")
            .mayOnlyAccessLayers("model", "ship", "store")
            .whereLayer("simulator")
            .mayOnlyAccessLayers("model")
            .because("a door that opens both ways is a wall that is missing; see docs/ARCHITECTURE.md, Rooms");

    @ArchTest
    static final ArchRule noCycles = slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule theModelKnowsOnlyTheJdk = classes()
            .that()
            .resideInAPackage(ROOT + ".model..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(ROOT + ".model..", "java..", "org.jspecify..")
            .because("words that everybody shares must not bring anything along");

    @ArchTest
    static final ArchRule webSocketsOnlyAtTheSocketSide = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + ".feed..", ROOT + ".simulator..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.java_websocket..")
            .because("the library swallows exceptions; one thin adapter keeps that from mattering");

    @ArchTest
    static final ArchRule awsOnlyInTheStoreAndOnTheWayToCloudWatch = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + ".store..", ROOT + ".cloudwatch..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("software.amazon..")
            .because("what the recorder promises must not depend on whose bucket it is");

    @ArchTest
    static final ArchRule restKnowsOnlyTheJdkAndJson = classes()
            .that()
            .resideInAPackage(ROOT + ".rest..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + ".rest..",
                    ROOT + ".model..",
                    ROOT + ".metrics..",
                    "io.prometheus..",
                    "java..",
                    "com.fasterxml.jackson..",
                    "org.slf4j..",
                    "org.jspecify..",
                    "com.google.errorprone.annotations..")
            .because("recovery is polite and slow; nothing that live recording needs may hang on it");

    @ArchTest
    static final ArchRule clocksOnlyThroughTime = noClasses()
            .that(not(resideInAPackage(ROOT + ".model..")))
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .dependOnClassesThat(DescribedPredicate.describe("are clocks", c -> c.isEquivalentTo(Clock.class)))
            .because("tests move time by hand; a direct clock makes rotation untestable");

    @ArchTest
    static final ArchRule threadsOnlyInTheRoot = noClasses()
            .that(not(resideInAPackage(ROOT)))
            .should()
            .dependOnClassesThat(
                    DescribedPredicate.describe("are executor factories", c -> c.isEquivalentTo(Executors.class)))
            .orShould()
            .callConstructor(Thread.class)
            .orShould()
            .callConstructor(Thread.class, Runnable.class)
            .orShould()
            .callConstructor(Thread.class, Runnable.class, String.class)
            .because("the list of threads is one page of code, and none of them may die quietly");

    @ArchTest
    static final ArchRule onlyMainEndsTheProcess = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + ".Main")
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "exit", int.class)
            .because("an exit from anywhere else skips the seal and hangs in the shutdown hook");

    @ArchTest
    static final ArchRule onlyAConfirmedPartIsDeleted = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + ".ship.Shipper")
            .should()
            .callMethod(Spool.class, "deleteShipped", PartName.class)
            .because("the bucket's two confirmations stand before the one call there is");

    @ArchTest
    static final ArchRule onlyHaltEndsTheProcessWithoutHooks = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + ".Halt")
            .should()
            .callMethod(Runtime.class, "halt", int.class)
            .because("the last resort is one page of code, and says why before it ends");

    @ArchTest
    static final ArchRule noResultOfATaskIsDropped = noClasses()
            .should()
            .callMethodWhere(DescribedPredicate.describe(
                    "it hands a task to an executor that keeps its fault to itself",
                    call -> SWALLOWS_FAULTS.contains(call.getTarget().getName())
                            && call.getTargetOwner().isAssignableTo(Executor.class)))
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(ScheduledExecutorService.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Timer.class)
            .orShould()
            .callMethodWhere(DescribedPredicate.describe(
                    "it runs a task whose fault nobody may ever ask for",
                    call -> Set.of("supplyAsync", "runAsync")
                                    .contains(call.getTarget().getName())
                            && call.getTargetOwner().isAssignableTo(CompletableFuture.class)))
            .because("a task whose fault nobody asks for dies quietly; a schedule ends for ever with the first fault");

    @ArchTest
    static final ArchRule theEnvironmentIsReadInOnePlace = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".config..")
            .should()
            .callMethod(System.class, "getenv")
            .orShould()
            .callMethod(System.class, "getenv", String.class)
            .because("a setting that is read elsewhere is not checked, not listed and not documented");

    @ArchTest
    static final ArchRule standardOutputBelongsToTheRoot = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT)
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .because("what a person reads is decided by the command, everything else is logged");

    @ArchTest
    static final ArchRule noMutableStatics = noFields()
            .that()
            .areStatic()
            .and(DescribedPredicate.describe(
                    "are no compiler's own", f -> !f.getModifiers().contains(JavaModifier.SYNTHETIC)))
            .should()
            .notBeFinal()
            .because("state has an owner, and an owner can be made twice in a test");

    @ArchTest
    static final ArchRule namesOfThings = noClasses()
            .should()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Impl")
            .because("a class is called what it is");

    @ArchTest
    static final ArchRule nothingIsInherited = classes()
            .that(DescribedPredicate.describe(
                    "are top-level classes", c -> c.isTopLevelClass() && !c.isInterface() && !isPackageInfo(c)))
            .should()
            .haveModifier(JavaModifier.FINAL)
            .because("records, enums and final classes are read in one place");

    @ArchTest
    static final ArchRule nullIsSaid = classes()
            .that(DescribedPredicate.describe("are package-info", ArchitectureTest::isPackageInfo))
            .should()
            .beAnnotatedWith(NullMarked.class)
            .because("NullAway checks only what is marked");

    private static boolean isPackageInfo(JavaClass c) {
        return c.getSimpleName().equals("package-info");
    }
}
