package io.marketdata.query.duck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParquetSchemaTest {

    @Test
    void publishedTextMakesTheTable() {
        assertThat(ParquetSchema.TRADES.createTable("t"))
                .startsWith(
                        "CREATE OR REPLACE TABLE t (\"trade_id\" BIGINT NOT NULL, \"trade_time\" TIMESTAMP WITH TIME ZONE"
                                + " NOT NULL, \"symbol\" VARCHAR NOT NULL, \"price\" DECIMAL(18,8) NOT NULL,"
                                + " \"quantity\" DECIMAL(38,8) NOT NULL")
                .contains("\"event_time\" TIMESTAMP WITH TIME ZONE,");
        assertThat(ParquetSchema.BARS.columns()).hasSize(13).extracting("name").contains("complete");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "message m",
                "message m { required int96 t; }",
                "message m { required int64 price (DECIMAL(38,8)); }",
                "message m { repeated int64 t; }",
                "message m { required int64 t (TIMESTAMP(MILLIS,true)); }",
            })
    void whatDuckDbWouldWriteInAnotherWayIsRefused(String text) {
        assertThatThrownBy(() -> ParquetSchema.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
