package io.marketdata.collector.simulator;

import java.time.Duration;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The vocabulary of {@link FaultScript}: which keys make which fault. */
final class FaultText {

    /** Seconds; longer than the exchange's own time limit of 10 s. */
    private static final Duration HOLD = Duration.ofSeconds(15);

    /** The words for {@code fault}. */
    private enum Kind {
        CUT,
        CLOSE,
        STALL,
        FREEZE,
        LAG,
        SKIP,
        REPEAT,
        SWAP,
        NOTICE,
        SEND_TEXT,
        SEND_BINARY,
        SEND_FRAGMENTS,
        SEND_HUGE_HEADER,
        REFUSE,
        RESET_UPGRADES,
        HANG_UPGRADES,
        REST_STATUS,
        REST_HANG,
        REST_TRUNCATE,
        HISTORY_LAG,
        DATA_ONLY_HOST,
        OLDEST_KEPT,
        KEEP_NEWEST,
        RESET_IDS,
        HALT,
        HEAL
    }

    private FaultText() {}

    /** @throws IllegalArgumentException with what is allowed */
    static Fault read(StepKeys keys) {
        Fault fault = switch (kind(keys)) {
            case CUT -> new Fault.Cut(target(keys), keys.oneOf("how", Fault.How.RST));
            case CLOSE ->
                new Fault.Close(target(keys), (int) keys.whole("code", 1_000, 4_999, 1_001), keys.text("reason", ""));
            case STALL -> new Fault.Stall(target(keys), keys.duration("for", Fault.FOREVER));
            case FREEZE -> new Fault.Freeze(target(keys));
            case LAG -> new Fault.Lag(target(keys), keys.duration("by"));
            case SKIP -> new Fault.Skip(target(keys), (int) keys.whole("trades", 1, 1_000_000_000, 1));
            case REPEAT -> new Fault.Repeat(target(keys));
            case SWAP -> new Fault.Swap(target(keys));
            case NOTICE ->
                new Fault.ShutdownNotice(target(keys), keys.oneOf("form", Fault.Form.AUTO), closeAfter(keys));
            case SEND_TEXT -> new Fault.SendText(target(keys), keys.text("text"));
            case SEND_BINARY -> new Fault.SendBinary(target(keys), keys.text("text"));
            case SEND_FRAGMENTS -> new Fault.SendFragments(target(keys), keys.text("text"));
            case SEND_HUGE_HEADER ->
                new Fault.SendHugeHeader(
                        target(keys), keys.whole("bytes", 0, Long.MAX_VALUE, Fault.SendHugeHeader.NEARLY_2_GIB));
            case REFUSE ->
                new Fault.RefuseUpgrades(
                        status(keys), keys.durationOrNull("retry_after"), extent(keys), endpoint(keys));
            case RESET_UPGRADES -> new Fault.ResetUpgrades(extent(keys), endpoint(keys));
            case HANG_UPGRADES -> new Fault.HangUpgrades(extent(keys), endpoint(keys));
            case REST_STATUS ->
                new Fault.RestStatus(status(keys), keys.durationOrNull("retry_after"), extent(keys), path(keys));
            case REST_HANG -> new Fault.RestHang(keys.duration("hold", HOLD), extent(keys), path(keys));
            case REST_TRUNCATE -> new Fault.RestTruncate(extent(keys), path(keys));
            case HISTORY_LAG -> new Fault.HistoryLag(keys.duration("by"));
            case DATA_ONLY_HOST -> new Fault.DataOnlyHost(keys.truth("on", true));
            case OLDEST_KEPT -> new Fault.OldestKept(keys.symbolOrNull("symbol"), keys.whole("id", 0, Long.MAX_VALUE));
            case KEEP_NEWEST ->
                new Fault.KeepNewest(keys.symbolOrNull("symbol"), (int) keys.whole("trades", 0, Integer.MAX_VALUE));
            case RESET_IDS -> new Fault.ResetIds(keys.symbolOrNull("symbol"));
            case HALT -> new Fault.Halt(keys.duration("for"));
            case HEAL -> new Fault.Heal();
        };
        keys.nothingElse();
        return fault;
    }

    private static Kind kind(StepKeys keys) {
        String text = keys.textOrNull("fault");
        TreeSet<String> allowed = new TreeSet<>();
        for (Kind kind : Kind.values()) {
            String word = kind.name().toLowerCase(Locale.ROOT);
            if (word.equals(text)) {
                return kind;
            }
            allowed.add(word);
        }
        throw new IllegalArgumentException((text == null ? "needs fault" : "no fault is called " + text)
                + "; allowed are " + String.join(", ", allowed));
    }

    private static Target target(StepKeys keys) {
        String text = keys.text("connection", "all");
        return switch (text) {
            case "oldest" -> Target.OLDEST;
            case "newest" -> Target.NEWEST;
            case "all" -> Target.ALL;
            default -> {
                if (!text.matches("[1-9]\\d{0,5}")) {
                    throw new IllegalArgumentException(
                            "connection must be oldest, newest, all or a number from 1 (the oldest), was " + text);
                }
                yield Target.number(Integer.parseInt(text));
            }
        };
    }

    private static @Nullable Duration closeAfter(StepKeys keys) {
        return "never".equals(keys.textOrNull("close_after")) ? null : keys.durationOrNull("close_after");
    }

    private static int status(StepKeys keys) {
        return (int) keys.whole("status", 300, 599);
    }

    private static Extent extent(StepKeys keys) {
        return new Extent(
                (int) keys.whole("next", 1, Integer.MAX_VALUE, Integer.MAX_VALUE), keys.duration("for", Fault.FOREVER));
    }

    private static @Nullable Integer endpoint(StepKeys keys) {
        Long endpoint = keys.wholeOrNull("endpoint", 0, 99);
        return endpoint == null ? null : endpoint.intValue();
    }

    private static String path(StepKeys keys) {
        return keys.text("path", "");
    }
}
