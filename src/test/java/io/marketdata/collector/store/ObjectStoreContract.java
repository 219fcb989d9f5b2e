package io.marketdata.collector.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.upload.Listing;
import io.marketdata.collector.upload.Listing.StoredObject;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.ObjectStore.ContentType;
import io.marketdata.collector.upload.ObjectStore.PutOutcome;
import io.marketdata.collector.upload.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Assertions that every bucket must pass. */
abstract class ObjectStoreContract {

    private static final String FOLDER = "raw/exchange=binance/stream=trade/symbol=BTCUSDT/dt=2025-01-15/14/12/";

    /** The store under test. */
    abstract ObjectStore store();

    /** Reads an object without the store under test. */
    abstract byte[] read(String key) throws Exception;

    @Test
    void putStoresTheExactBytes() throws Exception {
        byte[] body = bytes("a part");

        assertThat(put("part-a-1.jsonl.gz", body)).isEqualTo(PutOutcome.STORED);

        assertThat(read(FOLDER + "part-a-1.jsonl.gz")).isEqualTo(body);
    }

    @Test
    void repeatedPutFindsItsOwnObject() throws Exception {
        byte[] body = bytes("a part");
        put("part-a-2.jsonl.gz", body);

        assertThat(put("part-a-2.jsonl.gz", body)).isEqualTo(PutOutcome.ALREADY_STORED);
    }

    @Test
    void putUnderATakenNameChangesNothing() throws Exception {
        put("part-a-3.jsonl.gz", bytes("the first"));

        assertThat(put("part-a-3.jsonl.gz", bytes("the second"))).isEqualTo(PutOutcome.NAME_TAKEN);

        assertThat(read(FOLDER + "part-a-3.jsonl.gz")).isEqualTo(bytes("the first"));
    }

    @Test
    void derivedObjectIsReplaced() throws Exception {
        replaces("quality/exchange=binance/symbol=BTCUSDT/dt=2025-01-15/report.json");
        replaces("compact/_commits/exchange=binance/symbol=BTCUSDT/dt=2025-01-15/hour=14.json");
    }

    private void replaces(String key) throws Exception {
        for (String text : List.of("the first", "the second", "the second", "3")) {
            byte[] body = bytes(text);

            store().replace(key, body, Sha256.of(body), ContentType.JSON);

            assertThat(read(key)).isEqualTo(body);
        }
    }

    @Test
    void recordedObjectIsNeverReplaced() throws Exception {
        put("part-a-10.jsonl.gz", bytes("the first"));
        byte[] body = bytes("the second");
        for (String key : List.of(FOLDER, "compact/../" + FOLDER, "quality/./../" + FOLDER, "qualit/", "")) {
            assertThatThrownBy(
                            () -> store().replace(key + "part-a-10.jsonl.gz", body, Sha256.of(body), ContentType.GZIP))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("no other object may be replaced");
        }

        assertThat(read(FOLDER + "part-a-10.jsonl.gz")).isEqualTo(bytes("the first"));
    }

    @Test
    void objectIsReadBackUpToTheWantedBytes() throws Exception {
        byte[] body = bytes("a part");
        put("part-a-8.jsonl.gz", body);

        assertThat(store().get(FOLDER + "part-a-8.jsonl.gz", 100)).hasValue(body);
        assertThat(store().get(FOLDER + "part-a-8.jsonl.gz", body.length)).hasValue(body);
        assertThat(store().get(FOLDER + "part-a-8.jsonl.gz", 3)).hasValue(bytes("a p"));
        assertThat(store().get(FOLDER + "part-a-9.jsonl.gz", 3)).isEmpty();
    }

    @Test
    void twoMebibytesArriveComplete() throws Exception {
        byte[] body = new byte[2 << 20];
        new Random(1).nextBytes(body);

        put("part-a-4.jsonl.gz", body);

        assertThat(read(FOLDER + "part-a-4.jsonl.gz")).isEqualTo(body);
    }

    /** Whether the server compares the received bytes with the announced digest. */
    boolean checksDigests() {
        return true;
    }

    @Test
    void bytesThatDoNotMatchTheirDigestAreRefused() throws Exception {
        Assumptions.assumeTrue(checksDigests(), "this server compares no SHA-256");
        assertThatThrownBy(() -> store().put(
                                FOLDER + "part-a-5.jsonl.gz",
                                bytes("damaged on the way"),
                                Sha256.of(bytes("what was sent")),
                                ContentType.GZIP))
                .isInstanceOf(StoreException.class);
        assertThat(put("part-a-5.jsonl.gz", bytes("what was sent"))).isEqualTo(PutOutcome.STORED);
    }

    @Test
    void encodedSymbolIsPartOfTheKey() throws Exception {
        String key = "raw/exchange=binance/stream=trade/symbol=%E5%B8%81USDT/dt=2025-01-15/14/12/part-a-6.jsonl.gz";
        byte[] body = bytes("a part");

        store().put(key, body, Sha256.of(body), ContentType.GZIP);

        assertThat(read(key)).isEqualTo(body);
    }

    /** Whether the store itself refuses a second object of one name; S3_CONDITIONAL_PUT=check promises less. */
    boolean excludesOtherWriters() {
        return true;
    }

    @Test
    void oneOfManyConcurrentPutsWins() throws Exception {
        Assumptions.assumeTrue(excludesOtherWriters(), "this store does not know If-None-Match");
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<PutOutcome>> puts = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                byte[] body = bytes("writer " + i);
                puts.add(() -> put("part-a-7.jsonl.gz", body));
            }
            List<PutOutcome> outcomes = new ArrayList<>();
            for (Future<PutOutcome> put : threads.invokeAll(puts)) {
                outcomes.add(put.get());
            }

            assertThat(outcomes).filteredOn(PutOutcome.STORED::equals).hasSize(1);
            assertThat(outcomes).filteredOn(PutOutcome.NAME_TAKEN::equals).hasSize(7);
        } finally {
            threads.shutdown();
        }
    }

    /** Whether the server behind the store serves listings. */
    boolean lists() {
        return true;
    }

    @Test
    void keysOfAFolderAreListedInOrder() throws Exception {
        Assumptions.assumeTrue(lists(), "this stub serves no listings");
        String folder = "raw/exchange=binance/stream=trade/symbol=ETHUSDT/dt=2025-01-15/";
        byte[] body = bytes("a part");
        List<String> keys = List.of(folder + "14/12/part-a-2", folder + "14/13/part-a-1", folder + "14/13/part-a-3");
        for (String key : List.of(keys.get(2), keys.get(0), keys.get(1), folder.replace("ETH", "ETHE") + "part-a-1")) {
            store().put(key, body, Sha256.of(body), ContentType.GZIP);
        }

        assertThat(keys(folder, "")).isEqualTo(keys);
        assertThat(keys(folder, keys.get(0))).isEqualTo(keys.subList(1, 3));
        assertThat(keys(folder, keys.get(2))).isEmpty();
        assertThat(keys(folder.replace("ETH", "NONE"), "")).isEmpty();
        assertThat(store().list(folder, "").objects()).allSatisfy(object -> {
            assertThat(object.bytes()).isEqualTo(body.length);
            assertThat(object.modifiedMs()).isCloseTo(System.currentTimeMillis(), within(3_600_000L));
        });
        assertThat(store().folders(folder)).containsExactly("14");
        assertThat(store().folders(folder + "14/")).containsExactly("12", "13");
        assertThat(store().folders(folder.replace("ETH", "NONE"))).isEmpty();
    }

    @Test
    void listOfManyKeysContinuesAfterTheLastOne() throws Exception {
        Assumptions.assumeTrue(lists(), "this stub serves no listings");
        String folder = "raw/exchange=binance/stream=trade/symbol=BNBUSDT/dt=2025-01-15/14/12/";
        byte[] body = bytes("a part");
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 1_001; i++) {
            keys.add(folder + "part-a-" + (1_000 + i));
            store().put(keys.get(i), body, Sha256.of(body), ContentType.GZIP);
        }

        List<String> listed = new ArrayList<>();
        Listing page = new Listing(List.of(), false);
        for (String after = ""; !page.isLast(); after = page.lastKey()) {
            page = store().list(folder, after);
            page.objects().forEach(object -> listed.add(object.key()));
        }

        assertThat(listed).isEqualTo(keys);
    }

    private List<String> keys(String folder, String after) throws StoreException {
        return store().list(folder, after).objects().stream()
                .map(StoredObject::key)
                .toList();
    }

    private PutOutcome put(String name, byte[] body) throws StoreException {
        return store().put(FOLDER + name, body, Sha256.of(body), ContentType.GZIP);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
