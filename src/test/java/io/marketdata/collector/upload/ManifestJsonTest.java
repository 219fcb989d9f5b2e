package io.marketdata.collector.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Manifest.Quality;
import io.marketdata.collector.model.Manifest.Software;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.RotatedBy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestJsonTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FOLDER = "raw/exchange=binance/stream=trade/symbol=BTCUSDT/dt=2025-01-15/14/12/";

    private static final String WHOLE =
            """
            {"version":"1","source":{"exchange":"binance","stream":"trade","symbol":"BTCUSDT","instance_id":"a"},
             "payload":{"s3_key":"KEY","record_count":3,"bytes_uncompressed":500,"bytes_gzip":200,
              "time_min_ms":1736950335000,"time_max_ms":1736950335002,"id_first":7,"id_last":10,"sha256":"SHA"},
             "created_at_ms":1736950340000,
             "quality":{"missing_ids":[[8,8]],"missing_count":1,"duplicates_dropped":4,"out_of_order":5,"rejected":6,
              "rotated_by":"size","origin":"rest","sequence_reset_at":9},
             "previous":{"s3_key":"before","sha256":"SHA","id_last":6},
             "collector":{"version":"0.1.0","java":"17"}}
            """.replace("KEY", FOLDER + "part-a-1736950335000.jsonl.gz").replace("SHA", "0".repeat(64));

    private static Manifest read(String json) throws IOException {
        return ManifestJson.read(json.getBytes(StandardCharsets.UTF_8));
    }

    private static ObjectNode whole() throws IOException {
        return (ObjectNode) JSON.readTree(WHOLE);
    }

    @Test
    void everyMemberIsRead() throws IOException {
        Manifest manifest = read(WHOLE);
        assertThat(manifest.quality())
                .isEqualTo(new Quality(List.of(new IdRange(8, 8)), 4, 5, 6, RotatedBy.SIZE, Origin.REST, 9L));
        assertThat(manifest.payload().summary().recordCount()).isEqualTo(3);
        assertThat(JSON.readTree(ManifestJson.write(manifest))).isEqualTo(whole());
    }

    @Test
    void additiveMembersMayBeMissing() throws IOException {
        ObjectNode root = whole();
        root.remove(List.of("quality", "previous", "collector"));
        Manifest manifest = read(root.toString());
        assertThat(manifest.quality()).isEqualTo(new Quality(List.of(), 0, 0, 0, RotatedBy.TIME, Origin.STREAM, null));
        assertThat(manifest.previous()).isNull();
        assertThat(manifest.collector()).isEqualTo(new Software("unknown", "unknown"));

        root.putObject("quality").put("rejected", 2);
        assertThat(read(root.toString()).quality().rejected()).isEqualTo(2);
    }

    @Test
    void originIsInTheNameOfThePartIfNothingElseSaysIt() throws IOException {
        ObjectNode root = whole();
        root.remove("quality");
        ((ObjectNode) root.get("payload")).put("s3_key", FOLDER + "part-a-rest-1736950335000.jsonl.gz");
        assertThat(read(root.toString()).quality().origin()).isEqualTo(Origin.REST);
    }

    /** Each in place of every number of a manifest. */
    @ParameterizedTest
    @ValueSource(strings = {"\"abc\"", "\"7\"", "1.5", "1e300", "9223372036854775808", "null", "true", "[]", "{}"})
    void numberThatIsNotWholeIsRefused(String value) throws IOException {
        for (List<String> path : paths(JsonNode::isNumber)) {
            assertRefused(path, JSON.readTree(value));
        }
        assertThat(paths(JsonNode::isNumber)).hasSize(14);
    }

    @ParameterizedTest
    @ValueSource(strings = {"7", "null", "[]", "{}", "true"})
    void textThatIsNoneIsRefused(String value) throws IOException {
        for (List<String> path : paths(JsonNode::isTextual)) {
            assertRefused(path, JSON.readTree(value));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"\"", "{}", "7", "[[8]]", "[[8,8,8]]", "[8]", "[[8,\"9\"]]", "[[9,8]]", "null"})
    void missingIdsThatAreNoRangesAreRefused(String value) throws IOException {
        assertRefused(List.of("quality", "missing_ids"), JSON.readTree(value));
    }

    @Test
    void additiveMemberOfAnotherKindIsRefused() throws IOException {
        for (String member : List.of("quality", "previous", "collector")) {
            assertRefused(List.of(member), JSON.readTree("\"text\""));
            assertRefused(List.of(member), JSON.readTree("null"));
        }
    }

    private static void assertRefused(List<String> path, JsonNode value) throws IOException {
        ObjectNode root = whole();
        ObjectNode parent = path.size() == 1 ? root : (ObjectNode) root.get(path.get(0));
        parent.set(path.get(path.size() - 1), value);
        assertThatThrownBy(() -> read(root.toString()))
                .as("%s = %s", path, value)
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("not a manifest: ");
    }

    /** The paths of all values of a kind but those in arrays. */
    private static List<List<String>> paths(Predicate<JsonNode> kind) throws IOException {
        List<List<String>> paths = new ArrayList<>();
        whole().properties().forEach(member -> {
            if (kind.test(member.getValue())) {
                paths.add(List.of(member.getKey()));
            }
            member.getValue().properties().forEach(inner -> {
                if (kind.test(inner.getValue())) {
                    paths.add(List.of(member.getKey(), inner.getKey()));
                }
            });
        });
        return paths;
    }
}
