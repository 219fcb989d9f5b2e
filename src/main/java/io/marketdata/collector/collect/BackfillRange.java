package io.marketdata.collector.collect;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.rest.BinanceRest;
import io.marketdata.collector.rest.RestException;
import io.marketdata.collector.rest.RestException.Kind;
import io.marketdata.collector.rest.RestTrade;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks the exchange which trade ids the ends of a range mean, and which of them it has issued. */
final class BackfillRange {

    /** How long an exchange that does not answer is asked again. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final BinanceRest rest;
    private final Symbol symbol;
    private final Time time;
    private final Consumer<String> out;
    private final SpoolUpload.Stop stop;

    /** @param out takes lines for a person */
    BackfillRange(BinanceRest rest, Symbol symbol, Time time, Consumer<String> out, SpoolUpload.Stop stop) {
        this.rest = rest;
        this.symbol = symbol;
        this.time = time;
        this.out = out;
        this.stop = stop;
    }

    /** A request to the exchange. */
    private interface Request<T> {
        T send() throws RestException, InterruptedException;
    }

    /**
     * The ids from {@code from} to {@code to}, without those that are not issued yet.
     *
     * @return null if it was stopped meanwhile
     * @throws NothingToFetchException if the exchange has issued no such trade, or could not be asked
     */
    @Nullable
    IdRange find(RangeEnd from, RangeEnd to) throws NothingToFetchException, InterruptedException {
        List<RestTrade> newest = ask(() -> rest.newest(symbol, 1));
        if (newest == null) {
            return null;
        }
        if (newest.isEmpty()) {
            throw new NothingToFetchException("the exchange has no trade of " + symbol);
        }
        RestTrade last = newest.get(newest.size() - 1);
        OptionalLong first = from.isTime() ? ask(() -> rest.firstIdSince(symbol, from.value())) : id(from);
        OptionalLong end = to.isTime() ? ask(() -> rest.firstIdSince(symbol, to.value())) : id(to);
        if (first == null || end == null) {
            return null;
        }
        String issued =
                "the newest trade of " + symbol + " is " + last.id() + ", of " + new RangeEnd(true, last.timeMs());
        if (first.isEmpty() || first.getAsLong() > last.id()) {
            throw new NothingToFetchException(issued + ", so nothing from " + from + " on has been issued yet");
        }
        long until = end.isEmpty() ? last.id() : end.getAsLong() - (to.isTime() ? 1 : 0);
        if (until < first.getAsLong()) {
            throw new NothingToFetchException("no trade of " + symbol + " was made from " + from + " to " + to);
        }
        if (until > last.id() || end.isEmpty()) {
            out.accept(issued + "; what lies between it and " + to + " has not been issued and is left out");
        }
        return new IdRange(first.getAsLong(), Math.min(until, last.id()));
    }

    private static OptionalLong id(RangeEnd end) {
        return OptionalLong.of(end.value());
    }

    /** Trade time of an id, ms since 1970 UTC, or of the oldest trade after it that the exchange keeps. */
    OptionalLong timeOf(long id) throws NothingToFetchException, InterruptedException {
        List<RestTrade> page = ask(() -> rest.from(symbol, id, 1));
        return page == null || page.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(page.get(0).timeMs());
    }

    private <T> @Nullable T ask(Request<T> request) throws NothingToFetchException, InterruptedException {
        long began = time.nanoTime();
        for (boolean isFirst = true; ; isFirst = false) {
            try {
                return request.send();
            } catch (RestException e) {
                boolean isTemporary = e.kind() == Kind.UNAVAILABLE || e.kind() == Kind.LIMITED;
                if (!isTemporary || time.nanoTime() - began >= PATIENCE_NANOS) {
                    throw new NothingToFetchException(
                            "the exchange did not answer what the range means: " + e.getMessage());
                }
                if (isFirst) {
                    out.accept(
                            "Waiting for the exchange, at most " + LogText.count(60, "second") + ": " + e.getMessage());
                }
                if (stop.await(e.stayAway().compareTo(PAUSE) > 0 ? e.stayAway() : PAUSE)) {
                    return null;
                }
            }
        }
    }
}
