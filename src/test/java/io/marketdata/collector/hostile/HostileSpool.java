package io.marketdata.collector.hostile;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Time;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.spool.SpoolFolder;
import io.marketdata.collector.spool.SpoolRefusedException;
import io.marketdata.collector.spool.SpoolSweep;
import io.marketdata.collector.testkit.MemoryStore;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.testkit.Uploads;
import io.marketdata.collector.upload.SpoolCheck;
import io.marketdata.collector.upload.UploadMetrics;
import io.marketdata.collector.upload.Uploader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A spool whose files another process has changed. */
final class HostileSpool {

    private static final PartName PART =
            PartName.parse("part-local-001-1736950336000").orElseThrow();

    private final Path localDir;
    private final String manifest;

    HostileSpool(Path localDir, String manifest) {
        this.localDir = localDir;
        this.manifest = manifest;
    }

    private Path directory() throws IOException {
        return Files.createDirectories(
                localDir.resolve("exchange=binance").resolve("stream=trade").resolve("symbol=" + Trades.BTCUSDT));
    }

    /** The start of a collector that finds these lines in a sealed part, and packs and uploads them. */
    void sealed(byte[] input) throws IOException {
        Files.write(directory().resolve(PART + ".jsonl"), input);
        start();
    }

    /** The same with a packed part. */
    void packed(byte[] input) throws IOException {
        Files.write(directory().resolve(PART + ".jsonl.gz"), input);
        Files.write(directory().resolve(PART.manifestFileName()), manifest.getBytes(StandardCharsets.UTF_8));
        start();
    }

    /** A file of 10 GB that takes no space, and a pipe without a writer, under each name that is read. */
    void oddFiles() throws IOException {
        for (String name : List.of(
                PART + ".jsonl",
                PART + ".jsonl.open",
                PART + ".jsonl.gz",
                PART.manifestFileName(),
                ".checkpoint",
                ".lock")) {
            Path file = directory().resolve(name);
            try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
                sparse.setLength(10L << 30);
            }
            startOrRefuse();
            Process pipe = new ProcessBuilder("mkfifo", file.toString()).start();
            if (pipe.onExit().join().exitValue() == 0) {
                startOrRefuse();
            }
            clear();
        }
    }

    /** A symlink, a device or a pipe in place of a file is refused. */
    private void startOrRefuse() throws IOException {
        checkAll();
        try {
            start();
        } catch (SpoolRefusedException e) {
            clear();
        }
    }

    private void checkAll() throws IOException {
        for (SpoolFolder folder : SpoolFolder.below(localDir)) {
            new SpoolCheck(finding -> {}).run(folder);
        }
    }

    private void start() throws IOException {
        Uploader uploader = Uploads.uploader(new MemoryStore(), Time.SYSTEM, new UploadMetrics(new Metrics()));
        try (Spool spool = Spool.open(new LocalDisk(), localDir, Trades.BTCUSDT)) {
            uploader.recorded(spool);
            uploader.recordedSince(spool, (origin, id, timeMs) -> {});
            new SpoolSweep(List.of(spool), uploader::offer, uploader::offerPacked).run();
            uploader.packNext();
            uploader.uploadNext();
        } finally {
            clear();
        }
    }

    /** What {@code spool check} says about files with this content. */
    void check(byte[] input) throws IOException {
        for (String name : List.of(PART + ".jsonl.open", PART + ".jsonl.gz", PART.manifestFileName(), ".checkpoint")) {
            Files.write(directory().resolve(name), input);
        }
        try {
            checkAll();
        } finally {
            clear();
        }
    }

    private void clear() throws IOException {
        try (Stream<Path> files = Files.walk(directory())) {
            for (Path file : files.filter(file -> !Files.isDirectory(file)).toList()) {
                Files.delete(file);
            }
        }
    }
}
