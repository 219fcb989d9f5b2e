package io.marketdata.collector.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.marketdata.collector.model.Sha256;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The SBOM lists exactly the libraries that are in the jar. */
class SbomIT {

    private static final Path JAR = Path.of(System.getProperty("collector.jar"));
    private static final Path SBOM = JAR.resolveSibling("collector-sbom.json");

    /** The libraries' own files from which the classes in our jar come, by their names. */
    private static Map<String, Path> sources() throws IOException {
        Map<String, Path> sources = new TreeMap<>();
        try (JarFile jar = new JarFile(JAR.toFile())) {
            for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
                String name = entry.getName();
                // Classes for newer Javas come from the same libraries, but this one does not find them.
                if (name.endsWith(".class")
                        && !name.startsWith("io/marketdata/")
                        && !name.startsWith("META-INF/versions/")) {
                    URL source = SbomIT.class.getClassLoader().getResource(name);
                    assertThat(source).as("%s, which is in the jar", name).isNotNull();
                    Path file = Path.of(((JarURLConnection) source.openConnection())
                            .getJarFileURL()
                            .getPath());
                    sources.put(String.valueOf(file.getFileName()), file);
                }
            }
        }
        return sources;
    }

    private static List<JsonNode> components() throws IOException {
        // Made after the jar, so an older one is of another build.
        Assumptions.assumeTrue(
                Files.exists(SBOM)
                        && !Files.getLastModifiedTime(SBOM)
                                .toInstant()
                                .isBefore(Files.getLastModifiedTime(JAR).toInstant()),
                "this build made no SBOM, because Maven was told to stay offline (-o)");
        List<JsonNode> components = new ArrayList<>();
        new ObjectMapper().readTree(SBOM.toFile()).path("components").forEach(components::add);
        return components;
    }

    @Test
    void sbomListsExactlyTheLibrariesInTheJarWithLicenceAndDigest() throws Exception {
        List<JsonNode> components = components();
        Map<String, Path> sources = sources();

        TreeSet<String> listed = new TreeSet<>();
        for (JsonNode component : components) {
            String file = component.path("name").asText() + "-"
                    + component.path("version").asText() + ".jar";
            listed.add(file);
            assertThat(component.path("purl").asText())
                    .isEqualTo(
                            "pkg:maven/%s/%s@%s?type=jar",
                            component.path("group").asText(),
                            component.path("name").asText(),
                            component.path("version").asText());
            JsonNode licence = component.at("/licenses/0/license");
            assertThat(licence.path("id").asText() + licence.path("name").asText())
                    .as("licence of %s", file)
                    .isNotEmpty();
            if (sources.containsKey(file)) {
                assertThat(component.path("hashes")).as("digests of %s", file).anySatisfy(hash -> {
                    assertThat(hash.path("alg").asText()).isEqualTo("SHA-256");
                    assertThat(hash.path("content").asText())
                            .isEqualTo(Sha256.of(Files.readAllBytes(sources.get(file)))
                                    .hex());
                });
            }
        }
        assertThat(listed).hasSizeGreaterThan(40).isEqualTo(sources.keySet());
    }

    @Test
    void sbomIsTheSameForEveryBuild() throws Exception {
        assertThat(components()).isNotEmpty();
        JsonNode sbom = new ObjectMapper().readTree(SBOM.toFile());
        assertThat(sbom.path("specVersion").asText()).isEqualTo("1.6");
        assertThat(sbom.has("serialNumber")).isFalse();
        assertThat(sbom.at("/metadata").has("timestamp")).isFalse();
        assertThat(Files.readString(SBOM)).doesNotContain(System.getProperty("user.dir"));
    }
}
