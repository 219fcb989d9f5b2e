package io.marketdata.query.spark;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.expr;

import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.query.spark.HourWork.Care;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The parts of hours, read from the bucket as whole objects by Spark's {@code binaryFile} source. */
final class PartObjects {

    private static final StructType PART =
            StructType.fromDDL("key STRING, hour INT, symbol STRING, sha256 STRING, is_read BOOLEAN");

    private final SparkSession session;
    private final Bucket bucket;

    PartObjects(SparkSession session, Bucket bucket) {
        this.session = session;
        this.bucket = bucket;
    }

    /** The parts that are used, each with its bytes. */
    Dataset<Row> used(List<HourWork> hours) {
        List<Row> parts = new ArrayList<>();
        for (HourWork hour : hours) {
            hour.used().forEach(used -> parts.add(part(hour, used.part().key(), hex(used.part()), false)));
        }
        return with(hours, parts);
    }

    /** Checks all parts of hours, and lets the hours know. */
    void check(List<HourWork> hours) {
        List<Row> parts = new ArrayList<>();
        for (HourWork hour : hours) {
            hour.source()
                    .parts()
                    .forEach(part -> parts.add(
                            part(hour, part.key(), hex(part), hour.care() == Care.LINES || part.summary() == null)));
        }
        Map<String, Row> facts =
                with(hours, parts).map(new PartCheck(), Encoders.row(PartCheck.RESULT)).collectAsList().stream()
                        .collect(Collectors.toMap(row -> row.getString(0), row -> row));
        hours.forEach(hour -> hour.checked(facts));
    }

    private static @Nullable String hex(io.marketdata.collector.audit.Part part) {
        return part.sha256() == null ? null : part.sha256().hex();
    }

    private static Row part(HourWork hour, String key, @Nullable String sha256, boolean isRead) {
        return RowFactory.create(key, hour.number(), hour.source().symbol().value(), sha256, isRead);
    }

    private Dataset<Row> with(List<HourWork> hours, List<Row> parts) {
        String[] folders = hours.stream()
                .filter(hour -> !hour.source().parts().isEmpty())
                .map(hour -> bucket.prefix()
                        + KeyLayout.hour(hour.source().symbol(), hour.source().hourMs()))
                .toArray(String[]::new);
        Dataset<Row> expected = session.createDataFrame(parts, PART);
        if (folders.length == 0) {
            return expected.selectExpr("*", "CAST(NULL AS BINARY) AS content").where("false");
        }
        return session.read()
                .format("binaryFile")
                .option("pathGlobFilter", "part-*.jsonl.gz")
                .option("recursiveFileLookup", true)
                .load(folders)
                .select(expr("substring(path, " + (bucket.prefix().length() + 1) + ") AS key"), expr("content"))
                .join(broadcast(expected), "key");
    }
}
