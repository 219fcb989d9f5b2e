package io.marketdata.collector.testkit;

import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.upload.Listing;
import io.marketdata.collector.upload.Listing.StoredObject;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** A bucket in memory that remembers the order of puts, checks digests, and fails as a test scripts it. */
public final class MemoryStore implements ObjectStore {

    private static final int PAGE = 1_000; // as S3

    private final Map<String, byte[]> objects = new LinkedHashMap<>();
    private final List<String> attempts = new ArrayList<>();
    private Function<String, Optional<StoreException>> fault = key -> Optional.empty();
    private Function<String, Optional<StoreException>> readFault = key -> Optional.empty();
    private Predicate<String> taken = key -> false;
    private final Set<String> hidden = new HashSet<>();
    private boolean loseNextAnswer;

    @Override
    public synchronized PutOutcome put(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException {
        attempts.add(key);
        Optional<StoreException> failure = fault.apply(key);
        if (failure.isPresent()) {
            throw failure.get();
        }
        if (!Sha256.of(body).equals(sha256)) {
            throw new StoreException(StoreException.Kind.CORRUPTED, "digest differs for " + key);
        }
        if (taken.test(key)) {
            return PutOutcome.NAME_TAKEN;
        }
        byte[] there = objects.get(key);
        if (there != null) {
            return Arrays.equals(there, body) ? PutOutcome.ALREADY_STORED : PutOutcome.NAME_TAKEN;
        }
        objects.put(key, body.clone());
        if (loseNextAnswer) {
            loseNextAnswer = false;
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "the answer for " + key + " was lost");
        }
        return PutOutcome.STORED;
    }

    @Override
    public synchronized void replace(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException {
        ObjectStore.requireDerived(key);
        objects.remove(key);
        put(key, body, sha256, type);
    }

    @Override
    public synchronized Optional<byte[]> get(String key, int maxBytes) throws StoreException {
        Optional<StoreException> failure = readFault.apply(key);
        if (failure.isPresent()) {
            throw failure.get();
        }
        return Optional.ofNullable(hidden.contains(key) ? null : objects.get(key))
                .map(body -> Arrays.copyOf(body, Math.min(maxBytes, body.length)));
    }

    @Override
    public synchronized Listing list(String prefix, String after) throws StoreException {
        Optional<StoreException> failure = readFault.apply(prefix);
        if (failure.isPresent()) {
            throw failure.get();
        }
        List<StoredObject> page = objects.keySet().stream()
                .filter(key -> key.startsWith(prefix) && key.compareTo(after) > 0)
                .sorted()
                .limit(PAGE + 1)
                .map(key -> new StoredObject(key, objects.get(key).length, System.currentTimeMillis()))
                .toList();
        return new Listing(page.subList(0, Math.min(PAGE, page.size())), page.size() <= PAGE);
    }

    @Override
    public synchronized List<String> folders(String prefix) {
        return objects.keySet().stream()
                .filter(key -> key.startsWith(prefix) && key.indexOf('/', prefix.length()) > 0)
                .map(key -> key.substring(prefix.length(), key.indexOf('/', prefix.length())))
                .distinct()
                .sorted()
                .toList();
    }

    /** Removes an object. */
    public synchronized void delete(String key) {
        objects.remove(key);
    }

    /** From now on, whether and how a read fails. */
    public synchronized void failReadsWith(Function<String, Optional<StoreException>> newFault) {
        readFault = newFault;
    }

    /** From now on, whether and how a put fails. */
    public synchronized void failWith(Function<String, Optional<StoreException>> newFault) {
        fault = newFault;
    }

    /** From now on, every name counts as taken. */
    public void takeEveryName() {
        takeNames(key -> true);
    }

    /** From now on, no free name counts as taken. */
    public void freeEveryName() {
        takeNames(key -> false);
    }

    /** From now on, these names count as taken. */
    public synchronized void takeNames(Predicate<String> names) {
        taken = names;
    }

    /** The object can no longer be read, as if it did not exist. */
    public synchronized void hide(String key) {
        hidden.add(key);
    }

    /** From now on, every put succeeds. */
    public void heal() {
        failWith(key -> Optional.empty());
    }

    /** From now on, every put fails like that. */
    public void failAlways(StoreException.Kind kind) {
        failWith(key -> Optional.of(new StoreException(kind, "put " + key + " failed")));
    }

    /** The next object is stored, but the answer to its put is lost. */
    public synchronized void loseNextAnswer() {
        loseNextAnswer = true;
    }

    /** Stores an object of another instance. */
    public synchronized void plant(String key, byte[] body) {
        objects.put(key, body.clone());
    }

    /** Keys in the order they were stored. */
    public synchronized List<String> keys() {
        return List.copyOf(objects.keySet());
    }

    /** Every object by its key, in the order they were stored. */
    public synchronized Map<String, byte[]> objects() {
        return new LinkedHashMap<>(objects);
    }

    /** Keys of all attempts, failed ones too, in order. */
    public synchronized List<String> attempts() {
        return List.copyOf(attempts);
    }

    /** An object's bytes. */
    public synchronized byte[] get(String key) {
        byte[] body = objects.get(key);
        if (body == null) {
            throw new IllegalArgumentException("no object " + key + " among " + objects.keySet());
        }
        return body.clone();
    }

    @Override
    public String describe() {
        return "memory";
    }

    @Override
    public void close() {}
}
