import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Queries OSV for published advisories about the libraries of an SBOM:
 *
 * <pre>java -cp target/collector.jar infra/security/Advisories.java target/collector-sbom.json</pre>
 *
 * <p>Sends the names and versions of the libraries to api.osv.dev, and nothing else. A second argument names another
 * server with OSV's protocol (POST /v1/querybatch, https://google.github.io/osv.dev/post-v1-querybatch/, read 2026-11).
 *
 * <p>Ends with 0 (no advisory is known), 1 (at least one is known; each is printed), 64 (bad usage), 70 (the answer was
 * not understood), 77 (skipped: the server cannot be reached). Only 0 is an all-clear.
 */
final class Advisories {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] args) throws Exception {
        System.exit(run(args, System.out));
    }

    static int run(String[] args, PrintStream out) throws Exception {
        if (args.length < 1 || args.length > 2) {
            out.println("usage: java -cp target/collector.jar infra/security/Advisories.java SBOM.json [URL]");
            return 64;
        }
        List<String> libraries;
        try {
            libraries = libraries(Path.of(args[0]));
        } catch (IOException e) {
            out.println(args[0] + " cannot be read as an SBOM (" + e.getMessage() + "); mvn verify writes it");
            return 64;
        }
        if (libraries.isEmpty()) {
            out.println(args[0] + " lists no library; mvn verify writes it again");
            return 64;
        }
        URI server = URI.create(args.length == 2 ? args[1] : "https://api.osv.dev");
        HttpResponse<String> response;
        try {
            response = query(server, libraries);
        } catch (IOException e) {
            out.println("skipped: " + server + " cannot be reached (" + e + "); "
                    + count(libraries.size(), "library", "libraries") + " not checked");
            return 77;
        }
        return report(server, libraries, response, out);
    }

    /** Package URLs without their qualifiers: {@code pkg:maven/GROUP/NAME@VERSION}. */
    private static List<String> libraries(Path sbom) throws IOException {
        List<String> found = new ArrayList<>();
        for (JsonNode component : JSON.readTree(sbom.toFile()).path("components")) {
            String purl = component.path("purl").asText();
            if (!purl.startsWith("pkg:")) {
                throw new IOException(component.path("name").asText() + " has no package URL");
            }
            found.add(purl.replaceFirst("\\?.*", ""));
        }
        return found;
    }

    private static HttpResponse<String> query(URI server, List<String> libraries)
            throws IOException, InterruptedException {
        ObjectNode question = JSON.createObjectNode();
        ArrayNode queries = question.putArray("queries");
        for (String library : libraries) {
            queries.addObject().putObject("package").put("purl", library);
        }
        HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
        HttpRequest request = HttpRequest.newBuilder(server.resolve("/v1/querybatch"))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(question.toString()))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** The answer holds one result for each query, in their order; {@code {}} where no advisory is known. */
    private static int report(URI server, List<String> libraries, HttpResponse<String> response, PrintStream out) {
        JsonNode results;
        try {
            results = JSON.readTree(response.body()).path("results");
        } catch (IOException e) {
            results = JSON.missingNode();
        }
        if (response.statusCode() != 200 || !results.isArray() || results.size() != libraries.size()) {
            out.println(server + " answered HTTP " + response.statusCode() + " and not one result for each of "
                    + count(libraries.size(), "library", "libraries") + "; none is checked");
            return 70;
        }
        int known = 0;
        for (int i = 0; i < libraries.size(); i++) {
            for (JsonNode advisory : results.get(i).path("vulns")) {
                known++;
                out.println(libraries.get(i) + "  https://osv.dev/vulnerability/"
                        + advisory.path("id").asText());
            }
        }
        out.println(count(libraries.size(), "library", "libraries") + ", " + count(known, "advisory", "advisories"));
        return known == 0 ? 0 : 1;
    }

    private static String count(int number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }
}
