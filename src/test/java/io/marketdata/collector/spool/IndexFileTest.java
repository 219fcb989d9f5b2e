package io.marketdata.collector.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IndexFileTest {

    private static final long HOUR = 1_736_949_600_000L;

    @Test
    void nameHoldsInstanceAndHour() {
        InstanceId instance = new InstanceId("a-1.b");
        for (Origin origin : Origin.values()) {
            for (long ms : new long[] {HOUR, HOUR + 3_599_999}) {
                IndexFile file = IndexFile.of(new PartName(instance, origin, ms));
                assertThat(file).isEqualTo(new IndexFile(instance, HOUR)).hasToString("index-a-1.b-" + HOUR);
                assertThat(IndexFile.parse(file + ".jsonl")).contains(file);
                assertThat(IndexFile.parse(file + ".jsonl.open")).contains(file);
            }
        }
        SpoolFile seen = SpoolFile.of("index-a-" + HOUR + ".jsonl.open", 5, 7);
        assertThat(seen.kind()).isEqualTo(SpoolFile.Kind.INDEX);
        assertThat(seen.sinceMs()).isEqualTo(HOUR);
        assertThat(seen.isBacklog()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "index-a-1736949600000",
                "index-a-1736949600000.jsonl.gz",
                "index-a-1736949600001.jsonl",
                "index-a-01736949600000.jsonl",
                "index-1736949600000.jsonl",
                "index--1736949600000.jsonl",
                "index-a b-1736949600000.jsonl",
                "part-a-1736949600000.jsonl"
            })
    void otherNamesAreNone(String name) {
        assertThat(IndexFile.parse(name)).isEmpty();
    }
}
