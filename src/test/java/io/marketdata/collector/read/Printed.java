package io.marketdata.collector.read;

import java.util.ArrayList;
import java.util.List;

/** Keeps what a reader of trades prints. */
final class Printed implements Output {

    final List<Long> ids = new ArrayList<>();
    final List<String> lines = new ArrayList<>();
    final List<String> notes = new ArrayList<>();
    boolean closed;

    @Override
    public void trades(List<StoredTrade> trades) {
        trades.forEach(trade -> {
            ids.add(trade.id());
            lines.add(trade.line() + "\n");
        });
    }

    @Override
    public void leftOut(String text, boolean isWholePart) {
        notes.add((isWholePart ? "part: " : "lines: ") + text);
    }

    @Override
    public boolean isClosed() {
        return closed;
    }
}
