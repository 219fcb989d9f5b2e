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

/**
 * Builds the keys of a part's objects in the bucket:
 * {@code raw/exchange=binance/stream=trade/symbol=BTCUSDT/dt=2025-01-15/14/12/part-<instance>-<epoch_ms>.jsonl.gz} and
 * {@code manifest-<instance>-<epoch_ms>.json} beside it. The folder is the UTC minute of {@code epoch_ms}. Frames that were
 * not understood go to {@code unparsed/}, outside {@code raw/}, so that no query of the data reads them. Pure.
 */
public final class KeyLayout {

    /** Folder of objects that are not data. */
    public static final String PROBES = "raw/doctor/";

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

    /** The folder of a symbol's UTC minute. */
    public static String minute(Symbol symbol, long epochMs) {
        return symbol(symbol) + FOLDER.format(Instant.ofEpochMilli(epochMs)) + "/";
    }

    /** The folder of a symbol, with the folders of its days in it. */
    public static String symbol(Symbol symbol) {
        return "raw/exchange=binance/stream=trade/symbol=" + symbol.encoded() + "/";
    }

    private static String folder(Symbol symbol, PartName name) {
        return minute(symbol, name.epochMs());
    }
}
