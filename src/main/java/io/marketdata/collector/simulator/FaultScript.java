package io.marketdata.collector.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The faults of an exchange simulator and their times: a YAML list of steps. Each has {@code fault}, the keys of that fault,
 * and either {@code after_trades}, the number of trades of all symbols issued before, or {@code after}, a time since the
 * start of the trade source. The player inflicts a step between two trades, so with the same trades and the same script it
 * always happens at the same trade.
 *
 * <pre>{@code
 * - after_trades: 100
 *   fault: cut
 *   connection: oldest
 * - after: 12.5s
 *   fault: rest_status
 *   status: 429
 *   retry_after: 3s
 *   next: 2
 * }</pre>
 *
 * <p>Faults and their keys, with the defaults of the keys:
 *
 * <ul>
 *   <li>of connections, {@code connection: oldest | newest | all | 1, 2, …} (all): {@code cut} ({@code how: rst | fin},
 *       rst), {@code close} ({@code code}, 1001; {@code reason}, empty), {@code stall} ({@code for}, forever), {@code
 *       freeze}, {@code lag} ({@code by}), {@code skip} ({@code trades}, 1), {@code repeat}, {@code swap}, {@code
 *       forge} ({@code ids_ahead}), {@code notice}
 *       ({@code form: auto | raw | combined}, auto; {@code close_after}, never), {@code send_text}, {@code send_binary},
 *       {@code send_fragments} ({@code text}), {@code send_huge_header} ({@code bytes}, 1900000000);
 *   <li>of upgrades, {@code next} (all), {@code for} (forever), {@code endpoint} (every one; from 0): {@code refuse}
 *       ({@code status}; {@code retry_after}, no header), {@code reset_upgrades}, {@code hang_upgrades};
 *   <li>of REST requests, {@code next} (all), {@code for} (forever), {@code path} (all; the end of one): {@code
 *       rest_status} ({@code status}; {@code retry_after}, no header), {@code rest_hang} ({@code hold}, 15s), {@code
 *       rest_truncate}, {@code rest_lie} ({@code ids_ahead}; {@code one_in}, 1);
 *   <li>of the REST history: {@code history_lag} ({@code by}), {@code data_only_host} ({@code on}, true), {@code
 *       oldest_kept} ({@code id}, {@code symbol}: all), {@code keep_newest} ({@code trades}, {@code symbol}: all);
 *   <li>of the trade source: {@code reset_ids} ({@code symbol}, all), {@code halt} ({@code for}), {@code
 *       reformat} ({@code replace}, {@code with});
 *   <li>{@code heal}: ends all lasting faults.
 * </ul>
 *
 * <p>Durations are real time: {@code 250ms}, {@code 12.5s}, {@code 2m}, {@code 1h}, {@code forever}; {@code close_after}
 * may be {@code never}.
 */
public final class FaultScript {

    /** No faults. */
    public static final FaultScript EMPTY = new FaultScript(List.of());

    private static final ObjectMapper YAML = YAMLMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final List<Step> steps;

    /**
     * A fault and its time; exactly one of {@code afterTrades} and {@code after} is set.
     *
     * @param afterTrades number of trades of all symbols issued before
     * @param after real time since the start of the trade source
     */
    public record Step(@Nullable Long afterTrades, @Nullable Duration after, Fault fault) {}

    private FaultScript(List<Step> steps) {
        this.steps = List.copyOf(steps);
    }

    /** This script with one more step, after a number of trades. */
    public FaultScript afterTrades(long trades, Fault fault) {
        return plus(new Step(trades, null, fault));
    }

    /** This script with one more step, at a time since the start of the trade source. */
    public FaultScript after(Duration time, Fault fault) {
        return plus(new Step(null, time, fault));
    }

    private FaultScript plus(Step step) {
        List<Step> more = new ArrayList<>(steps);
        more.add(step);
        return new FaultScript(more);
    }

    /** In the order of the file; steps of the same time are inflicted in this order. */
    public List<Step> steps() {
        return steps;
    }

    /**
     * Reads a script.
     *
     * @throws IOException if it cannot be read or is not a script; the message names file, step and what is allowed
     */
    public static FaultScript read(Path file) throws IOException {
        if (!Files.isReadable(file)) {
            throw new IOException(file + " cannot be read");
        }
        List<Step> steps = new ArrayList<>();
        try {
            JsonNode root = YAML.readTree(Files.readString(file));
            if (!root.isArray()) {
                throw new IOException(file + ": must be a list of steps, each starting with \"- after_trades: N\" or"
                        + " \"- after: 12.5s\"");
            }
            for (JsonNode node : root) {
                steps.add(step(node));
            }
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is not YAML: " + place(e), e);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ", step " + (steps.size() + 1) + ": " + e.getMessage(), e);
        }
        return new FaultScript(steps);
    }

    /**
     * Reads one step without a time, in YAML or JSON.
     *
     * @throws IllegalArgumentException if it is not a step; the message says what is allowed
     */
    public static Fault readFault(String text) {
        try {
            return FaultText.read(new StepKeys(YAML.readTree(text)));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not YAML: " + place(e), e);
        }
    }

    private static Step step(JsonNode node) {
        StepKeys keys = new StepKeys(node);
        Long afterTrades = keys.wholeOrNull("after_trades", 0, Long.MAX_VALUE);
        Duration after = keys.durationOrNull("after");
        if ((afterTrades == null) == (after == null)) {
            throw new IllegalArgumentException("needs either after_trades: N or after: 12.5s");
        }
        return new Step(afterTrades, after, FaultText.read(keys));
    }

    private static String place(JsonProcessingException e) {
        String where = e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ": ";
        return where + String.valueOf(e.getOriginalMessage()).replaceAll("\\s+", " ");
    }
}
