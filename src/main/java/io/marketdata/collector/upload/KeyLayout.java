package io.marketdata.collector.upload;

import io.marketdata.collector.model.FramesName;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.UnparsedFolder;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * Builds the keys of a part's objects in the bucket:
 * {@code raw/exchange=binance/stream=trade/symbol=BTCUSDT/dt=2025-01-15/14/12/part-<instance>-<epoch_ms>.jsonl.gz} and
 * {@code manifest-<instance>-<epoch_ms>.json} beside it. The folder is the UTC minute of {@code epoch_ms}. Frames that were
 * not understood go to {@code unparsed/}, indexes of manifests to {@code index/}, outside {@code raw/}, so that no query of
 * the data reads them. Pure.
 */
public final class KeyLayout {

    /** Folder of objects that are not data. */
    public static final String PROBES = "raw/doctor/";

    /** Folder of the indexes of manifests. */
    public static final String INDEXES = "index/";

    /** Folder of the folders of symbols. */
    public static final String SYMBOLS = "raw/exchange=binance/stream=trade/";

    private static final String SYMBOL = "symbol=";

    private static final String STREAM = "exchange=binance/stream=trade/" + SYMBOL;

    private static final DateTimeFormatter DAY =
            DateTimeFormatter.ofPattern("'dt='uuuu-MM-dd/", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final DateTimeFormatter FOLDER =
            DateTimeFormatter.ofPattern("'dt='uuuu-MM-dd/HH/mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final DateTimeFormatter HOUR =
            DateTimeFormatter.ofPattern("'dt='uuuu-MM-dd/HH", Locale.ROOT).withZone(ZoneOffset.UTC);

    private KeyLayout() {}

    /** Key of the gzip object. */
    public static String part(Symbol symbol, PartName name) {
        return folder(symbol, name) + PartState.PACKED.fileName(name);
    }

    /** Key of the manifest. */
    public static String manifest(Symbol symbol, PartName name) {
        return folder(symbol, name) + name.manifestFileName();
    }

    /**
     * Key of the object with which {@code doctor} tests the bucket. Outside the data, so that no query reads it, and
     * below {@code raw/}, because a collector may write nowhere else; the underscore hides it from Athena, Hive and
     * Spark even if a table spans all of {@code raw/}.
     *
     * @param epochMs ms since 1970 UTC, so that each test has its own key
     */
    public static String probe(InstanceId instance, long epochMs) {
        return PROBES + "_probe-" + instance + "-" + epochMs + ".txt";
    }

    /** Key of the object with frames that were not understood, in the folder of the UTC hour of its name. */
    public static String unparsed(FramesName name) {
        return UnparsedFolder.NAME + "/exchange=binance/" + HOUR.format(Instant.ofEpochMilli(name.epochMs())) + "/"
                + name + ".jsonl.gz";
    }

    /** The folder of a symbol's UTC hour, with the folders of its minutes in it. */
    public static String hour(Symbol symbol, long epochMs) {
        return symbol(symbol) + HOUR.format(Instant.ofEpochMilli(epochMs)) + "/";
    }

    /**
     * Key of an index of manifests: {@code index/exchange=binance/stream=trade/symbol=S/dt=YYYY-MM-DD/HH-<instance>.jsonl.gz},
     * or {@code HH-<instance>-<n>.jsonl.gz}. It cannot be parsed, because an instance may be called {@code a-1}.
     *
     * @param epochMs any time of the UTC hour of its manifests, ms since 1970
     * @param number 0 for the first of that hour; 1 and more for manifests that were confirmed later
     */
    public static String index(Symbol symbol, InstanceId instance, long epochMs, int number) {
        return INDEXES + STREAM + symbol.encoded() + "/" + HOUR.format(Instant.ofEpochMilli(epochMs)) + "-" + instance
                + (number == 0 ? "" : "-" + number) + ".jsonl.gz";
    }

    /**
     * The folder with all indexes of a symbol's UTC day, those of all instances. Names in it begin with the hour, two
     * digits and a hyphen.
     *
     * @param epochMs any time of that day, ms since 1970 UTC
     */
    public static String indexDay(Symbol symbol, long epochMs) {
        return INDEXES + STREAM + symbol.encoded() + "/" + DAY.format(Instant.ofEpochMilli(epochMs));
    }

    /**
     * Key of what an audit found about a symbol's UTC day: {@code quality/exchange=binance/symbol=S/dt=YYYY-MM-DD/<file>}.
     *
     * @param epochMs any time of that day, ms since 1970 UTC
     * @param file {@code report.html}
     */
    public static String quality(Symbol symbol, long epochMs, String file) {
        return "quality/exchange=binance/symbol=" + symbol.encoded() + "/" + DAY.format(Instant.ofEpochMilli(epochMs))
                + file;
    }

    /** The name of the part with that key, whatever its folder; empty if the key's file is no part. */
    public static Optional<PartName> partName(String key) {
        return PartState.PACKED.part(key.substring(key.lastIndexOf('/') + 1));
    }

    /** Key of the manifest beside a part, given the key of the part. */
    public static String manifestOf(String partKey) {
        int name = partKey.lastIndexOf('/') + 1;
        return partKey.substring(0, name)
                + partKey.substring(name).replaceFirst("^part-(.*)\\.jsonl\\.gz$", "manifest-$1.json");
    }

    /** The folder of a symbol's UTC minute. */
    public static String minute(Symbol symbol, long epochMs) {
        return symbol(symbol) + FOLDER.format(Instant.ofEpochMilli(epochMs)) + "/";
    }

    /** The folder of a symbol, with the folders of its days in it. */
    public static String symbol(Symbol symbol) {
        return "raw/" + STREAM + symbol.encoded() + "/";
    }

    /** The symbol of a folder in {@link #SYMBOLS}, given its name; empty if a collector writes no such folder. */
    public static Optional<Symbol> symbolOf(String folder) {
        return folder.startsWith(SYMBOL) ? Symbol.decoded(folder.substring(SYMBOL.length())) : Optional.empty();
    }

    private static String folder(Symbol symbol, PartName name) {
        return minute(symbol, name.epochMs());
    }
}
