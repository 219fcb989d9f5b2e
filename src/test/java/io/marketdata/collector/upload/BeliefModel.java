package io.marketdata.collector.upload;

import io.marketdata.collector.feed.FeedMetrics;
import io.marketdata.collector.feed.LineArbiter;
import io.marketdata.collector.feed.TradeSink;
import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.InstanceId;
import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.MissingIds.Gap;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.model.SequenceTracker;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.model.ValueSpans;
import io.marketdata.collector.spool.Checkpoint;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One history of a symbol: an exchange, two connections, REST, a collector that packs and crashes. The production arbiter
 * and the production chain of checkpoints decide; everything around them is a list. What they claim is compared with
 * what was issued and what was written.
 */
final class BeliefModel implements TradeSink {

    /** What can happen next. The first five are ordinary; a history has only a few of the others. */
    enum Event {
        A_DELIVERS,
        B_DELIVERS,
        A_SKIPS,
        REST_FILLS,
        PACK,
        B_SKIPS,
        A_FORGES_FAR_AHEAD,
        A_FORGES_AHEAD,
        A_FORGES_BELOW,
        A_CONTRADICTS,
        A_REPEATS_OLD_TRADES,
        WRITE_FAILS,
        REST_REPORTS,
        REST_LIES_HIGH,
        REST_LIES_LOW,
        PACK_FINDS_DAMAGE,
        CRASH,
        DAY_PASSES,
        IDS_RESET_FAR,
        IDS_RESET_NEAR;

        boolean isOrdinary() {
            return ordinal() <= PACK.ordinal();
        }

        boolean isLie() {
            return this == REST_LIES_HIGH || this == REST_LIES_LOW || isForged();
        }

        private boolean isForged() {
            return this == A_FORGES_FAR_AHEAD || this == A_FORGES_AHEAD || this == A_FORGES_BELOW;
        }
    }

    /** Ids that may count as missing: a true trade, or an answer of REST, this far below says that those between exist. */
    private static final long MOST_MISSING = 60_000;

    private static final int A = 0;
    private static final int B = 1;
    private static final Symbol SYMBOL = Trades.BTCUSDT;
    private static final FeedMetrics METRICS = new FeedMetrics(new Metrics());
    private static final LineArbiter.Limits LIMITS = new LineArbiter.Limits(5_000_000, Duration.ofHours(24));

    private record Trade(long id, long timeMs, int sequence, String payload) {}

    private record Line(Trade trade, Origin origin) {}

    private final Supplier<SequenceTracker> newTracker;
    private final Spool spool;
    private final ManualTime time = new ManualTime();

    /** The exchange. */
    private final List<Trade> issued = new ArrayList<>();

    private long nextId = 100_000;
    private long clockMs = ManualTime.START_MS;
    private int sequence;

    /** The next trade of each connection, as an index of {@link #issued}. */
    private final int[] positions = new int[2];

    /** Index of the first trade of the current sequence that was delivered; -1 before. */
    private int firstDelivered = -1;

    /** Everything that the disk has, by id. */
    private final Map<Long, Set<String>> stored = new HashMap<>();

    private final Set<String> keptApart = new HashSet<>();
    private List<Line> unpacked = new ArrayList<>();
    private @Nullable Checkpoint checkpoint;
    private int parts;
    private boolean writeFails;

    /** The collector. */
    private SequenceTracker tracker;

    private LineArbiter arbiter;
    private PartChain chain;

    BeliefModel(Supplier<SequenceTracker> newTracker, Spool spool) {
        this.newTracker = newTracker;
        this.spool = spool;
        tracker = newTracker.get();
        arbiter = new LineArbiter(SYMBOL, this, LIMITS, time, METRICS, tracker);
        chain = new PartChain(time, newTracker);
    }

    /** @return what is wrong; null if nothing is */
    static @Nullable String fault(List<Event> events, Supplier<SequenceTracker> newTracker, Spool spool) {
        BeliefModel model = new BeliefModel(newTracker, spool);
        try {
            for (Event event : events) {
                model.happen(event);
            }
            model.settle();
            model.check();
            return null;
        } catch (Violation e) {
            return events + ": " + e.getMessage();
        } catch (IOException | RuntimeException e) {
            return events + ": " + e;
        }
    }

    private static final class Violation extends RuntimeException {
        private static final long serialVersionUID = 1;

        Violation(String message) {
            super(message);
        }
    }

    private void happen(Event event) throws IOException {
        switch (event) {
            case A_DELIVERS -> deliver(A);
            case B_DELIVERS -> deliver(B);
            case A_SKIPS -> next(A);
            case B_SKIPS -> next(B);
            case A_FORGES_FAR_AHEAD -> forge(nextId + SequenceTracker.ORDINARY_GAP + 7);
            case A_FORGES_AHEAD -> forge(nextId + 1);
            case A_FORGES_BELOW -> forge(Math.max(0, nextId - 4));
            case A_CONTRADICTS -> contradict();
            case A_REPEATS_OLD_TRADES -> repeatOldTrades();
            case WRITE_FAILS -> failToWrite();
            case REST_FILLS -> fillFirstGap();
            case REST_REPORTS -> report(0);
            case REST_LIES_HIGH -> report(1_000_000);
            case REST_LIES_LOW -> report(-50_000);
            case PACK -> pack(false);
            case PACK_FINDS_DAMAGE -> pack(checkpoint != null); // without one, see docs/RELIABILITY.md
            case CRASH -> crash();
            case DAY_PASSES -> passDay();
            case IDS_RESET_FAR -> resetIds(1);
            case IDS_RESET_NEAR -> resetIds(Math.max(0, nextId - 50));
        }
    }

    private Trade next(int connection) {
        if (positions[connection] == issued.size()) {
            clockMs += 1_000;
            issued.add(new Trade(nextId, clockMs, sequence, "s" + sequence + "-" + nextId));
            nextId++;
            time.advance(Duration.ofSeconds(1));
        }
        return issued.get(positions[connection]++);
    }

    private void deliver(int connection) throws IOException {
        Trade trade = next(connection);
        if (firstDelivered < 0 && trade.sequence == sequence) {
            firstDelivered = positions[connection] - 1;
        }
        offer(trade, connection);
    }

    private void offer(Trade trade, int connection) throws IOException {
        arbiter.offer(event(trade), connection, "connection");
        boolean kept =
                stored.getOrDefault(trade.id, Set.of()).contains(trade.payload) || keptApart.contains(trade.payload);
        if (!kept) {
            throw new Violation(trade + " was delivered, and is neither stored nor kept apart");
        }
    }

    private void forge(long id) throws IOException {
        long before = arbiter.highest();
        offer(new Trade(id, clockMs, sequence, "forged-" + id), A);
        boolean follows = id > before && id - before <= SequenceTracker.ORDINARY_GAP;
        if (before >= 0 && id != before && !follows && arbiter.highest() == id) {
            throw new Violation("a single forged id is believed: " + id + " after " + before);
        }
    }

    private void contradict() throws IOException {
        if (!issued.isEmpty()) {
            Trade last = issued.get(issued.size() - 1);
            offer(new Trade(last.id, last.timeMs, sequence, "other-" + last.id), A);
        }
    }

    /** Three trades in a row from before everything that is recorded. */
    private void repeatOldTrades() throws IOException {
        for (int i = 0; i < 3 && !issued.isEmpty(); i++) {
            long id = nextId - 30_000 + i;
            if (id >= 0) {
                offer(new Trade(id, ManualTime.START_MS - 10 + i, sequence, "old-" + id), A);
            }
        }
    }

    private void failToWrite() {
        writeFails = true;
        try {
            arbiter.offer(event(next(A)), A, "connection");
        } catch (IOException e) {
            // The connection ends; the trade was not accepted.
        }
        writeFails = false;
    }

    private void fillFirstGap() throws IOException {
        List<Gap> gaps = arbiter.gaps();
        if (gaps.isEmpty()) {
            return;
        }
        IdRange ids = gaps.get(0).ids();
        for (Trade trade : issued) {
            if (trade.sequence == sequence && trade.id >= ids.first() && trade.id <= ids.last()) {
                arbiter.offerBackfilled(event(trade));
            }
        }
    }

    private void report(long offBy) {
        if (!issued.isEmpty()) {
            arbiter.exchangeHas(Math.max(0, issued.get(issued.size() - 1).id + offBy), clockMs);
        }
    }

    private void pack(boolean damaged) {
        List<Line> lines = unpacked;
        unpacked = new ArrayList<>();
        for (Origin origin : Origin.values()) {
            List<Line> ofOrigin = new ArrayList<>(
                    lines.stream().filter(line -> line.origin == origin).toList());
            if (damaged && origin == Origin.STREAM && !ofOrigin.isEmpty()) {
                Trade lost = ofOrigin.remove(ofOrigin.size() - 1).trade;
                boolean twice = lines.stream()
                                .filter(line -> line.trade.payload.equals(lost.payload))
                                .count()
                        > 1;
                if (!twice) {
                    stored.getOrDefault(lost.id, new HashSet<>()).remove(lost.payload);
                }
                arbiter.lost(new IdRange(lost.id, lost.id));
            }
            if (!ofOrigin.isEmpty()) {
                pack(origin, ofOrigin);
            }
        }
    }

    private void pack(Origin origin, List<Line> lines) {
        PartTally tally = new PartTally();
        lines.forEach(line -> tally.add(line.trade.id, line.trade.timeMs, 1));
        PartChain.Step step = chain.step(spool, origin, tally, checkpoint, -1);
        PartName name = new PartName(new InstanceId("local-001"), origin, clockMs + parts++);
        Manifest manifest = new Manifest(
                new Manifest.Source("binance", "trade", SYMBOL, name.instance()),
                new Manifest.Payload("key-" + name, tally.summary(), 1, Sha256.of(new byte[0])),
                clockMs,
                new Manifest.Quality(step.missing(), 0, 0, 0, RotatedBy.TIME, origin, step.resetAt()),
                null,
                new Manifest.Software("test", "17"));
        Checkpoint next = chain.after(name, manifest, step, checkpoint);
        chain.keep(spool, step);
        checkpoint = next == null ? checkpoint : next;
    }

    private void crash() {
        tracker = newTracker.get();
        arbiter = new LineArbiter(SYMBOL, this, LIMITS, time, METRICS, tracker);
        chain = new PartChain(time, newTracker);
        Checkpoint last = checkpoint;
        if (last == null) {
            firstDelivered = -1; // the record begins with what is not packed yet
        }
        if (last != null) {
            arbiter.resume(last.highestId(), last.highestTimeMs(), last.missing(), last.ahead());
        }
        unpacked.forEach(line -> arbiter.resumeTrade(line.origin, line.trade.id, line.trade.timeMs));
        reconnect();
    }

    private void reconnect() {
        positions[A] = issued.size();
        positions[B] = issued.size();
    }

    /** The exchange ends every connection after 24 hours. */
    private void passDay() {
        reconnect();
        clockMs += Duration.ofHours(26).toMillis();
        time.advance(Duration.ofHours(26));
        arbiter.gaps().forEach(gap -> arbiter.markUnrecoverable(gap.ids(), "backfill has ended"));
    }

    private void resetIds(long id) {
        nextId = id;
        sequence++;
        firstDelivered = -1;
    }

    /** The faults end: both connections deliver, REST tells the truth, gaps are filled, everything is packed. */
    private void settle() throws IOException {
        for (int round = 0; round < 8; round++) {
            deliver(A);
            while (positions[B] < issued.size()) {
                deliver(B);
            }
            while (positions[A] < issued.size()) {
                deliver(A);
            }
            report(0);
            for (int i = arbiter.gaps().size(); i > 0; i--) {
                fillFirstGap();
            }
            pack(false);
        }
    }

    /** A false id within an ordinary gap may still be believed: the market fills that gap as it advances. */
    private void check() {
        long last = issued.get(issued.size() - 1).id;
        if (arbiter.highest() < last || arbiter.highest() > last + SequenceTracker.ORDINARY_GAP) {
            throw new Violation(
                    "the highest id is believed to be " + arbiter.highest() + ", the exchange is at " + last);
        }
        checkClaims("arbiter", tracker.highest(), tracker.gaps(), last);
        Checkpoint end = checkpoint;
        if (end != null) {
            checkClaims("checkpoint", end.highestId(), end.missing(), last);
        }
    }

    private void checkClaims(String who, long highest, List<Gap> gaps, long last) {
        if (highest > last + SequenceTracker.ORDINARY_GAP) {
            throw new Violation(who + " believes in " + highest + ", the exchange is at " + last);
        }
        long count = gaps.stream().mapToLong(gap -> gap.ids().count()).sum();
        if (count > MOST_MISSING) {
            throw new Violation(who + " believes that " + count + " trades are missing: " + gaps);
        }
        for (Trade trade : issued.subList(Math.max(0, firstDelivered), issued.size())) {
            boolean claimed = trade.sequence == sequence && trade.id <= highest;
            boolean missing = gaps.stream()
                    .anyMatch(gap -> trade.id >= gap.ids().first()
                            && trade.id <= gap.ids().last());
            if (claimed
                    && !missing
                    && stored.getOrDefault(trade.id, Set.of()).isEmpty()
                    && !keptApart.contains(trade.payload)) {
                throw new Violation(who + " claims " + trade + ", which was never written; its gaps are " + gaps);
            }
        }
    }

    private static TradeEvent event(Trade trade) {
        byte[] bytes = trade.payload.getBytes(StandardCharsets.US_ASCII);
        ValueSpans spans = new ValueSpans();
        spans.set(ValueSpans.PRICE, 0, bytes.length);
        return new TradeEvent(SYMBOL, trade.id, trade.timeMs, 0, bytes, 0, bytes.length, spans);
    }

    private void write(TradeEvent event, Origin origin) throws IOException {
        if (writeFails) {
            throw new IOException("full");
        }
        Trade trade = new Trade(event.id(), event.tradeTimeMs(), sequence, event.json());
        stored.computeIfAbsent(trade.id, id -> new HashSet<>()).add(trade.payload);
        unpacked.add(new Line(trade, origin));
    }

    @Override
    public void accept(TradeEvent trade) throws IOException {
        write(trade, Origin.STREAM);
    }

    @Override
    public void acceptBackfilled(TradeEvent trade) throws IOException {
        write(trade, Origin.REST);
    }

    @Override
    public void duplicate(Symbol symbol) {}

    @Override
    public void unparsed(String connection, byte[] bytes, int offset, int length, String reason) {
        keptApart.add(new String(bytes, offset, length, StandardCharsets.US_ASCII));
    }
}
