package io.marketdata.collector.read;

import io.marketdata.collector.model.PartName;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.spool.SpoolFile.Kind;
import io.marketdata.collector.spool.SpoolFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads the parts of one symbol in the spool of a running collector. Takes no lock and writes nothing. A part that grows is
 * kept open for reading until its name says that it is sealed: on POSIX systems what was opened can be read to its end
 * even if it is renamed or deleted meanwhile. A part that is created and uploaded between two checks is not seen.
 */
public final class SpoolTail implements Tail {

    /** Files that are kept open at most; a collector has fewer. */
    private static final int MOST_OPEN = 64;

    private static final long MINUTE_MS = 60_000;

    private final SpoolFolder folder;
    private final NewTrades trades;
    private final long fromMs;
    private final Map<PartName, Growing> open = new TreeMap<>();

    /** Parts that were read to their end and are still there. */
    private final Set<PartName> done = new HashSet<>();

    /** A part that is read while it grows. */
    private record Growing(InputStream in, PartLines lines) {}

    /** @param localDir the collector's {@code LOCAL_DIR} */
    public SpoolTail(Path localDir, NewTrades trades) {
        this.folder = SpoolFolder.of(localDir, trades.symbol());
        this.trades = trades;
        this.fromMs = trades.sinceMs() - trades.sinceMs() % MINUTE_MS;
    }

    @Override
    public void check() throws IOException {
        Map<PartName, Kind> found = new TreeMap<>();
        folder.forEach(file -> {
            PartName name = file.part();
            if (name != null && file.isBacklog() && (file.kind() == Kind.OPEN || name.epochMs() >= fromMs)) {
                found.merge(name, file.kind(), (a, b) -> a.compareTo(b) < 0 ? a : b);
            }
        });
        try {
            for (PartName name : List.copyOf(open.keySet())) {
                readOn(name, found.get(name) != Kind.OPEN);
            }
            for (PartName name : found.keySet()) {
                if (!open.containsKey(name) && !done.contains(name) && open.size() < MOST_OPEN) {
                    begin(name);
                }
            }
        } finally {
            trades.handOver();
        }
        done.retainAll(found.keySet());
    }

    /** Reads a part in the first of its states that is still there. */
    private void begin(PartName name) throws IOException {
        for (PartState state : List.of(PartState.OPEN, PartState.SEALED, PartState.PACKED)) {
            Optional<InputStream> in = folder.open(state.fileName(name));
            if (in.isEmpty()) {
                continue;
            }
            if (state == PartState.PACKED) {
                trades.readGzip(state.fileName(name), in.get());
                done.add(name);
            } else {
                open.put(name, new Growing(in.get(), new PartLines(Long.MAX_VALUE)));
                readOn(name, state == PartState.SEALED);
            }
            return;
        }
    }

    /** @param isWhole whether it no longer grows */
    private void readOn(PartName name, boolean isWhole) throws IOException {
        Growing part = open.get(name);
        if (part == null) {
            return;
        }
        boolean failed = false;
        try {
            trades.read(name.toString(), part.lines(), part.in());
        } catch (IOException e) {
            trades.leaveOut(name.toString(), e);
            failed = true;
        }
        if (isWhole || failed) {
            open.remove(name);
            done.add(name);
            part.in().close();
        }
    }

    @Override
    public String describe() {
        return folder.directory().toString();
    }
}
