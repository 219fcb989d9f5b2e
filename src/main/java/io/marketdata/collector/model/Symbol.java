package io.marketdata.collector.model;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A trading pair in the exchange's own upper-case form, for example {@code BTCUSDT}.
 *
 * <p>Letters and digits of any script: Binance lists symbols that are not ASCII since December 2025 (spot API
 * CHANGELOG, 2025-12-15). No separator, dot or control character can occur, so a symbol is safe in a path; paths, keys and
 * URLs hold {@link #encoded()} anyway, because not every file system uses UTF-8.
 *
 * @param value 2 to 32 upper-case letters and digits
 */
public record Symbol(String value) implements Comparable<Symbol> {

    /** What is allowed, for error messages. */
    public static final String ALLOWED = "2 to 32 letters and digits, for example BTCUSDT";

    private static final Pattern SHAPE = Pattern.compile("[\\p{L}\\p{N}]{2,32}");

    public Symbol {
        if (!SHAPE.matcher(value).matches() || !value.equals(value.toUpperCase(Locale.ROOT))) {
            throw new IllegalArgumentException("not a symbol: must be " + ALLOWED + ", in upper case");
        }
    }

    /** Reads a symbol in upper or lower case. */
    public static Symbol of(String text) {
        return new Symbol(text.strip().toUpperCase(Locale.ROOT));
    }

    /** The symbol percent-encoded as UTF-8; the same text for every ASCII symbol. For paths and object keys. */
    public String encoded() {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    /** The symbol of an {@link #encoded()} text; empty if it is none. */
    public static Optional<Symbol> decoded(String encoded) {
        try {
            Symbol symbol = new Symbol(URLDecoder.decode(encoded, StandardCharsets.UTF_8));
            return symbol.encoded().equals(encoded) ? Optional.of(symbol) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * The name of the symbol's trade stream, percent-encoded for a URL. Stream names are lower case; the exchange accepts
     * an upper-case one and never delivers a trade on it (binance-connector-java issue 24).
     */
    public String tradeStream() {
        return URLEncoder.encode(value.toLowerCase(Locale.ROOT), StandardCharsets.UTF_8) + "@trade";
    }

    @Override
    public int compareTo(Symbol other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
