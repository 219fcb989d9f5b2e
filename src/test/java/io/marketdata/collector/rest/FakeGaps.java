package io.marketdata.collector.rest;

import io.marketdata.collector.model.IdRange;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.TradeEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Missing ids, as a list of gaps. */
final class FakeGaps implements Gaps {

    final List<TradeEvent> offered = new ArrayList<>();
    final List<String> lost = new ArrayList<>();
    final List<String> reasons = new ArrayList<>();
    IOException fault;
    boolean stubborn;
    final Map<Long, String> recorded = new HashMap<>();
    private List<Gap> gaps = new ArrayList<>();

    void open(Symbol symbol, long first, long last, long sinceNanos) {
        gaps.add(new Gap(symbol, new IdRange(first, last), sinceNanos));
    }

    /** A connection delivered these trades. */
    void fill(Symbol symbol, long first, long last) {
        List<Gap> now = new ArrayList<>();
        for (Gap gap : gaps) {
            IdRange ids = gap.ids();
            if (!gap.symbol().equals(symbol) || last < ids.first() || first > ids.last()) {
                now.add(gap);
                continue;
            }
            if (ids.first() < first) {
                now.add(new Gap(symbol, new IdRange(ids.first(), first - 1), gap.sinceNanos()));
            }
            if (ids.last() > last) {
                now.add(new Gap(symbol, new IdRange(last + 1, ids.last()), gap.sinceNanos()));
            }
        }
        gaps = now;
    }

    @Override
    public List<Gap> open() {
        return gaps.stream().sorted(Comparator.comparingLong(Gap::sinceNanos)).toList();
    }

    @Override
    public boolean contradicts(TradeEvent trade) {
        return recorded.containsKey(trade.id()) && !recorded.get(trade.id()).equals(trade.json());
    }

    @Override
    public boolean accept(TradeEvent trade) throws IOException {
        if (fault != null) {
            throw fault;
        }
        offered.add(trade);
        boolean missing = gaps.stream()
                .anyMatch(gap -> gap.symbol().equals(trade.symbol())
                        && gap.ids().first() <= trade.id()
                        && gap.ids().last() >= trade.id());
        if (!stubborn) {
            fill(trade.symbol(), trade.id(), trade.id());
        }
        return missing;
    }

    @Override
    public void markUnrecoverable(Symbol symbol, IdRange ids, String reason) {
        lost.add(symbol + " " + ids.first() + ".." + ids.last());
        reasons.add(reason);
        fill(symbol, ids.first(), ids.last());
    }

    List<Long> offeredIds() {
        return offered.stream().map(TradeEvent::id).toList();
    }
}
