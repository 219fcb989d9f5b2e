package io.marketdata.collector.collect;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.marketdata.collector.config.Settings;
import io.marketdata.collector.feed.FrameReader;
import io.marketdata.collector.feed.TradeSink;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.model.TradeEvent;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.RotatingWriter;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.spool.SpoolSweep;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.UnparsedObject;
import io.marketdata.collector.upload.Uploader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Turns frames that an earlier version did not understand into parts, also while a collector runs: with a spool of its own
 * below the collector's. Reads the objects of {@code unparsed/} and changes none of them. One thread.
 *
 * <p>Parts are cut by the trades alone, not by a clock, so a second run over the same objects makes the same parts, which
 * the bucket recognises.
 */
public final class Reparse {

    /** Parts on the disk at which reading waits for uploads. */
    private static final int MOST_PARTS = 200;

    /** Trades remembered, because each connection has delivered its own copy. */
    private static final int REMEMBERED = 100_000;

    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;
    private final FileOps disk;
    private final Time time;
    private final Consumer<String> out;
    private final Wiring wiring;
    private final Uploader uploader;
    private final FrameReader reader = new FrameReader();
    private final Map<Symbol, Spool> spools = new TreeMap<>();
    private final Map<Symbol, RotatingWriter> writers = new TreeMap<>();
    private final Map<Sha256, Boolean> written = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Sha256, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };

    private final Map<Symbol, Long> recovered = new TreeMap<>();
    private final List<String> unreadable = new ArrayList<>();
    private int objects;
    private long frames;
    private long repeated;
    private long contradicting;
    private long others;
    private long unknown;
    private long damagedLines;

    /** @param out takes lines about the progress, for people */
    public Reparse(Settings settings, ObjectStore store, FileOps disk, Time time, Consumer<String> out) {
        this.directory = settings.spool().directory().resolve(Spool.REPARSE);
        this.disk = disk;
        this.time = time;
        this.out = out;
        this.wiring = new Wiring(settings, time);
        this.uploader = wiring.uploader(store);
    }

    /**
     * Reads every object and uploads the parts, or until the stop; parts that are not uploaded by then stay in the
     * spool for the next run.
     *
     * @throws FileOps.LockedException if another run uses the spool
     */
    public void run(List<UnparsedObject> found, SpoolUpload.Stop stop) throws IOException, InterruptedException {
        try {
            for (SpoolFolder folder : SpoolFolder.below(directory)) {
                open(folder.symbol());
            }
            read(found, stop);
            for (RotatingWriter writer : writers.values()) {
                writer.close();
            }
            uploadDownTo(0, stop);
        } finally {
            for (Spool spool : spools.values()) {
                spool.close();
            }
        }
    }

    private void read(List<UnparsedObject> found, SpoolUpload.Stop stop) throws IOException, InterruptedException {
        long reportedNanos = time.nanoTime();
        for (UnparsedObject object : found) {
            if (stop.await(Duration.ZERO)) {
                return;
            }
            read(object);
            uploadDownTo(MOST_PARTS, stop);
            if (time.nanoTime() - reportedNanos >= REPORT_NANOS) {
                reportedNanos = time.nanoTime();
                out.accept("Read " + objects + " of " + LogText.count(found.size(), "object") + ", "
                        + LogText.count(frames, "frame") + ", " + LogText.count(trades(), "trade") + " recovered");
            }
        }
    }

    private void read(UnparsedObject object) throws IOException {
        UnparsedObject.Content content;
        try {
            content = object.read(this::frame);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        damagedLines += content.damagedLines();
        if (content.fault().isEmpty()) {
            objects++;
        } else {
            unreadable.add(object.file() + ": " + content.fault());
        }
    }

    private void frame(UnparsedObject.Frame frame) {
        frames++;
        if (frame.reason().equals(TradeSink.OTHER_PAYLOAD)) {
            contradicting++;
            return;
        }
        switch (reader.read(frame.bytes(), frame.receivedMicros())) {
            case TRADE -> {
                try {
                    trade(reader.trade());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            case OTHER -> others++;
            case UNKNOWN -> unknown++;
        }
    }

    private void trade(TradeEvent trade) throws IOException {
        Sha256 payload = payload(trade);
        if (written.containsKey(payload)) {
            repeated++;
            return;
        }
        RotatingWriter writer = open(trade.symbol());
        writer.append(trade);
        writer.sealAbove(0);
        written.put(payload, true);
        recovered.merge(trade.symbol(), 1L, Long::sum);
    }

    /** Digest of all members but {@code E}, which may differ between connections. */
    private static Sha256 payload(TradeEvent trade) throws IOException {
        ObjectNode event = (ObjectNode) JSON.readTree(trade.json());
        event.remove("E");
        return Sha256.of(event.toString().getBytes(StandardCharsets.UTF_8));
    }

    private RotatingWriter open(Symbol symbol) throws IOException {
        RotatingWriter existing = writers.get(symbol);
        if (existing != null) {
            return existing;
        }
        Spool spool = Spool.open(disk, directory, symbol);
        spools.put(symbol, spool);
        // The parts of two runs have nothing to do with each other, so no manifest may call what lies between missing.
        spool.forgetPacked();
        new SpoolSweep(List.of(spool), uploader::offer, uploader::offerPacked).run();
        RotatingWriter writer = wiring.writer(spool, Origin.STREAM, uploader::offer);
        writers.put(symbol, writer);
        return writer;
    }

    private void uploadDownTo(int parts, SpoolUpload.Stop stop) throws InterruptedException {
        while (uploadOne()) {
            // as long as there is something to do
        }
        while (uploader.backlog() > parts && !stop.await(Duration.ZERO)) {
            uploader.workOrAwait(this::uploadOne, () -> {}, IDLE_NANOS);
        }
    }

    private boolean uploadOne() {
        boolean packed = uploader.packNext();
        return uploader.uploadNext() || packed;
    }

    /** Number of trades written, each once. */
    public long trades() {
        return recovered.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Number of frames that this version does not understand either. */
    public long unknown() {
        return unknown;
    }

    /** Objects that could not be read to their end, with the reason. */
    public List<String> unreadable() {
        return List.copyOf(unreadable);
    }

    /** Number of objects read. */
    public int objects() {
        return objects;
    }

    /** Number of parts that the store has not confirmed. */
    public int waitingParts() {
        return uploader.backlog();
    }

    /** What was found, in one line for people. */
    public String summary() {
        StringBuilder text = new StringBuilder("Read " + LogText.count(objects, "object") + " with "
                + LogText.count(frames, "frame") + ": " + LogText.count(trades(), "trade") + " recovered");
        String before = " (";
        for (Map.Entry<Symbol, Long> symbol : recovered.entrySet()) {
            text.append(before).append(symbol.getKey()).append(' ').append(symbol.getValue());
            before = ", ";
        }
        text.append(recovered.isEmpty() ? "" : ")");
        return text + ", " + repeated + " repeated by another connection, " + contradicting
                + " contradicting a recorded trade, " + others + " not trades, " + unknown
                + " still not understood; " + LogText.count(damagedLines, "line") + " torn or damaged";
    }
}
