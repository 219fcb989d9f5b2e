package io.marketdata.query.spark;

import io.marketdata.collector.audit.HourParts;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import java.io.IOException;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Checks one part and names what is wrong with it. Runs on executors. */
final class PartCheck implements MapFunction<Row, Row> {

    private static final long serialVersionUID = 1;

    static final String OTHER_BYTES = "its SHA-256 is not the one of its manifest";

    /** Of a row of {@link PartObjects#with}. */
    static final StructType RESULT =
            StructType.fromDDL("key STRING, reason STRING, lines BIGINT, time_min BIGINT, time_max BIGINT");

    @Override
    public Row call(Row part) {
        String key = part.getAs("key");
        byte[] gzip = part.getAs("content");
        @Nullable String sha256 = part.getAs("sha256");
        if (sha256 != null && !sha256.equals(Sha256.of(gzip).hex())) {
            return refused(key, OTHER_BYTES);
        }
        if (!part.<Boolean>getAs("is_read")) {
            return RowFactory.create(key, null, 0L, 0L, 0L);
        }
        try {
            String name = key.substring(key.lastIndexOf('/') + 1).replaceFirst("\\.jsonl\\.gz$", "");
            PartSummary summary = HourParts.content(
                    new Symbol(part.getAs("symbol")), PartName.parse(name).orElseThrow(), gzip);
            return RowFactory.create(key, null, summary.recordCount(), summary.timeMinMs(), summary.timeMaxMs());
        } catch (IOException e) {
            return refused(key, LogText.of(String.valueOf(e.getMessage())));
        }
    }

    private static Row refused(String key, String reason) {
        return RowFactory.create(key, reason, 0L, 0L, 0L);
    }
}
