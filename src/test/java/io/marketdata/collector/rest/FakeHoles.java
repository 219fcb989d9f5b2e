package io.marketdata.collector.rest;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Missing ids, as a list of holes. */
final class FakeHoles implements Holes {

    final List<TradeEvent> offered = new ArrayList<>();
    final List<String> lost = new ArrayList<>();
    final List<String> reasons = new ArrayList<>();
    IOException fault;
    boolean stubborn;
    private List<Hole> holes = new ArrayList<>();

    void open(Symbol symbol, long first, long last, long sinceNanos) {
        holes.add(new Hole(symbol, new IdRange(first, last), sinceNanos));
    }

    /** A link brought a trade, or more. */
    void fill(Symbol symbol, long first, long last) {
        List<Hole> now = new ArrayList<>();
        for (Hole hole : holes) {
            IdRange ids = hole.ids();
            if (!hole.symbol().equals(symbol) || last < ids.first() || first > ids.last()) {
                now.add(hole);
                continue;
            }
            if (ids.first() < first) {
                now.add(new Hole(symbol, new IdRange(ids.first(), first - 1), hole.sinceNanos()));
            }
            if (ids.last() > last) {
                now.add(new Hole(symbol, new IdRange(last + 1, ids.last()), hole.sinceNanos()));
            }
        }
        holes = now;
    }

    @Override
    public List<Hole> open() {
        return holes.stream().sorted(Comparator.comparingLong(Hole::sinceNanos)).toList();
    }

    @Override
    public boolean accept(TradeEvent trade) throws IOException {
        if (fault != null) {
            throw fault;
        }
        offered.add(trade);
        boolean missing = holes.stream()
                .anyMatch(hole -> hole.symbol().equals(trade.symbol())
                        && hole.ids().first() <= trade.id()
                        && hole.ids().last() >= trade.id());
        if (!stubborn) {
            fill(trade.symbol(), trade.id(), trade.id());
        }
        return missing;
    }

    @Override
    public void lost(Symbol symbol, IdRange ids, String reason) {
        lost.add(symbol + " " + ids.first() + ".." + ids.last());
        reasons.add(reason);
        fill(symbol, ids.first(), ids.last());
    }

    List<Long> offeredIds() {
        return offered.stream().map(TradeEvent::id).toList();
    }
}
