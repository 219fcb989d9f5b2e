package io.marketdata.collector.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import io.marketdata.collector.model.Symbol;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the keys of one step of a script, one by one with their types; after the last, the caller calls {@link
 * #nothingElse}. Every method throws an {@link IllegalArgumentException} that says what is allowed.
 */
final class StepKeys {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(ms|s|m|h)");

    private final JsonNode node;
    private final Set<String> read = new TreeSet<>();

    StepKeys(JsonNode node) {
        if (!node.isObject()) {
            throw new IllegalArgumentException("must be keys and values, such as \"fault: cut\"");
        }
        this.node = node;
    }

    @Nullable
    String textOrNull(String key) {
        read.add(key);
        JsonNode value = node.get(key);
        if (value == null) {
            return null;
        }
        if (!value.isValueNode()) {
            throw new IllegalArgumentException(key + " must be one value");
        }
        return value.asText();
    }

    String text(String key, String otherwise) {
        return Objects.requireNonNullElse(textOrNull(key), otherwise);
    }

    String text(String key) {
        return required(key, textOrNull(key), "a text");
    }

    @Nullable
    Long wholeOrNull(String key, long least, long most) {
        String text = textOrNull(key);
        if (text == null) {
            return null;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw new IllegalArgumentException(key + " must be a whole number from " + least
                + (most == Long.MAX_VALUE ? "" : " to " + most) + ", was " + text);
    }

    long whole(String key, long least, long most, long otherwise) {
        return Objects.requireNonNullElse(wholeOrNull(key, least, most), otherwise);
    }

    long whole(String key, long least, long most) {
        return required(key, wholeOrNull(key, least, most), "a whole number from " + least);
    }

    boolean truth(String key, boolean otherwise) {
        String text = textOrNull(key);
        if (text == null) {
            return otherwise;
        }
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException(key + " must be true or false, was " + text);
        }
        return text.equals("true");
    }

    @Nullable
    Duration durationOrNull(String key) {
        String text = textOrNull(key);
        if (text == null) {
            return null;
        }
        if (text.equals("forever")) {
            return Fault.FOREVER;
        }
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    key + " must be a duration such as 250ms, 12.5s, 2m, 1h or forever, was " + text);
        }
        BigDecimal nanos = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unitNanos(matcher.group(2))));
        return Duration.ofNanos(
                nanos.min(BigDecimal.valueOf(Fault.FOREVER.toNanos())).longValue());
    }

    private static long unitNanos(String unit) {
        return switch (unit) {
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            default -> 3_600_000_000_000L;
        };
    }

    Duration duration(String key, Duration otherwise) {
        return Objects.requireNonNullElse(durationOrNull(key), otherwise);
    }

    Duration duration(String key) {
        return required(key, durationOrNull(key), "a duration such as 250ms or 12.5s");
    }

    @Nullable
    Symbol symbolOrNull(String key) {
        String text = textOrNull(key);
        return text == null ? null : Symbol.of(text);
    }

    /** One of the constants, in lower case. */
    <E extends Enum<E>> E oneOf(String key, E otherwise) {
        String text = textOrNull(key);
        if (text == null) {
            return otherwise;
        }
        E[] all = otherwise.getDeclaringClass().getEnumConstants();
        return Arrays.stream(all)
                .filter(each -> lower(each).equals(text))
                .findAny()
                .orElseThrow(() -> new IllegalArgumentException(key + " must be "
                        + Arrays.stream(all).map(StepKeys::lower).collect(Collectors.joining(" or "))
                        + ", was " + text));
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static <T> T required(String key, @Nullable T value, String what) {
        if (value == null) {
            throw new IllegalArgumentException("needs " + key + ", " + what);
        }
        return value;
    }

    /** Refuses keys that have not been read. */
    void nothingElse() {
        node.fieldNames().forEachRemaining(name -> {
            if (!read.contains(name)) {
                throw new IllegalArgumentException(
                        "unknown key " + name + "; allowed here are " + String.join(", ", read));
            }
        });
    }
}
