package io.marketdata.collector.upload;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.testkit.ModelDisk;
import io.marketdata.collector.testkit.ModelDisk.Loss;
import io.marketdata.collector.testkit.PassThroughDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * Checks the spool's promises exhaustively: {@link CrashModel} crashes the collector at every moment of {@link
 * CrashLife#record}, and again at every moment of the recovery.
 *
 * <p>The other tests are ablations: each leaves out one step, and states which loss shows that the step is needed. A
 * model that did not detect that would prove nothing.
 */
@Tag("long")
class CrashModelTest {

    private static final CrashModel.Protocol AS_IT_IS = new CrashModel.Protocol() {};

    /**
     * Every kill and every power loss, each followed by another one during recovery. The bounds are far below the real
     * numbers, and fail if the search becomes empty.
     */
    @Test
    void noCrashAndNoSecondCrashDuringRecoveryBreaksAPromise(TestReporter reporter) throws IOException {
        CrashModel model = new CrashModel(AS_IT_IS, 10).crashTwice(Loss.POWER_ANY);

        reporter.publishEntry(Map.of(
                "moments", String.valueOf(model.moments()),
                "crashes", String.valueOf(model.crashes()),
                "states", String.valueOf(model.states())));
        assertThat(model.violations()).isEmpty();
        assertThat(model.moments()).isGreaterThan(150);
        assertThat(model.crashes()).isGreaterThan(100_000);
        assertThat(model.states()).isGreaterThan(20_000);
    }

    @Test
    void withoutDirectoryFlushAfterCreateAFlushedTradeIsLost() throws IOException {
        needed(Loss.POWER_ORDERED, disk -> withoutSyncOfDirectory(disk, "OpenPart.sync"));
    }

    @Test
    void withoutFlushEverySecondAFlushedTradeIsLost() throws IOException {
        needed(Loss.POWER_ORDERED, disk -> withoutSyncOf(disk, name -> isCalledBy("RotatingWriter.sync")));
    }

    @Test
    void withoutFlushOfThePackedFileItsTradesAreLost() throws IOException {
        needed(Loss.POWER_ORDERED, disk -> withoutSyncOf(disk, name -> name.endsWith(".jsonl.gz.tmp")));
    }

    /** Journals keep the order of names, so only {@link Loss#POWER_ANY} shows it. */
    @Test
    void withoutDirectoryFlushBeforeDeletingTheSealedFileTradesAreLost() throws IOException {
        needed(Loss.POWER_ANY, disk -> new PassThroughDisk(disk) {
            @Override
            public void syncDirectory(Path directory) throws IOException {
                if (!isCalledBy("Spool.finishPacking") && !isCalledBy("Spool.deleteSealed")) {
                    super.syncDirectory(directory);
                }
            }
        });
    }

    /** Then the next start does not know which trades it missed, and they stay missing. */
    @Test
    void withoutFlushOfTheCheckpointTheNextStartKnowsNothing() throws IOException {
        needed(Loss.POWER_ORDERED, disk -> withoutSyncOf(disk, name -> name.equals(".checkpoint.tmp")));
    }

    @Test
    void withoutFlushOfQuarantinedBytesTheyAreLost() throws IOException {
        needed(Loss.POWER_ORDERED, disk -> withoutSyncOf(disk, name -> name.endsWith(".bad")));
    }

    @Test
    void withoutTidyingAtStartLeftoversStayIndefinitely() throws IOException {
        needed(Loss.KILL, disk -> new PassThroughDisk(disk) {
            @Override
            public void delete(Path file) throws IOException {
                if (!isCalledBy("Spool.tidy")) {
                    super.delete(file);
                }
            }
        });
    }

    /** Packed from the page cache after a kill, then shrunk by a power loss; so it takes two crashes to show it. */
    @Test
    void withoutFlushOfALeftoverTheSealedFileShrinks() throws IOException {
        CrashModel.Protocol protocol = onDisk(disk -> new PassThroughDisk(disk) {
            @Override
            public void sync(Path file) {}
        });
        assertThat(new CrashModel(protocol, 1).crashTwice(Loss.POWER_ORDERED).violations())
                .isNotEmpty();
    }

    @Test
    void manifestPutBeforeItsPartDescribesNothing() throws IOException {
        needed(Loss.KILL, new CrashModel.Protocol() {
            @Override
            public ObjectStore store(CrashBucket bucket, FileOps disk) {
                return new ManifestFirst(bucket);
            }
        });
    }

    @Test
    void partDeletedBeforeItsPutIsLost() throws IOException {
        CrashModel.Protocol protocol = new CrashModel.Protocol() {
            @Override
            public ObjectStore store(CrashBucket bucket, FileOps disk) {
                return new Puts(bucket) {
                    @Override
                    PutOutcome put(String key, byte[] body, ContentType type) throws StoreException {
                        try {
                            deleteLocal(disk, key);
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                        return to(key, body, type);
                    }
                };
            }
        };
        assertThat(new CrashModel(protocol, 1_000).crashOnce(Loss.KILL).violations())
                .anyMatch(violation -> violation.contains("lost ids"));
    }

    /** Whether a manifest is in an index does not depend on when the collector ended. */
    @Test
    void partDeletedBeforeItsManifestIsAppendedIsInNoIndex() throws IOException {
        CrashModel.Protocol protocol = onDisk(disk -> new PassThroughDisk(disk) {
            @Override
            public AppendFile append(Path file) throws IOException {
                return new Appending(super.append(file)) {
                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        String manifest = new String(bytes, offset, length, StandardCharsets.UTF_8);
                        deleteLocal(disk, manifest.replaceAll("(?s).*\"s3_key\":\"([^\"]+)\".*", "$1"));
                        super.write(bytes, offset, length);
                    }
                };
            }
        });
        assertThat(new CrashModel(protocol, 1_000).crashOnce(Loss.KILL).violations())
                .anyMatch(violation -> violation.contains("is in no index"));
    }

    @Test
    void withoutFlushOfTheManifestsTheyAreInNoIndex() throws IOException {
        needed(Loss.POWER_ORDERED, disk -> withoutSyncOf(disk, name -> name.startsWith("index-")));
    }

    @Test
    void withoutDirectoryFlushBeforeDeletingThePartItsManifestIsInNoIndex() throws IOException {
        needed(Loss.POWER_ANY, disk -> withoutSyncOfDirectory(disk, "ManifestLog.write"));
    }

    @Test
    void withoutDirectoryFlushAfterSealingManifestsTheNextFileReplacesThem() throws IOException {
        needed(Loss.POWER_ANY, disk -> withoutSyncOfDirectory(disk, "ManifestLog.seal"));
    }

    /** Cutting is enough after a kill; after a power loss zeros and gaps precede complete lines. */
    @Test
    void cuttingLeftoversAtTheLastLineFeedOnlyUploadsLinesThatAreNotTrades() throws IOException {
        CrashModel model = new CrashModel(AS_IT_IS, 1);
        assertThat(model.mayLeave(Loss.KILL, CrashModelTest::hasWholeLinesThatAreNoTrades))
                .isFalse();
        assertThat(model.mayLeave(Loss.POWER_ORDERED, CrashModelTest::hasWholeLinesThatAreNoTrades))
                .isTrue();
    }

    private static boolean hasWholeLinesThatAreNoTrades(ModelDisk disk) {
        return disk.files().entrySet().stream()
                .filter(file -> file.getKey().toString().matches(".*/part-.*\\.jsonl(\\.open)?"))
                .flatMap(file -> Stream.of(new String(file.getValue(), StandardCharsets.ISO_8859_1).split("(?<=\n)")))
                .anyMatch(line -> line.endsWith("\n") && !CrashLife.isTrade(line));
    }

    @Test
    void keyChosenAtPutTimeLeavesAnOrphan() throws IOException {
        needed(Loss.KILL, new CrashModel.Protocol() {
            @Override
            public ObjectStore store(CrashBucket bucket, FileOps disk) {
                return new KeysOfTheMoment(bucket);
            }
        });
    }

    private interface DiskWithout {
        FileOps over(FileOps disk);
    }

    private static CrashModel.Protocol onDisk(DiskWithout disk) {
        return new CrashModel.Protocol() {
            @Override
            public FileOps disk(ModelDisk model) {
                return disk.over(model);
            }
        };
    }

    private static void needed(Loss weakest, DiskWithout disk) throws IOException {
        needed(weakest, onDisk(disk));
    }

    /** Asserts that this is the weakest loss that shows the need for the step. */
    private static void needed(Loss weakest, CrashModel.Protocol protocol) throws IOException {
        assertThat(new CrashModel(protocol, 1).crashOnce(weakest).violations())
                .as("%s", weakest)
                .isNotEmpty();
        if (weakest != Loss.KILL) {
            Loss weaker = Loss.values()[weakest.ordinal() - 1];
            assertThat(new CrashModel(protocol, 1).crashOnce(weaker).violations())
                    .as("%s", weaker)
                    .isEmpty();
        }
    }

    /** Whether that method, {@code Class.method}, is among the callers. */
    private static boolean isCalledBy(String method) {
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(
                        frame -> (frame.getClassName() + "." + frame.getMethodName()).endsWith("." + method)));
    }

    private static FileOps withoutSyncOf(FileOps disk, Predicate<String> files) {
        return new PassThroughDisk(disk) {
            @Override
            public AppendFile create(Path file) throws IOException {
                return unless(file, super.create(file));
            }

            @Override
            public AppendFile append(Path file) throws IOException {
                return unless(file, super.append(file));
            }

            private AppendFile unless(Path file, AppendFile real) {
                return new Appending(real) {
                    @Override
                    public void sync() throws IOException {
                        if (!files.test(String.valueOf(file.getFileName()))) {
                            super.sync();
                        }
                    }
                };
            }
        };
    }

    private static FileOps withoutSyncOfDirectory(FileOps disk, String caller) {
        return new PassThroughDisk(disk) {
            @Override
            public void syncDirectory(Path directory) throws IOException {
                if (!isCalledBy(caller)) {
                    super.syncDirectory(directory);
                }
            }
        };
    }

    /** A file that delegates to another. */
    private abstract static class Appending implements FileOps.AppendFile {
        private final FileOps.AppendFile real;

        Appending(FileOps.AppendFile real) {
            this.real = real;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            real.write(bytes, offset, length);
        }

        @Override
        public void sync() throws IOException {
            real.sync();
        }

        @Override
        public void close() throws IOException {
            real.close();
        }
    }

    private static void deleteLocal(FileOps disk, String key) throws IOException {
        Path folder = CrashLife.HOME.resolve("exchange=binance/stream=trade/symbol=BTCUSDT");
        String file = key.substring(key.lastIndexOf('/') + 1);
        disk.delete(folder.resolve(file));
    }

    /** Puts in another way than the collector requests. */
    private abstract static class Puts implements ObjectStore {
        private final CrashBucket bucket;

        Puts(CrashBucket bucket) {
            this.bucket = bucket;
        }

        abstract PutOutcome put(String key, byte[] body, ContentType type) throws StoreException;

        PutOutcome to(String key, byte[] body, ContentType type) throws StoreException {
            return bucket.put(key, body, Sha256.of(body), type);
        }

        boolean isFree(String key) {
            return !bucket.holds(key);
        }

        @Override
        public PutOutcome put(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException {
            return put(key, body, type);
        }

        @Override
        public Optional<byte[]> get(String key, int maxBytes) {
            return bucket.get(key, maxBytes);
        }

        @Override
        public String describe() {
            return bucket.describe();
        }

        @Override
        public void close() {}
    }

    private static final class ManifestFirst extends Puts {
        private final Map<String, byte[]> held = new HashMap<>();

        ManifestFirst(CrashBucket bucket) {
            super(bucket);
        }

        @Override
        PutOutcome put(String key, byte[] body, ContentType type) throws StoreException {
            if (type == ContentType.GZIP && isFree(key)) {
                held.put(key, body);
                return PutOutcome.STORED;
            }
            PutOutcome outcome = to(key, body, type);
            for (Map.Entry<String, byte[]> part : held.entrySet()) {
                to(part.getKey(), part.getValue(), ContentType.GZIP);
            }
            held.clear();
            return outcome;
        }
    }

    /** A part's key counts the earlier puts; the manifest follows it. */
    private static final class KeysOfTheMoment extends Puts {
        private String asked = "";
        private String made = "";

        KeysOfTheMoment(CrashBucket bucket) {
            super(bucket);
        }

        @Override
        PutOutcome put(String key, byte[] body, ContentType type) throws StoreException {
            if (type == ContentType.GZIP) {
                asked = key;
                made = Stream.iterate(1, n -> n + 1)
                        .map(n -> key.replace(".jsonl.gz", "-put" + n + ".jsonl.gz"))
                        .filter(this::isFree)
                        .findFirst()
                        .orElseThrow();
                return to(made, body, type);
            }
            String json = new String(body, StandardCharsets.UTF_8).replace(asked, made);
            String manifestKey = made.replace("/part-", "/manifest-").replace(".jsonl.gz", ".json");
            return to(manifestKey, json.getBytes(StandardCharsets.UTF_8), type);
        }
    }
}
