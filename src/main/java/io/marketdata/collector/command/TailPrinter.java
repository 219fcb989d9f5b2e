package io.marketdata.collector.command;

import io.marketdata.collector.model.LogText;
import io.marketdata.collector.read.Output;
import io.marketdata.collector.read.StoredTrade;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** Prints trades as lines of aligned columns, or as they are stored. */
final class TailPrinter implements Output {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    /** Characters of a price or a quantity; the exchange's have at most 8 decimals. */
    private static final int LONGEST_NUMBER = 40;

    private final Terminal terminal;
    private final boolean asStored;
    private int symbolWidth = "BTCUSDT".length();
    private int priceWidth = "100000.00000000".length();
    private int quantityWidth = "1000.00000000".length();
    private boolean hasPrinted;
    private boolean isIncomplete;

    TailPrinter(Terminal terminal, boolean asStored) {
        this.terminal = terminal;
        this.asStored = asStored;
    }

    @Override
    public void trades(List<StoredTrade> trades) {
        PrintWriter out = terminal.out();
        for (StoredTrade trade : trades) {
            out.print(asStored ? trade.line() : text(trade));
            out.print('\n');
        }
        out.flush();
        hasPrinted = true;
    }

    private String text(StoredTrade trade) {
        String symbol = trade.symbol().value();
        String price = number(trade.price());
        String quantity = number(trade.quantity());
        symbolWidth = Math.max(symbolWidth, symbol.length());
        priceWidth = Math.max(priceWidth, price.length());
        quantityWidth = Math.max(quantityWidth, quantity.length());
        String format = "%s  %-" + symbolWidth + "s  %-4s  %" + priceWidth + "s  %" + quantityWidth + "s  %d";
        String time = TIME.format(Instant.ofEpochMilli(trade.tradeTimeMs()));
        return String.format(
                Locale.ROOT, format, time, symbol, side(trade.buyerIsMaker()), price, quantity, trade.id());
    }

    private static String number(String text) {
        return text.isEmpty() ? "-" : LogText.of(text, LONGEST_NUMBER);
    }

    /** The side that took the trade: the seller if the buyer was the maker. */
    private static String side(String buyerIsMaker) {
        return switch (buyerIsMaker) {
            case "true" -> "SELL";
            case "false" -> "BUY";
            default -> "-";
        };
    }

    @Override
    public void leftOut(String text, boolean isWholePart) {
        isIncomplete |= isWholePart;
        terminal.err().println(text);
    }

    boolean hasPrinted() {
        return hasPrinted;
    }

    /** Whether a part was left out, or the rest of it. */
    boolean isIncomplete() {
        return isIncomplete;
    }

    /** As with {@code head} behind it. */
    @Override
    public boolean isClosed() {
        return terminal.out().checkError();
    }
}
