package io.marketdata.query.spark;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.StoreException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Writes the files of one table: rows come hour by hour, and each hour becomes one object of the bucket. A repeated task
 * writes the same object again. Runs on executors; for hours without rows on the driver.
 */
final class HourFiles implements MapPartitionsFunction<Row, Written> {

    private static final long serialVersionUID = 1;

    private final Bucket bucket;
    private final String schema;
    private final TreeMap<Integer, Target> targets;
    private final String tool;

    /** Where the file of an hour goes. */
    record Target(String key, String sourceDigest) implements Serializable {}

    /**
     * @param schema trades or ohlcv1s
     * @param targets by the number of the hour
     */
    HourFiles(Bucket bucket, String schema, Map<Integer, Target> targets, String tool) {
        this.bucket = bucket;
        this.schema = schema;
        this.targets = new TreeMap<>(targets);
        this.tool = tool;
    }

    @Override
    public Iterator<Written> call(Iterator<Row> rows) throws IOException, StoreException {
        List<Written> written = new ArrayList<>();
        ObjectStore store = bucket.open();
        @Nullable Row next = rows.hasNext() ? rows.next() : null;
        while (next != null) {
            try (Writing hour = new Writing(next.getInt(0))) {
                while (next != null && next.getInt(0) == hour.number) {
                    hour.add(next);
                    next = rows.hasNext() ? rows.next() : null;
                }
                written.add(hour.finish(store));
            }
        }
        return written.iterator();
    }

    /** Writes the file of an hour without rows. */
    Written writeEmpty(int number) throws IOException, StoreException {
        try (Writing hour = new Writing(number)) {
            return hour.finish(bucket.open());
        }
    }

    private final class Writing implements AutoCloseable {
        private final int number;
        private final Target target;
        private final Path file = TableFile.temporary();
        private final ParquetWriter<Row> writer;
        private final boolean isTrades = schema.equals("trades");
        private final List<Long> gaps = new ArrayList<>();
        private long rows;
        private @Nullable Long idFirst;
        private @Nullable Long idLast;

        Writing(int number) throws IOException {
            this.number = number;
            this.target = Objects.requireNonNull(targets.get(number));
            Map<String, String> metadata = Map.of("source_sha256", target.sourceDigest(), "tool", tool);
            this.writer = new TableFile(schema, file, metadata).build();
        }

        void add(Row row) throws IOException {
            writer.write(row);
            rows++;
            if (isTrades) {
                long id = row.getAs("trade_id");
                @Nullable Long before = row.getAs("before");
                if (before != null && before + 1 < id) {
                    gaps.add(before + 1);
                    gaps.add(id - 1);
                }
                idFirst = idFirst == null ? Long.valueOf(id) : idFirst;
                idLast = id;
            }
        }

        Written finish(ObjectStore store) throws IOException, StoreException {
            writer.close();
            byte[] bytes = Files.readAllBytes(file);
            Sha256 digest = Sha256.of(bytes);
            store.replace(target.key(), bytes, digest, ContentType.PARQUET);
            return new Written(number, rows, bytes.length, digest.hex(), idFirst, idLast, gaps);
        }

        @Override
        public void close() throws IOException {
            writer.close();
            Files.deleteIfExists(file);
        }
    }
}
