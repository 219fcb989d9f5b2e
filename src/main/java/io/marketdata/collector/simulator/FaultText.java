package io.marketdata.collector.simulator;

import static java.util.Map.entry;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Creates the faults of a {@link FaultScript} from their keys. */
final class FaultText {

    /** Longer than the exchange's own timeout of 10 s. */
    private static final Duration HOLD = Duration.ofSeconds(15);

    private static final long MOST_AHEAD = 1_000_000_000_000L;

    private static final Map<String, Function<StepKeys, Fault>> FAULTS = new TreeMap<>(Map.ofEntries(
            entry("cut", keys -> new Fault.Cut(target(keys), keys.oneOf("how", Fault.How.RST))),
            entry(
                    "close",
                    keys -> new Fault.Close(
                            target(keys), (int) keys.whole("code", 1_000, 4_999, 1_001), keys.text("reason", ""))),
            entry("stall", keys -> new Fault.Stall(target(keys), keys.duration("for", Fault.FOREVER))),
            entry("freeze", keys -> new Fault.Freeze(target(keys))),
            entry("lag", keys -> new Fault.Lag(target(keys), keys.duration("by"))),
            entry("skip", keys -> new Fault.Skip(target(keys), (int) keys.whole("trades", 1, 1_000_000_000, 1))),
            entry("repeat", keys -> new Fault.Repeat(target(keys))),
            entry("forge", keys -> new Fault.Forge(target(keys), idsAhead(keys))),
            entry("swap", keys -> new Fault.Swap(target(keys))),
            entry(
                    "notice",
                    keys -> new Fault.ShutdownNotice(
                            target(keys), keys.oneOf("form", Fault.Form.AUTO), closeAfter(keys))),
            entry("send_text", keys -> new Fault.SendText(target(keys), keys.text("text"))),
            entry("send_binary", keys -> new Fault.SendBinary(target(keys), keys.text("text"))),
            entry("send_fragments", keys -> new Fault.SendFragments(target(keys), keys.text("text"))),
            entry(
                    "send_huge_header",
                    keys -> new Fault.SendHugeHeader(
                            target(keys), keys.whole("bytes", 0, Long.MAX_VALUE, Fault.SendHugeHeader.NEARLY_2_GIB))),
            entry(
                    "refuse",
                    keys -> new Fault.RefuseUpgrades(
                            status(keys), keys.durationOrNull("retry_after"), extent(keys), endpoint(keys))),
            entry("reset_upgrades", keys -> new Fault.ResetUpgrades(extent(keys), endpoint(keys))),
            entry("hang_upgrades", keys -> new Fault.HangUpgrades(extent(keys), endpoint(keys))),
            entry(
                    "rest_status",
                    keys -> new Fault.RestStatus(
                            status(keys), keys.durationOrNull("retry_after"), extent(keys), path(keys))),
            entry("rest_hang", keys -> new Fault.RestHang(keys.duration("hold", HOLD), extent(keys), path(keys))),
            entry("rest_truncate", keys -> new Fault.RestTruncate(extent(keys), path(keys))),
            entry(
                    "rest_lie",
                    keys -> new Fault.RestLie(
                            idsAhead(keys),
                            (int) keys.whole("one_in", 1, Integer.MAX_VALUE, 1),
                            extent(keys),
                            path(keys))),
            entry("history_lag", keys -> new Fault.HistoryLag(keys.duration("by"))),
            entry("data_only_host", keys -> new Fault.DataOnlyHost(keys.truth("on", true))),
            entry(
                    "oldest_kept",
                    keys -> new Fault.OldestKept(keys.symbolOrNull("symbol"), keys.whole("id", 0, Long.MAX_VALUE))),
            entry(
                    "keep_newest",
                    keys -> new Fault.KeepNewest(
                            keys.symbolOrNull("symbol"), (int) keys.whole("trades", 0, Integer.MAX_VALUE))),
            entry("reset_ids", keys -> new Fault.ResetIds(keys.symbolOrNull("symbol"))),
            entry("reformat", keys -> new Fault.Reformat(keys.text("replace"), keys.text("with"))),
            entry("halt", keys -> new Fault.Halt(keys.duration("for"))),
            entry("heal", keys -> new Fault.Heal())));

    private FaultText() {}

    /** @throws IllegalArgumentException that says what is allowed */
    static Fault read(StepKeys keys) {
        String word = keys.textOrNull("fault");
        Function<StepKeys, Fault> reader = word == null ? null : FAULTS.get(word);
        if (reader == null) {
            throw new IllegalArgumentException((word == null ? "needs fault" : "no fault is called " + word)
                    + "; allowed are " + String.join(", ", FAULTS.keySet()));
        }
        Fault fault = reader.apply(keys);
        keys.nothingElse();
        return fault;
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

    private static long idsAhead(StepKeys keys) {
        return keys.whole("ids_ahead", -MOST_AHEAD, MOST_AHEAD);
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
