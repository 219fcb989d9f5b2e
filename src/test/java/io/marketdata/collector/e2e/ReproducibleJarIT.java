package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same sources and the same JDK give the same jar, at any place and time. Other JDKs compile other bytes.
 */
class ReproducibleJarIT {

    @TempDir
    private Path folder;

    @Test
    void aBuildElsewhereWithAnotherTimeZoneAndUmaskGivesTheSameBytes() throws Exception {
        Path copy = folder.resolve("a copy at another place");
        for (String part : new String[] {"pom.xml", ".mvn", "src/main"}) {
            copyTree(Path.of(part), copy.resolve(part));
        }
        int code = mavenIn(copy);
        String log = Files.readString(folder.resolve("log"), StandardCharsets.UTF_8);
        Assumptions.assumeFalse(code == 127, "mvn is not on the path");
        assertThat(code).as(log).isZero();

        Path ours = Path.of(System.getProperty("collector.jar"));
        Path theirs = copy.resolve("target/collector.jar");
        Map<String, String> different = entries(theirs);
        different.entrySet().removeAll(entries(ours).entrySet());
        assertThat(different).as("entries with other bytes").isEmpty();
        assertThat(Sha256.of(Files.readAllBytes(theirs))).isEqualTo(Sha256.of(Files.readAllBytes(ours)));
    }

    /** Builds the jar from what the first build has downloaded, without the checks, which change nothing in it. */
    private int mavenIn(Path copy) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                "sh",
                "-c",
                "umask 077; exec mvn -B -q -o \"-Dmaven.repo.local=$REPOSITORY\" -Dmaven.test.skip=true"
                        + " -Derrorprone.argument=-proc:none -Denforcer.skip=true -Dspotless.check.skip=true -Dforbiddenapis.skip=true -Dcyclonedx.skip=true package");
        builder.environment().put("REPOSITORY", System.getProperty("maven.repo.local"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("TZ", "Pacific/Kiritimati");
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("MAVEN_OPTS", "-XX:TieredStopAtLevel=1");
        Process process = builder.directory(copy.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return process.exitValue();
    }

    /** Name, time and digest of every entry, so that a difference shows where it is. */
    private static Map<String, String> entries(Path jar) throws IOException {
        Map<String, String> entries = new TreeMap<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            entries.putAll(file.stream()
                    .collect(Collectors.toMap(
                            entry -> entry.getName(), entry -> entry.getTimeLocal() + " " + entry.getCrc())));
        }
        return entries;
    }

    private static void copyTree(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.toAbsolutePath().getParent());
                Files.copy(file, target);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
