package io.marketdata.query.spark;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows to a Parquet file with exactly the published schema: Spark's own writer takes no key-value metadata, and names
 * its files itself. Rows have the columns of the schema by name.
 */
final class TableFile extends ParquetWriter.Builder<Row, TableFile> {

    private static final int DECIMAL_BYTES = 16;

    private final MessageType schema;
    private final Map<String, String> metadata;

    /** @param table name of its schema: trades or ohlcv1s */
    TableFile(String table, Path file, Map<String, String> metadata) {
        super(new LocalOutputFile(file));
        this.schema = schema(table);
        this.metadata = metadata;
        withCompressionCodec(CompressionCodecName.ZSTD);
        withWriterVersion(WriterVersion.PARQUET_2_0);
        for (Type column : schema.getFields()) {
            if (isAscending(column.asPrimitiveType())) {
                // Differences are a tenth of the size; Parquet would try a dictionary first.
                withDictionaryEncoding(column.getName(), false);
            }
        }
    }

    /** Ids and times. */
    private static boolean isAscending(PrimitiveType column) {
        return column.getPrimitiveTypeName() == PrimitiveTypeName.INT64
                && !(column.getLogicalTypeAnnotation() instanceof DecimalLogicalTypeAnnotation);
    }

    private static MessageType schema(String table) {
        String name = "/schemas/" + table + ".parquet.schema";
        try (@Nullable InputStream in = TableFile.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("this jar has no " + name);
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return MessageTypeParser.parseMessageType(text.replaceAll("//[^\n]*", ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The name of a new file on this machine. */
    static Path temporary() throws IOException {
        Path file = Files.createTempFile("hour-", ".parquet");
        Files.delete(file);
        return file;
    }

    @Override
    protected TableFile self() {
        return this;
    }

    @Override
    @SuppressWarnings("deprecation") // Parquet 1.17 declares it abstract.
    protected WriteSupport<Row> getWriteSupport(Configuration configuration) {
        return new Rows();
    }

    private final class Rows extends WriteSupport<Row> {

        private final List<PrimitiveType> columns = schema.getFields().stream()
                .map(field -> field.asPrimitiveType())
                .toList();
        private int @Nullable [] positions;
        private @Nullable RecordConsumer out;

        @Override
        @SuppressWarnings("deprecation") // Parquet 1.17 declares it abstract.
        public WriteContext init(Configuration configuration) {
            return new WriteContext(schema, metadata);
        }

        @Override
        public void prepareForWrite(RecordConsumer consumer) {
            out = consumer;
        }

        @Override
        public void write(Row row) {
            RecordConsumer consumer = Objects.requireNonNull(out);
            int[] from = positions(row);
            consumer.startMessage();
            for (int i = 0; i < columns.size(); i++) {
                PrimitiveType column = columns.get(i);
                @Nullable Object value = row.get(from[i]);
                if (value != null) {
                    consumer.startField(column.getName(), i);
                    write(consumer, column, value);
                    consumer.endField(column.getName(), i);
                }
            }
            consumer.endMessage();
        }

        private int[] positions(Row row) {
            int[] found = positions;
            if (found == null) {
                found = columns.stream()
                        .mapToInt(column -> row.fieldIndex(column.getName()))
                        .toArray();
                positions = found;
            }
            return found;
        }

        private void write(RecordConsumer consumer, PrimitiveType column, Object value) {
            switch (column.getPrimitiveTypeName()) {
                case BOOLEAN -> consumer.addBoolean((Boolean) value);
                case INT32 -> consumer.addInteger((Integer) value);
                case INT64 ->
                    consumer.addLong(
                            value instanceof BigDecimal decimal
                                    ? unscaled(column, decimal).unscaledValue().longValueExact()
                                    : (Long) value);
                case BINARY -> consumer.addBinary(Binary.fromString((String) value));
                case FIXED_LEN_BYTE_ARRAY -> consumer.addBinary(fixed(unscaled(column, (BigDecimal) value)));
                default -> throw new IllegalArgumentException("unknown type: " + column);
            }
        }
    }

    /** With the scale of the column; it never rounds. */
    private static BigDecimal unscaled(PrimitiveType column, BigDecimal value) {
        int scale = ((DecimalLogicalTypeAnnotation) column.getLogicalTypeAnnotation()).getScale();
        return value.setScale(scale, RoundingMode.UNNECESSARY);
    }

    /** Big-endian two's complement. */
    private static Binary fixed(BigDecimal value) {
        byte[] digits = value.unscaledValue().toByteArray();
        byte[] bytes = new byte[DECIMAL_BYTES];
        Arrays.fill(bytes, (byte) (value.signum() < 0 ? -1 : 0));
        System.arraycopy(digits, 0, bytes, DECIMAL_BYTES - digits.length, digits.length);
        return Binary.fromConstantByteArray(bytes);
    }
}
