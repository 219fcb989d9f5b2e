package io.marketdata.collector.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartSummary;
import io.marketdata.collector.model.Symbol;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;

/**
 * Reads the lines of a part, without the code that wrote them. However hostile the object is, it takes bounded memory: one
 * line and the ranges of ids.
 */
final class PartContent {

    /** The uncompressed size that is read at most; a part is at most 128 MiB. */
    static final int MAX_BYTES = 128 << 20;

    private static final int MAX_LINE_BYTES = 2 << 20; // the exchange's frames have at most 1 MiB
    private static final int MAX_RANGES = 200_000;
    private static final long MAX_TIME_MS = 9_999_999_999_999L; // a time with more digits is in microseconds

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNumberLength(MAX_LINE_BYTES)
                    .maxNameLength(MAX_LINE_BYTES)
                    .build())
            .build();

    private final Symbol symbol;
    private final Origin origin;
    private final Consumer<TradeRow> each;
    private final TradeRow row = new TradeRow();
    private final List<IdRange> ids = new ArrayList<>();

    private long records;
    private long bytes;
    private long timeMinMs = Long.MAX_VALUE;
    private long timeMaxMs = Long.MIN_VALUE;
    private long idMin = Long.MAX_VALUE;
    private long idMax = Long.MIN_VALUE;
    private long outOfOrder;
    private long runFirst = -1;
    private long runLast = -1;

    /** @param each gets every trade; the object is used again for the next one */
    PartContent(Symbol symbol, Origin origin, Consumer<TradeRow> each) {
        this.symbol = symbol;
        this.origin = origin;
        this.each = each;
    }

    /**
     * Reads all of it, once.
     *
     * @param maxBytes of lines, at most {@link #MAX_BYTES}
     * @throws IOException if it is not gzip, longer than that, or has a line that is not a trade of the symbol; the message
     *     says which
     */
    void read(byte[] gzip, long maxBytes) throws IOException {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip), 64 << 10)) {
            byte[] buffer = new byte[64 << 10];
            int held = 0;
            for (int got = in.read(buffer); got >= 0; got = in.read(buffer, held, buffer.length - held)) {
                bytes += got;
                if (bytes > Math.min(maxBytes, MAX_BYTES)) {
                    throw new IOException("has more lines than its manifest says: more than "
                            + Math.min(maxBytes, MAX_BYTES) + " bytes");
                }
                held = lines(buffer, held + got);
                if (held == buffer.length) {
                    buffer = larger(buffer);
                }
            }
            if (held > 0) {
                throw new IOException("ends in the middle of line " + (records + 1));
            }
        }
        endRun();
        if (records == 0) {
            throw new IOException("has no lines");
        }
    }

    private byte[] larger(byte[] buffer) throws IOException {
        if (buffer.length >= MAX_LINE_BYTES) {
            throw new IOException("line " + (records + 1) + " has more than " + MAX_LINE_BYTES + " bytes");
        }
        return Arrays.copyOf(buffer, 2 * buffer.length);
    }

    /** Reads the whole lines among the first bytes, and moves the rest to the front. */
    private int lines(byte[] buffer, int length) throws IOException {
        int from = 0;
        for (int i = 0; i < length; i++) {
            if (buffer[i] == '\n') {
                line(buffer, from, i - from);
                from = i + 1;
            }
        }
        System.arraycopy(buffer, from, buffer, 0, length - from);
        return length - from;
    }

    private void line(byte[] buffer, int offset, int length) throws IOException {
        records++;
        try (JsonParser json = JSON.createParser(buffer, offset, length)) {
            row.read(json);
            if (json.nextToken() != null) {
                throw new IOException("has more than one object");
            }
        } catch (IOException e) {
            throw new IOException("line " + records + " is not a trade: " + reason(e), e);
        }
        if (!row.symbol.equals(symbol.value())) {
            throw new IOException("line " + records + " is a trade of another symbol");
        }
        if (!row.source.equals(origin.isBackfilled() ? origin.label() : "")) {
            throw new IOException("line " + records + " is of another origin than its part");
        }
        add(row.id, row.timeMs);
        each.accept(row);
    }

    private static String reason(IOException e) {
        return e instanceof JsonProcessingException json
                ? json.getOriginalMessage().lines().findFirst().orElse("")
                : String.valueOf(e.getMessage());
    }

    private void add(long id, long timeMs) throws IOException {
        outOfOrder += id < idMax ? 1 : 0;
        timeMinMs = Math.min(timeMinMs, timeMs);
        timeMaxMs = Math.max(timeMaxMs, timeMs);
        idMin = Math.min(idMin, id);
        idMax = Math.max(idMax, id);
        if (id != runLast + 1 || runFirst < 0) {
            endRun();
            runFirst = id;
        }
        runLast = id;
    }

    private void endRun() throws IOException {
        if (runFirst >= 0) {
            ids.add(new IdRange(runFirst, runLast));
        }
        if (ids.size() > MAX_RANGES) {
            throw new IOException("its ids are in " + MAX_RANGES + " pieces; no part of a collector is");
        }
    }

    /** What a manifest should say of it. */
    PartSummary summary() {
        return new PartSummary(records, bytes, timeMinMs, timeMaxMs, idMin, idMax);
    }

    long outOfOrder() {
        return outOfOrder;
    }

    IdRanges ids() {
        return IdRanges.of(ids);
    }

    /** A trade as it is stored. */
    static final class TradeRow {
        long id;
        long timeMs;
        /** When the exchange sent it, ms since 1970 UTC; 0 if unknown. */
        long sentMs;
        /** When it was received, µs since 1970 UTC; 0 if unknown. */
        long receivedMicros;

        String symbol = "";
        String price = "";
        String quantity = "";
        boolean buyerIsMaker;
        /** The source that it names; empty: the stream. */
        String source = "";

        private void read(JsonParser json) throws IOException {
            id = -1;
            timeMs = -1;
            sentMs = 0;
            receivedMicros = 0;
            symbol = "";
            source = "";
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not an object");
            }
            for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
                member(name, json);
            }
            if (id < 0 || id == Long.MAX_VALUE || timeMs < 0) {
                throw new IOException("it has no id or no time");
            }
        }

        private void member(String name, JsonParser json) throws IOException {
            json.nextToken();
            switch (name) {
                case "t" -> id = json.getLongValue();
                case "T" -> timeMs = millis(json.getLongValue());
                case "E" -> sentMs = millis(json.getLongValue());
                case "recv_us" -> receivedMicros = json.getLongValue();
                case "s" -> symbol = json.getText();
                case "p" -> price = json.getText();
                case "q" -> quantity = json.getText();
                case "m" -> buyerIsMaker = json.getBooleanValue();
                case "src" -> source = json.getText();
                default -> json.skipChildren();
            }
        }

        private static long millis(long time) {
            return time > MAX_TIME_MS ? time / 1_000 : time;
        }
    }
}
