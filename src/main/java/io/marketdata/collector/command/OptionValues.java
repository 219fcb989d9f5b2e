package io.marketdata.collector.command;

import io.marketdata.collector.config.NearestName;
import io.marketdata.collector.config.SettingsLoader;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import java.lang.reflect.Field;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** Reads and checks the values of options, and says in one line why a value is not valid and what would be. */
final class OptionValues {

    private static final List<Class<?>> WHOLE = List.of(int.class, Integer.class, long.class, Long.class);
    private static final List<Class<?>> DECIMAL = List.of(double.class, Double.class);

    private OptionValues() {}

    /** Registers the types of this program with a command and its subcommands. */
    static void register(CommandLine line) {
        // While parsing, because an option that is missing would otherwise be named first.
        line.registerConverter(String.class, OptionValues::notBlank);
        line.registerConverter(Path.class, text -> Path.of(notBlank(text)));
        line.registerConverter(Duration.class, OptionValues::duration);
        line.registerConverter(Symbol.class, OptionValues::symbol);
        line.registerConverter(InstanceId.class, OptionValues::instance);
        line.registerConverter(TradeTime.class, TradeTime::of);
        line.registerConverter(Since.class, Since::of);
        line.setCaseInsensitiveEnumValuesAllowed(true);
    }

    private static String notBlank(String text) {
        if (text.isBlank()) {
            throw new TypeConversionException("a value is needed");
        }
        return text;
    }

    private static Duration duration(String text) {
        try {
            return SettingsLoader.duration(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    private static Symbol symbol(String text) {
        try {
            return Symbol.of(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("not " + Symbol.ALLOWED);
        }
    }

    private static InstanceId instance(String text) {
        try {
            return new InstanceId(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException("not " + InstanceId.ALLOWED);
        }
    }

    /** Checks what picocli does not: ranges, empty values, and an option that was taken for the value of another. */
    static void check(ParseResult parsed) {
        for (ArgSpec arg : parsed.matchedArgs()) {
            for (String text : arg.originalStringValues()) {
                if (text.isBlank()) {
                    throw wrong(parsed, name(arg) + " needs a value: " + arg.paramLabel());
                }
                if (arg.arity().max() > 0 && text.startsWith("--")) {
                    throw wrong(parsed, name(arg) + " needs a value before " + LogText.of(text));
                }
            }
            checkRange(parsed, arg);
        }
    }

    private static void checkRange(ParseResult parsed, ArgSpec arg) {
        Allowed allowed = allowed(arg);
        Object value = arg.getValue();
        if (allowed == null || value == null) {
            return;
        }
        for (Object each : value instanceof Collection<?> several ? several : List.of(value)) {
            if (!isWithin(allowed, each)) {
                throw wrong(parsed, name(arg) + " " + shown(arg, each) + ": out of range" + range(arg));
            }
        }
    }

    private static boolean isWithin(Allowed allowed, Object value) {
        if (value instanceof Duration duration) {
            return duration.compareTo(SettingsLoader.duration(allowed.least())) >= 0
                    && duration.compareTo(SettingsLoader.duration(allowed.most())) <= 0;
        }
        if (value instanceof Double number && !Double.isFinite(number)) {
            return false;
        }
        BigDecimal number = new BigDecimal(value.toString());
        return number.compareTo(new BigDecimal(allowed.least())) >= 0
                && number.compareTo(new BigDecimal(allowed.most())) <= 0;
    }

    /** As it was written; the converted value, for example {@code PT24H}, means nothing to a person. */
    private static String shown(ArgSpec arg, Object value) {
        List<String> written = arg.originalStringValues();
        return LogText.of(written.isEmpty() ? value.toString() : written.get(0));
    }

    /** Why picocli could not convert the value. */
    static String reason(ParameterException e, ArgSpec arg) {
        Class<?> type = arg.auxiliaryTypes()[0];
        String value = String.valueOf(e.getValue());
        if (value.isBlank()) {
            return name(arg) + " needs a value: " + arg.paramLabel();
        }
        String what = name(arg) + " " + LogText.of(value) + ": ";
        if (WHOLE.contains(type)) {
            return what + "not a whole number" + range(arg);
        }
        if (DECIMAL.contains(type)) {
            return what + "not a number" + range(arg);
        }
        if (type == boolean.class) {
            return name(arg) + " takes no value";
        }
        if (type.isEnum()) {
            return what + "unknown" + choice(value, type);
        }
        String why = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
        return what + why + range(arg);
    }

    private static String choice(String value, Class<?> type) {
        List<String> names = Arrays.stream(type.getEnumConstants())
                .map(each -> each.toString().toLowerCase(Locale.ROOT))
                .toList();
        return NearestName.of(value, names)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse("")
                + "; allowed: " + String.join(", ", names);
    }

    private static String range(ArgSpec arg) {
        Allowed allowed = allowed(arg);
        return allowed == null ? "" : "; allowed: " + allowed.least() + " to " + allowed.most();
    }

    static @Nullable Allowed allowed(ArgSpec arg) {
        return arg.userObject() instanceof Field field ? field.getAnnotation(Allowed.class) : null;
    }

    /** The longest name of an option, or the label of a positional argument. */
    static String name(ArgSpec arg) {
        return arg instanceof OptionSpec option ? option.longestName() : arg.paramLabel();
    }

    private static ParameterException wrong(ParseResult parsed, String message) {
        return new ParameterException(parsed.commandSpec().commandLine(), message);
    }
}
