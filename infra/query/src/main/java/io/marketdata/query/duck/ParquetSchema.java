package io.marketdata.query.duck;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A Parquet message as {@code schemas/} writes it, and the table from which DuckDB writes such a file. Tables are made from
 * the published text, so that files and text cannot differ. Knows the types that those texts use.
 *
 * @param columns in the order of the file
 */
public record ParquetSchema(List<Column> columns) {

    /** The one of trades. */
    public static final ParquetSchema TRADES = resource("trades");

    /** The one of one-second bars. */
    public static final ParquetSchema BARS = resource("ohlcv1s");

    private static final int DECIMAL_BYTES = 16;

    public ParquetSchema {
        columns = List.copyOf(columns);
    }

    /**
     * A column.
     *
     * @param type of SQL
     */
    public record Column(String name, String type, boolean isRequired) {}

    /** Of the text format, without its keywords and comments. */
    private static final class Text {
        private static final Pattern MESSAGE = Pattern.compile("\\s*message\\s+\\w+\\s*\\{(.*)\\}\\s*", Pattern.DOTALL);
        private static final Pattern COMMENT = Pattern.compile("//[^\\n]*");
        private static final Pattern FIELD =
                Pattern.compile("\\s*(required|optional)\\s+(\\w+(?:\\(\\d+\\))?)\\s+(\\w+)\\s*(?:\\((.*)\\))?\\s*");
    }

    private static ParquetSchema resource(String name) {
        String file = "/schemas/" + name + ".parquet.schema";
        try (@Nullable InputStream in = ParquetSchema.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IOException("this jar has no " + file);
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws IllegalArgumentException if it is not a message of fields with types that are known here */
    static ParquetSchema parse(String text) {
        Matcher message = Text.MESSAGE.matcher(Text.COMMENT.matcher(text).replaceAll(""));
        if (!message.matches()) {
            throw new IllegalArgumentException("not a Parquet message");
        }
        List<Column> columns = new ArrayList<>();
        for (String line : message.group(1).strip().split(";", -1)) {
            if (line.isBlank()) {
                continue;
            }
            Matcher field = Text.FIELD.matcher(line);
            if (!field.matches()) {
                throw new IllegalArgumentException("not a field: " + line.strip());
            }
            String annotation = field.group(4) == null ? "" : field.group(4).replaceAll("\\s", "");
            columns.add(new Column(
                    field.group(3),
                    type(field.group(2), annotation),
                    field.group(1).equals("required")));
        }
        return new ParquetSchema(columns);
    }

    private static String type(String physical, String annotation) {
        return switch (physical + " " + annotation) {
            case "boolean " -> "BOOLEAN";
            case "int32 " -> "INTEGER";
            case "int64 " -> "BIGINT";
            case "binary STRING" -> "VARCHAR";
            case "int64 TIMESTAMP(MICROS,true)" -> "TIMESTAMP WITH TIME ZONE";
            default -> decimal(physical, annotation);
        };
    }

    /** DuckDB stores up to 9 digits as int32, up to 18 as int64, and more as 16 bytes. */
    private static String decimal(String physical, String annotation) {
        Matcher decimal = Pattern.compile("DECIMAL\\((\\d+),(\\d+)\\)").matcher(annotation);
        if (decimal.matches()) {
            int digits = Integer.parseInt(decimal.group(1));
            String stored =
                    digits <= 9 ? "int32" : digits <= 18 ? "int64" : "fixed_len_byte_array(" + DECIMAL_BYTES + ")";
            if (stored.equals(physical)) {
                return annotation;
            }
        }
        throw new IllegalArgumentException("unknown type: " + physical + " " + annotation);
    }

    /** The statement that makes an empty table. */
    public String createTable(String table) {
        return columns.stream()
                .map(column -> '"' + column.name() + "\" " + column.type() + (column.isRequired() ? " NOT NULL" : ""))
                .collect(Collectors.joining(", ", "CREATE OR REPLACE TABLE " + table + " (", ")"));
    }
}
