package io.marketdata.collector.simulator;

import io.marketdata.collector.model.Symbol;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Generates trades from a seed, without end: sweeps of trades with one trade time, at uneven intervals, as measured on
 * BTCUSDT (68 % of sweeps are one trade, 1 % more than 20, a rare one hundreds; the median interval is a quarter of the
 * mean). If flat, single trades at even intervals, for load tests. Trade time follows the clock.
 */
final class SyntheticTrades implements TradeSource {

    /** Pairs: of 1,000 sweeps the first number have at most as many trades as the second. */
    private static final int[][] SWEEPS = {
        {680, 1}, {790, 2}, {834, 3}, {866, 4}, {888, 5}, {948, 9}, {990, 20}, {999, 70}, {1_000, 300}
    };

    private static final double MEAN_SWEEP = 2.945;
    private static final long FIRST_ID = 3_735_683_259L;
    private static final int CENTS_PER_UNIT = 100;

    private final List<SymbolTrades> sources = new ArrayList<>();
    private final PriorityQueue<SymbolTrades> byDue =
            new PriorityQueue<>(Comparator.comparingLong(SymbolTrades::dueNanos));

    /**
     * @param rate trades per second of each symbol, on average
     * @param flat even intervals instead of sweeps
     */
    SyntheticTrades(List<Symbol> symbols, double rate, boolean flat, long seed) {
        for (int i = 0; i < symbols.size(); i++) {
            sources.add(
                    new SymbolTrades(symbols.get(i), rate, flat, new Random(seed + i), FIRST_ID + 1_000_000_000L * i));
        }
    }

    @Override
    public List<Symbol> symbols() {
        return sources.stream().map(source -> source.symbol).toList();
    }

    @Override
    public void begin(long epochMs) {
        byDue.clear();
        for (SymbolTrades source : sources) {
            source.epochMs = epochMs;
            byDue.add(source);
        }
    }

    @Override
    public boolean runsWithTheClock() {
        return true;
    }

    @Override
    public @Nullable Tick next() {
        SymbolTrades source = byDue.remove();
        Tick tick = source.take();
        byDue.add(source);
        return tick;
    }

    private static final class SymbolTrades {
        final Symbol symbol;
        final String stream;
        final double rate;
        final boolean flat;
        final Random random;
        final Deque<Tick> sweep = new ArrayDeque<>();
        long epochMs;
        long nextId;
        long sweeps;
        double atNanos;
        long priceCents = 6_183_763;

        SymbolTrades(Symbol symbol, double rate, boolean flat, Random random, long firstId) {
            this.symbol = symbol;
            this.stream = Tick.stream(symbol);
            this.rate = rate;
            this.flat = flat;
            this.random = random;
            this.nextId = firstId;
        }

        long dueNanos() {
            fill();
            return sweep.getFirst().dueNanos();
        }

        Tick take() {
            fill();
            return sweep.removeFirst();
        }

        void fill() {
            if (sweep.isEmpty()) {
                int size = flat ? 1 : sweepSize();
                double mean = (flat ? 1 : MEAN_SWEEP) / rate * 1e9;
                // A squared exponential has the wanted long tail: its median is a quarter of its mean.
                double draw = -Math.log(1 - random.nextDouble());
                atNanos = flat ? sweeps * mean : atNanos + mean * draw * draw / 2;
                sweeps++;
                boolean buyerIsMaker = random.nextBoolean();
                long time = epochMs + (long) (atNanos / 1e6);
                for (int i = 0; i < size; i++) {
                    sweep.add(tick((long) atNanos, time, buyerIsMaker));
                }
            }
        }

        int sweepSize() {
            int draw = random.nextInt(1_000);
            int smaller = 0;
            for (int[] step : SWEEPS) {
                if (draw < step[0]) {
                    return smaller + 1 + random.nextInt(step[1] - smaller);
                }
                smaller = step[1];
            }
            throw new AssertionError("the last step takes every draw");
        }

        Tick tick(long dueNanos, long time, boolean buyerIsMaker) {
            if (random.nextInt(100) >= 62) {
                priceCents += (buyerIsMaker ? -1 : 1) * (long) (1 + random.nextInt(50));
                priceCents = Math.max(CENTS_PER_UNIT, priceCents);
            }
            int quantity = random.nextInt(100) < 18 ? 9_000 : 1_000 + random.nextInt(5_000_000);
            long id = nextId++;
            String price = priceCents / CENTS_PER_UNIT + "." + padded(priceCents % CENTS_PER_UNIT, 2) + "000000";
            String amount = "0." + padded(quantity, 8);
            long eventTime = time + random.nextInt(3);
            String json = "{\"e\":\"trade\",\"E\":" + eventTime + ",\"s\":\"" + symbol + "\",\"t\":" + id + ",\"p\":\""
                    + price + "\",\"q\":\"" + amount + "\",\"T\":" + time + ",\"m\":" + buyerIsMaker + ",\"M\":true}";
            return new Tick(symbol, stream, id, dueNanos, time, price, amount, buyerIsMaker, json);
        }

        static String padded(long value, int digits) {
            String text = Long.toString(value);
            return "0".repeat(digits - text.length()) + text;
        }
    }
}
