package io.marketdata.collector.config;

import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.route.ForwardProxy;
import io.marketdata.collector.route.ProxyRule;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Parses and checks the values of a setting. Reader and check throw {@link IllegalArgumentException} whose message says
 * what is wrong, without repeating the value.
 *
 * @param allowed the allowed values, for error messages
 */
record ValueFormat<T>(String allowed, Reader<T> reader, Consumer<T> check) {

    interface Reader<T> {
        /** Parses the text; a relative path is resolved against {@code base}. */
        T read(String text, Path base);
    }

    // A quarter of what Linux allows (PATH_MAX 4096), so that the names of the files below fit.
    private static final int MAX_PATH_CHARS = 1024;

    /** NAME_MAX of Linux. */
    private static final int MAX_NAME_BYTES = 255;

    private static final Pattern REGION = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?");
    private static final Pattern AWS_REGION = Pattern.compile("[a-z]{2}(?:-[a-z]+){1,2}-\\d");
    private static final Pattern ZONE = Pattern.compile("([a-z]{2}(?:-[a-z]+){1,2}-\\d)(?:-[a-z]{3}-\\d)?[a-z]");
    private static final Pattern INTEGER = Pattern.compile("-?\\d{1,9}");
    private static final Pattern SHELL_VARIABLE = Pattern.compile("\\$[A-Za-z_{]");

    /** A format whose reader checks everything. */
    private ValueFormat(String allowed, Reader<T> reader) {
        this(allowed, reader, value -> {});
    }

    /** @param base that a relative path is resolved against */
    T parse(String text, Path base) {
        T value = reader.read(text.strip(), base);
        check.accept(value);
        return value;
    }

    static ValueFormat<Integer> integer(int min, int max) {
        return integer(min, max, "a whole number");
    }

    static ValueFormat<Integer> integer(int min, int max, String unit) {
        return new ValueFormat<>(
                min + " to " + max + ", " + unit,
                (text, base) -> integerOf(text),
                value -> checkRange(value, min, max));
    }

    static ValueFormat<Integer> bytes(int min, int max) {
        return new ValueFormat<>(
                rangeOfBytes(min, max),
                (text, base) -> (int) Math.min(Units.bytes(text), Integer.MAX_VALUE),
                value -> checkRange(value, min, max));
    }

    static ValueFormat<Long> bytes(long min, long max) {
        return new ValueFormat<>(
                rangeOfBytes(min, max), (text, base) -> Units.bytes(text), value -> checkRange(value, min, max));
    }

    private static String rangeOfBytes(long min, long max) {
        return Units.text(min) + " to " + Units.text(max)
                + ", a number of bytes or a number with the unit KiB, MiB or GiB";
    }

    /** @param min as the duration is written in the settings */
    static ValueFormat<Duration> duration(String min, String max) {
        Duration least = Units.duration(min);
        Duration greatest = Units.duration(max);
        return new ValueFormat<>(
                min + " to " + max + ", a number with one of the units ms, s, m, h",
                (text, base) -> Units.duration(text),
                value -> checkRange(value, least, greatest));
    }

    static <E extends Enum<E>> ValueFormat<E> oneOf(Class<E> type) {
        return oneOf(type, Enum::name);
    }

    /** @param word a constant as it is written; its case does not matter */
    static <E extends Enum<E>> ValueFormat<E> oneOf(Class<E> type, Function<E, String> word) {
        List<E> constants = List.of(type.getEnumConstants());
        return new ValueFormat<>(
                constants.stream().map(word).collect(Collectors.joining(", ")),
                (text, base) -> constants.stream()
                        .filter(constant -> word.apply(constant).equalsIgnoreCase(text))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("unknown value")));
    }

    static ValueFormat<Boolean> onOff() {
        return new ValueFormat<>("on or off", (text, base) -> {
            if (!text.equalsIgnoreCase("on") && !text.equalsIgnoreCase("off")) {
                throw new IllegalArgumentException("unknown value");
            }
            return text.equalsIgnoreCase("on");
        });
    }

    static ValueFormat<Boolean> yesNo() {
        return new ValueFormat<>("yes or no", (text, base) -> {
            if (!text.equalsIgnoreCase("yes") && !text.equalsIgnoreCase("no")) {
                throw new IllegalArgumentException("unknown value");
            }
            return text.equalsIgnoreCase("yes");
        });
    }

    /** @param name of the variable, for what the proxy's failures report */
    static ValueFormat<ForwardProxy> proxy(String name) {
        return new ValueFormat<>(ForwardProxy.ALLOWED, (text, base) -> ForwardProxy.parse(name, text));
    }

    static ValueFormat<String> exclusions() {
        return new ValueFormat<>(
                ProxyRule.EXCLUSIONS_ALLOWED, (text, base) -> text, text -> new ProxyRule(null, null, text));
    }

    static ValueFormat<String> matching(Pattern shape, String allowed) {
        return new ValueFormat<>(allowed, (text, base) -> text, value -> {
            if (!shape.matcher(value).matches()) {
                throw new IllegalArgumentException("wrong format");
            }
        });
    }

    static ValueFormat<List<Symbol>> symbols() {
        return new ValueFormat<>(
                Symbol.ALLOWED + ", or several separated by commas, each once",
                (text, base) -> Arrays.stream(text.split(",", -1))
                        .map(item -> orElse("not a symbol", item, Symbol::of))
                        .toList(),
                symbols -> checkDistinct(symbols, "no symbol"));
    }

    /** Several values of one format, separated by commas, each once. */
    static <T> ValueFormat<List<T>> listOf(ValueFormat<T> item) {
        return new ValueFormat<>(
                item.allowed() + "; several separated by commas, each once",
                (text, base) -> Arrays.stream(text.split(",", -1))
                        .map(one -> item.reader().read(one.strip(), base))
                        .toList(),
                values -> {
                    checkDistinct(values, "no value");
                    values.forEach(item.check());
                });
    }

    static ValueFormat<InstanceId> instanceId() {
        return new ValueFormat<>(
                InstanceId.ALLOWED, (text, base) -> orElse("not an instance id", text, InstanceId::new));
    }

    static ValueFormat<Path> file() {
        return new ValueFormat<>("a YAML file of at most " + Units.text(TextFile.MAX_BYTES), ValueFormat::pathOf);
    }

    /** The disk is checked only when text is parsed; a value stays valid even if the disk changes. */
    static ValueFormat<Path> directory() {
        return new ValueFormat<>(
                "a directory that exists or can be created, writable by this user", ValueFormat::directoryOf);
    }

    static ValueFormat<StoreTarget> storeTarget() {
        return new ValueFormat<>(StoreTarget.ALLOWED, StoreTarget::parse);
    }

    /** @throws IllegalArgumentException with the reason */
    static Path directoryOf(String text, Path base) {
        Path directory = pathOf(text, base);
        Path existing = directory;
        // A dangling symbolic link counts as existing: no directory can be created in its place.
        while (existing.getParent() != null && !Files.exists(existing, LinkOption.NOFOLLOW_LINKS)) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing)) {
            throw new IllegalArgumentException(Problems.quoted(existing.toString()) + " is not a directory");
        }
        if (!Files.isWritable(existing) || !Files.isExecutable(existing)) {
            throw new IllegalArgumentException(Problems.quoted(existing.toString()) + " is not writable by this user");
        }
        return directory;
    }

    private static Path pathOf(String text, Path base) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("the path is empty");
        }
        if (text.length() > MAX_PATH_CHARS) {
            throw new IllegalArgumentException("longer than " + MAX_PATH_CHARS + " characters");
        }
        if (Arrays.stream(text.split("/")).anyMatch(name -> bytesOf(name) > MAX_NAME_BYTES)) {
            throw new IllegalArgumentException("a name in the path is longer than " + MAX_NAME_BYTES + " bytes");
        }
        if (text.codePoints().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("has control characters");
        }
        // Taken literally it would create a directory named "~" or "$HOME", which is hard to delete safely.
        if (text.startsWith("~") || SHELL_VARIABLE.matcher(text).find()) {
            throw new IllegalArgumentException("~ and $NAME are not expanded here; write the full path");
        }
        try {
            return base.resolve(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            String why = ProcessText.narrowFileNames()
                    .map(encoding -> "file names in this process can have only the characters of " + encoding
                            + ", the encoding of its locale; set LANG=C.UTF-8")
                    .orElse("not a path");
            throw new IllegalArgumentException(why, e);
        }
    }

    private static int bytesOf(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * A region of AWS, or of a server that has other names. The form of AWS's names is not required; what is certainly
     * wrong is explained.
     */
    static ValueFormat<String> region() {
        String allowed = "1 to 63 letters, digits and hyphens, for example ap-northeast-1";
        return new ValueFormat<>(allowed, (text, base) -> text, ValueFormat::checkRegion);
    }

    private static void checkRegion(String region) {
        Matcher zone = ZONE.matcher(region);
        if (zone.matches()) {
            throw new IllegalArgumentException("an availability zone; its region is " + zone.group(1));
        }
        String lower = region.toLowerCase(Locale.ROOT);
        if (!lower.equals(region) && AWS_REGION.matcher(lower).matches()) {
            throw new IllegalArgumentException("must be lower case: " + lower);
        }
        if (!REGION.matcher(region).matches()) {
            throw new IllegalArgumentException("not the code of a region; the AWS console shows it beside the region's"
                    + " name, for example eu-central-1 for Frankfurt");
        }
    }

    private static int integerOf(String text) {
        if (!INTEGER.matcher(text).matches()) {
            throw new IllegalArgumentException("not a whole number of at most 9 digits");
        }
        return Integer.parseInt(text);
    }

    private static <C extends Comparable<C>> void checkRange(C value, C min, C max) {
        if (value.compareTo(min) < 0) {
            throw new IllegalArgumentException("too small");
        }
        if (value.compareTo(max) > 0) {
            throw new IllegalArgumentException("too large");
        }
    }

    private static <T> void checkDistinct(List<T> values, String none) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException(none);
        }
        Set<T> seen = new HashSet<>();
        for (T value : values) {
            if (!seen.add(value)) {
                throw new IllegalArgumentException(value + " is listed twice");
            }
        }
    }

    /** Replaces the model's own message, because every problem line states what is allowed anyway. */
    private static <T> T orElse(String reason, String text, Function<String, T> reader) {
        try {
            return reader.apply(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(reason, e);
        }
    }
}
