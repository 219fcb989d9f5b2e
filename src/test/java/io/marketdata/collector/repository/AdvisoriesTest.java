package io.marketdata.collector.repository;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program that queries security advisories, against a server that answers like OSV. */
class AdvisoriesTest {

    @TempDir
    private Path folder;

    private static URLClassLoader loader;
    private static Method run;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private volatile int status = 200;
    private volatile String answer = "";

    /** As the java command does it with a source file. */
    @BeforeAll
    static void compile(@TempDir Path classes) throws Exception {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        Assumptions.assumeTrue(compiler != null, "a Java without a compiler");
        assertThat(compiler.run(null, null, null, "-d", classes.toString(), "infra/security/Advisories.java"))
                .isZero();
        loader = new URLClassLoader(new URL[] {classes.toUri().toURL()});
        run = loader.loadClass("Advisories").getDeclaredMethod("run", String[].class, PrintStream.class);
        run.setAccessible(true);
    }

    @AfterAll
    static void unload() throws IOException {
        if (loader != null) {
            loader.close();
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/querybatch", exchange -> {
            try (exchange) {
                asked.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
                byte[] body = answer.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(status, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private String advisories(int code, URI url) throws Exception {
        Path sbom = folder.resolve("sbom.json");
        Files.writeString(sbom, """
                {"components": [
                  {"name": "sound", "purl": "pkg:maven/org.example/sound@1.0?type=jar"},
                  {"name": "vulnerable", "purl": "pkg:maven/org.example/vulnerable@2.0?type=jar"}]}
                """);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        Object result = run.invoke(null, new String[] {sbom.toString(), url.toString()}, out);
        assertThat(result).as(printed.toString(StandardCharsets.UTF_8)).isEqualTo(code);
        return printed.toString(StandardCharsets.UTF_8);
    }

    private URI stub() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Test
    void knownAdvisoryIsPrintedWithItsLibraryAndFails() throws Exception {
        answer =
                "{\"results\":[{},{\"vulns\":[{\"id\":\"GHSA-aaaa-bbbb-cccc\",\"modified\":\"2026-01-01T00:00:00Z\"}]}]}";

        assertThat(advisories(1, stub()))
                .contains("pkg:maven/org.example/vulnerable@2.0  https://osv.dev/vulnerability/GHSA-aaaa-bbbb-cccc")
                .contains("2 libraries, 1 advisory")
                .doesNotContain("sound");
        assertThat(asked).hasSize(1);
        assertThat(new ObjectMapper().readTree(asked.get(0)))
                .isEqualTo(new ObjectMapper()
                        .readTree("{\"queries\":[{\"package\":{\"purl\":\"pkg:maven/org.example/sound@1.0\"}},"
                                + "{\"package\":{\"purl\":\"pkg:maven/org.example/vulnerable@2.0\"}}]}"));
    }

    @Test
    void noAdvisoryExitsWithZero() throws Exception {
        answer = "{\"results\":[{},{}]}";
        assertThat(advisories(0, stub())).contains("2 libraries, 0 advisories");
    }

    @Test
    void incompleteAnswerIsNotAnAllClear() throws Exception {
        answer = "{\"results\":[{}]}";
        assertThat(advisories(70, stub())).contains("not one result for each of 2 libraries");
        status = 503;
        answer = "{\"results\":[{},{}]}";
        assertThat(advisories(70, stub())).contains("HTTP 503");
    }

    @Test
    void unreachableServerIsReportedAsSkipped() throws Exception {
        assertThat(advisories(77, URI.create("http://127.0.0.1:1")))
                .startsWith("skipped: http://127.0.0.1:1 cannot be reached");
    }
}
