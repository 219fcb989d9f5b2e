package io.marketdata.query.testkit;

import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.upload.KeyLayout;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** A bucket in which each symbol has one thing that a collector would not have written, and what engines make of it. */
public final class HostileTree {

    public static final String DAY = ThreeInstances.DAY;

    private static final long HOUR_MS = ThreeInstances.HOUR_MS;

    /** In the order of the columns in docs/QUERYING.md. */
    public enum Fault {
        ZERO_BYTES,
        TORN_LINE,
        FOREIGN_FILE,
        PRETTY_MANIFEST,
        NO_MANIFEST,
        DUPLICATE_PART,
        COPIES_DIFFER;

        /** The symbol that has it. */
        public String symbol() {
            return name().replace("_", "");
        }
    }

    /** How an engine answers. */
    public interface Engine {

        /**
         * The trades of the symbol.
         *
         * @return {@link #summary}, with {@code !} behind it if the engine says that something is wrong; null if it stops
         */
        String ask(String symbol) throws Exception;
    }

    private final Path root;
    private final Map<Fault, List<Trade>> issued = new EnumMap<>(Fault.class);

    private HostileTree(Path root) {
        this.root = root;
    }

    public static HostileTree record(Path root) throws IOException {
        HostileTree tree = new HostileTree(root);
        for (Fault fault : Fault.values()) {
            tree.record(fault);
        }
        return tree;
    }

    private void record(Fault fault) throws IOException {
        Symbol symbol = new Symbol(fault.symbol());
        RecordedBucket bucket = new RecordedBucket(root, symbol);
        List<Trade> trades = Trade.made(5_000_000_000L, HOUR_MS + 100_000, HOUR_MS + 130_000, 7);
        String key = bucket.record("i-1", trades, trade -> false).get(1);
        List<Trade> last = trades.subList(trades.size() - 2, trades.size());
        Path manifest = root.resolve(KeyLayout.manifestOf(key));
        switch (fault) {
            case ZERO_BYTES -> bucket.write(key, new byte[0]);
            case TORN_LINE ->
                bucket.part(
                        "i-2",
                        Origin.STREAM,
                        last,
                        RecordedBucket.gzip(bucket.line(last.get(0), Origin.STREAM) + "\n{\"e\":\"trade\",\"t\":5"),
                        200);
            case FOREIGN_FILE ->
                bucket.write(
                        KeyLayout.hour(symbol, HOUR_MS) + "05/notes.jsonl.gz",
                        RecordedBucket.gzip("{\"t\":1,\"p\":\"1\",\"q\":\"1\",\"T\":" + HOUR_MS + ",\"m\":true}\n"));
            case PRETTY_MANIFEST ->
                Files.writeString(
                        manifest,
                        Files.readString(manifest).replace(",", ",\n  ").replace("{", "{\n"));
            case NO_MANIFEST -> {
                Files.delete(manifest);
                Files.setLastModifiedTime(
                        root.resolve(key), FileTime.from(Instant.now().minusSeconds(3_600)));
            }
            case DUPLICATE_PART -> bucket.part("i-1", Origin.STREAM, last);
            case COPIES_DIFFER -> {
                Trade other = last.get(0);
                bucket.part(
                        "i-2",
                        Origin.STREAM,
                        List.of(new Trade(other.id(), other.timeMs(), other.price(), "7.00000000", true)));
            }
        }
        issued.put(fault, new ArrayList<>(trades));
    }

    /** What is right to say of these trades: their number and their exact quantity. */
    public static String summary(List<Trade> trades) {
        BigDecimal quantity =
                trades.stream().map(trade -> new BigDecimal(trade.quantity())).reduce(BigDecimal.ZERO, BigDecimal::add);
        return summary(trades.size(), quantity);
    }

    public static String summary(long trades, BigDecimal quantity) {
        return trades + " trades, " + quantity.stripTrailingZeros().toPlainString() + " traded";
    }

    /** The row of the engine in the table of docs/QUERYING.md. */
    public String row(String name, Engine engine) throws Exception {
        StringJoiner row = new StringJoiner(" | ", "| " + name + " | ", " |");
        for (Fault fault : Fault.values()) {
            row.add(outcome(fault, engine.ask(fault.symbol())).name().toLowerCase(Locale.ROOT));
        }
        return row.toString();
    }

    private enum Outcome {
        RIGHT,
        SAYS,
        STOPS,
        SILENT
    }

    private Outcome outcome(Fault fault, String answer) {
        if (answer == null) {
            return Outcome.STOPS;
        }
        if (answer.endsWith("!")) {
            return Outcome.SAYS;
        }
        boolean isRight = fault != Fault.COPIES_DIFFER && answer.equals(summary(issued.get(fault)));
        return isRight ? Outcome.RIGHT : Outcome.SILENT;
    }
}
