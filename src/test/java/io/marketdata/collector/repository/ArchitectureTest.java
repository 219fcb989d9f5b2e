package io.marketdata.collector.repository;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.marketdata.collector.model.FramesName;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.UnparsedFolder;
import io.marketdata.collector.testkit.JavaSources;
import io.marketdata.collector.upload.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Timer;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;

/** The project's rules that the compiler does not check. */
@AnalyzeClasses(packages = "io.marketdata.collector", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String ROOT = "io.marketdata.collector";
    private static final Path MAIN = Path.of("src/main/java");
    private static final Set<String> SWALLOWS_FAULTS = Set.of("submit", "invokeAll", "invokeAny");

    /** A longer file has two subjects. */
    @ArchTest
    static void noFileHasMoreThan400Lines(JavaClasses classes) throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : JavaSources.below(MAIN)) {
            int lines = Files.readAllLines(file).size();
            if (lines > 400) {
                tooLong.add(file.getFileName() + " has " + lines + " lines");
            }
        }
        assertThat(classes).isNotEmpty();
        assertThat(tooLong).isEmpty();
    }

    /** Lines between the braces: at most 40, and at most 15 in nine of ten methods. */
    @ArchTest
    static void methodBodiesStayShort(JavaClasses classes) throws IOException {
        List<JavaSources.Method> methods = new JavaSources(MAIN).methods();
        assertThat(methods).hasSizeGreaterThan(classes.size());
        assertThat(methods).filteredOn(method -> method.lines() > 40).isEmpty();

        List<JavaSources.Method> over15 =
                methods.stream().filter(method -> method.lines() > 15).toList();
        assertThat(over15).hasSizeLessThanOrEqualTo(methods.size() / 10);
    }

    /** One row of the table "Packages" in docs/ARCHITECTURE.md. */
    private record Allowed(Set<String> imports, String because) {}

    /** Every package below the root, what it may import of ours, and why nothing else. */
    private static final Map<String, Allowed> PACKAGES = Map.ofEntries(
            row("(root)", "command process", "an entry point that does anything cannot be tested"),
            row(
                    "command",
                    "demo doctor daily report collect status health store certificate audit read upload process feed rest spool"
                            + " config cloudwatch simulator route model metrics",
                    "a command is text and options over what the packages below do"),
            row(
                    "demo",
                    "collect simulator audit spool process model",
                    "the demo must see the collector as an operator does: a process, a spool and a bucket"),
            row(
                    "daily",
                    "collect report certificate audit upload process config model",
                    "what an audit publishes must not depend on whether a timer or Lambda starts it"),
            row(
                    "doctor",
                    "config feed rest store spool upload process route model metrics",
                    "a check uses the classes that record, and must work where nothing can be recorded"),
            row(
                    "collect",
                    "status health store audit upload process feed rest spool config cloudwatch route model metrics",
                    "only the wiring knows all the parts"),
            row(
                    "status",
                    "health html upload process feed rest spool model metrics",
                    "pages read what the parts publish, and no part waits for a reader"),
            row(
                    "health",
                    "upload process feed rest spool model metrics",
                    "health is derived from what the parts report about themselves"),
            row("report", "audit html upload model", "a page shows what a report says and must not look for itself"),
            row("html", "model", "what pages have in common must not depend on what one of them shows"),
            row("store", "upload route model", "a store moves bytes and must not know what they mean"),
            row(
                    "read",
                    "upload spool trade model",
                    "reading must work beside a collector and never change what it reads"),
            row(
                    "certificate",
                    "audit upload model",
                    "what a certificate says must not depend on where the parts are or who asks"),
            row("audit", "upload model", "an audit that shared the recording code would share its mistakes"),
            row(
                    "upload",
                    "spool trade model metrics",
                    "packing and uploading must work the same for any store and any feed"),
            row("process", "model metrics", "how the process ends must not depend on what it was doing"),
            row("feed", "trade route model metrics", "the socket side must not know how a trade is stored"),
            row(
                    "rest",
                    "route model metrics",
                    "backfill reads gaps and delivers trades; it must not know how they are stored"),
            row("spool", "trade model metrics", "the disk side must not know that buckets exist"),
            row("trade", "model", "what a trade is must not depend on where it came from or where it goes"),
            row("config", "route model", "settings are validated before anything else is loaded"),
            row("cloudwatch", "store route model metrics", "recording must never wait for publishing"),
            row("route", "model", "which way a connection takes must not depend on what it carries"),
            row("simulator", "model", "a simulator that shared code with the collector would share its mistakes"),
            row("model", "", "types that every package shares must have no dependencies"),
            row("metrics", "", "a metric must not depend on the code that updates it"));

    private static Map.Entry<String, Allowed> row(String name, String imports, String because) {
        return Map.entry(name, new Allowed(new TreeSet<>(words(imports)), because));
    }

    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" "));
    }

    /** The package of ours that a class is in: {@code (root)}, {@code feed}, … */
    private static String packageOf(JavaClass c) {
        String name = c.getPackageName();
        return name.equals(ROOT) ? "(root)" : name.substring(ROOT.length() + 1);
    }

    @ArchTest
    static void everyPackageImportsOnlyWhatItsRowAllows(JavaClasses classes) {
        Set<String> wrong = new TreeSet<>();
        for (JavaClass c : classes) {
            String from = packageOf(c);
            Allowed allowed = PACKAGES.get(from);
            assertThat(allowed).as("the row of package %s", from).isNotNull();
            for (Dependency dependency : c.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (target.getPackageName().startsWith(ROOT)) {
                    String to = packageOf(target);
                    if (!to.equals(from) && !allowed.imports().contains(to)) {
                        wrong.add(from + " must not import " + to + ", because " + allowed.because() + ": "
                                + dependency.getDescription());
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    /** The columns "package" and "may import" of the table "Packages". */
    @ArchTest
    static void theArchitecturePageListsTheSamePackages(JavaClasses classes) throws IOException {
        assertThat(classes).isNotEmpty();
        String page = Files.readString(Path.of("docs/ARCHITECTURE.md"));
        String section = page.substring(page.indexOf("## Packages"));
        Map<String, Set<String>> rows = new TreeMap<>();
        Pattern.compile("(?m)^\\| `?(\\(root\\)|[a-z]+)`? \\|.*\\| ([^|]*) \\|$")
                .matcher(section)
                .results()
                .forEach(row -> rows.put(
                        row.group(1),
                        Pattern.compile("`([a-z]+)`")
                                .matcher(row.group(2))
                                .results()
                                .map(match -> match.group(1))
                                .collect(Collectors.toCollection(TreeSet::new))));
        Map<String, Set<String>> expected = new TreeMap<>();
        PACKAGES.forEach((name, allowed) -> expected.put(name, allowed.imports()));
        assertThat(rows).isEqualTo(expected);
    }

    @ArchTest
    static void noPackageHasMoreThan30Files(JavaClasses classes) throws IOException {
        assertThat(classes).isNotEmpty();
        Map<Path, Long> sizes =
                JavaSources.below(MAIN).stream().collect(Collectors.groupingBy(Path::getParent, Collectors.counting()));
        assertThat(sizes.values()).allSatisfy(size -> assertThat(size).isLessThanOrEqualTo(30));
        assertThat(sizes.get(MAIN.resolve(ROOT.replace('.', '/'))))
                .as("Main and its package comment")
                .isEqualTo(2);
    }

    @ArchTest
    static final ArchRule noCycles = slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule theModelKnowsOnlyTheJdk = classes()
            .that()
            .resideInAPackage(ROOT + ".model..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(ROOT + ".model..", "java..", "org.jspecify..")
            .because("types that every package shares must have no dependencies");

    @ArchTest
    static final ArchRule webSocketsOnlyAtTheSocketSide = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + ".feed..", ROOT + ".simulator..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.java_websocket..")
            .because("the library swallows exceptions; one thin adapter handles that");

    @ArchTest
    static final ArchRule awsOnlyInTheStoreAndOnTheWayToCloudWatch = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + ".store..", ROOT + ".cloudwatch..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("software.amazon..")
            .because("the collector's promises must not depend on the kind of bucket");

    @ArchTest
    static final ArchRule restKnowsOnlyTheJdkAndJson = classes()
            .that()
            .resideInAPackage(ROOT + ".rest..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + ".rest..",
                    ROOT + ".route..",
                    ROOT + ".model..",
                    ROOT + ".metrics..",
                    "io.prometheus..",
                    "java..",
                    "com.fasterxml.jackson..",
                    "org.slf4j..",
                    "org.jspecify..",
                    "com.google.errorprone.annotations..")
            .because("backfill is rate-limited and slow; live recording must not depend on it");

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
    static final ArchRule threadsOnlyThroughProcess = noClasses()
            .that(not(resideInAPackage(ROOT + ".process..")))
            .should()
            .dependOnClassesThat(
                    DescribedPredicate.describe("are executor factories", c -> c.isEquivalentTo(Executors.class)))
            .orShould()
            .callConstructor(Thread.class)
            .orShould()
            .callConstructor(Thread.class, Runnable.class)
            .orShould()
            .callConstructor(Thread.class, Runnable.class, String.class)
            .because("the list of threads is one page of code, and none of them may end without a report");

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
            .doNotHaveFullyQualifiedName(ROOT + ".upload.Uploader")
            .should()
            .callMethod(Spool.class, "deleteUploaded", PartName.class)
            .because("the bucket confirms part and manifest before the only call");

    @ArchTest
    static final ArchRule onlyConfirmedFramesAreDeleted = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + ".upload.UnparsedUpload")
            .should()
            .callMethod(UnparsedFolder.class, "deleteUploaded", FramesName.class)
            .because("the bucket confirms the object before the only call");

    @ArchTest
    static final ArchRule onlyWhatAnAuditFoundIsReplaced = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + ".daily.DayFiles")
            .should()
            .callMethod(
                    ObjectStore.class,
                    "replace",
                    String.class,
                    byte[].class,
                    Sha256.class,
                    ObjectStore.ContentType.class)
            .because("recorded data is never overwritten");

    @ArchTest
    static final ArchRule onlyHaltEndsTheProcessWithoutHooks = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + ".process.Halt")
            .should()
            .callMethod(Runtime.class, "halt", int.class)
            .because("the last resort is one page of code, and logs the reason first");

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
                    "it runs a task whose fault may be ignored",
                    call -> Set.of("supplyAsync", "runAsync")
                                    .contains(call.getTarget().getName())
                            && call.getTargetOwner().isAssignableTo(CompletableFuture.class)))
            .because("an ignored fault ends a task without a report; the first fault ends a schedule");

    @ArchTest
    static final ArchRule theEnvironmentIsReadInOnePlace = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT + ".config..")
            .should()
            .callMethod(System.class, "getenv")
            .orShould()
            .callMethod(System.class, "getenv", String.class)
            .because("a setting read elsewhere is not checked, listed or documented");

    @ArchTest
    static final ArchRule standardOutputBelongsToTheCommands = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + ".command..", ROOT + ".process..")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".daily.AuditHandler")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .because("commands print what a person reads, Lambda takes numbers from there, everything else is logged");

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
    static final ArchRule classNamesSayWhatTheClassIs = noClasses()
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
            .because("a class is named after what it is");

    @ArchTest
    static final ArchRule topLevelClassesAreFinal = classes()
            .that(DescribedPredicate.describe(
                    "are top-level classes", c -> c.isTopLevelClass() && !c.isInterface() && !isPackageInfo(c)))
            .should()
            .haveModifier(JavaModifier.FINAL)
            .because("records, enums and final classes are read in one place");

    @ArchTest
    static final ArchRule everyPackageIsNullMarked = classes()
            .that(DescribedPredicate.describe("are package-info", ArchitectureTest::isPackageInfo))
            .should()
            .beAnnotatedWith(NullMarked.class)
            .because("NullAway checks only what is marked");

    private static boolean isPackageInfo(JavaClass c) {
        return c.getSimpleName().equals("package-info");
    }
}
