package io.marketdata.collector.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Sha256;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Maven 3.9 compares every artifact with {@code .mvn/checksums/checksums.sha256} before it uses it ({@code
 * .mvn/maven.config}). Maven 3.8 does not know those settings, so there this test compares what is in the local
 * repository: after it was used, but before anything is published.
 */
class ArtifactDigestsTest {

    private static final Path LIST = Path.of(".mvn", "checksums", "checksums.sha256");

    /** Hexadecimal digests by path in the local repository. */
    private final Map<String, String> digests = new TreeMap<>();

    @BeforeEach
    void read() throws IOException {
        for (String line : Files.readAllLines(LIST)) {
            assertThat(line).matches("[0-9a-f]{64}  [\\w./+-]+");
            digests.put(line.substring(66), line.substring(0, 64));
        }
    }

    /** Found by a library of the tests. */
    private static Path localRepository() throws URISyntaxException {
        String jar = Path.of(Test.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString();
        int end = jar.lastIndexOf("/org/junit/jupiter/");
        Assumptions.assumeTrue(end > 0, "the libraries are not in a Maven repository");
        return Path.of(jar.substring(0, end));
    }

    @Test
    void everyArtifactInTheLocalRepositoryHasTheDigestThatTheListNames() throws Exception {
        Path repository = localRepository();
        List<String> others = new ArrayList<>();
        for (Map.Entry<String, String> artifact : digests.entrySet()) {
            Path file = repository.resolve(artifact.getKey());
            if (Files.exists(file) && !Sha256.of(Files.readAllBytes(file)).hex().equals(artifact.getValue())) {
                others.add(artifact.getKey());
            }
        }
        assertThat(others)
                .as("not the files that " + LIST + " names; delete them from " + repository
                        + " and find out where they came from")
                .isEmpty();
    }

    /** Otherwise Maven 3.9 refuses the build that Maven 3.8 accepts. */
    @Test
    void everyLibraryOfTheTestsIsInTheList() throws Exception {
        String repository = localRepository() + "/";
        List<String> missing = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (entry.startsWith(repository) && !digests.containsKey(entry.substring(repository.length()))) {
                missing.add(entry.substring(repository.length()));
            }
        }
        assertThat(missing).as("run .ci/checksums, which writes the list again").isEmpty();
    }

    /** The list is about content; where a file came from says nothing. */
    @Test
    void theListNamesNoHost() {
        assertThat(digests.keySet()).allSatisfy(path -> assertThat(path).doesNotContain("//", ":"));
        assertThat(digests).hasSizeGreaterThan(100);
    }
}
