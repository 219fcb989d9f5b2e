package io.marketdata.collector.collect;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.audit.IdRanges;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.upload.ManifestJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoredIdsTest {

    @Test
    void manifestWithoutMissingIdsHoldsItsRangeOnlyIfItsCountIsAsLarge() throws Exception {
        assertThat(held(4, "")).containsExactly(new IdRange(7, 10));
        assertThat(held(3, "")).isEmpty();
        assertThat(held(3, ",\"quality\":{\"missing_ids\":[[8,8]]}"))
                .containsExactly(new IdRange(7, 7), new IdRange(9, 10));
    }

    private static List<IdRange> held(int count, String more) throws IOException {
        String json = "{\"version\":\"1\",\"source\":{\"exchange\":\"binance\",\"stream\":\"trade\","
                + "\"symbol\":\"BTCUSDT\",\"instance_id\":\"a\"},\"payload\":{\"s3_key\":\"k\",\"record_count\":"
                + count
                + ",\"bytes_uncompressed\":5,\"bytes_gzip\":2,\"time_min_ms\":1736950335000,"
                + "\"time_max_ms\":1736950335002,\"id_first\":7,\"id_last\":10,\"sha256\":\"" + "0".repeat(64)
                + "\"},\"created_at_ms\":1736950340000" + more + "}";
        return IdRanges.heldBy(ManifestJson.read(json.getBytes(StandardCharsets.UTF_8)))
                .ranges();
    }
}
