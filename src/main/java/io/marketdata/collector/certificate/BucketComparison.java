package io.marketdata.collector.certificate;

import io.marketdata.collector.audit.Parallel;
import io.marketdata.collector.audit.Progress;
import io.marketdata.collector.model.LogText;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.model.Symbol;
import io.marketdata.collector.upload.KeyLayout;
import io.marketdata.collector.upload.Listing;
import io.marketdata.collector.upload.ObjectStore;
import io.marketdata.collector.upload.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Compares the parts of a certificate with a bucket: reads every one of them, and lists what else is there. Reads only. Used
 * once, by one thread, which starts others; parts in memory take an eighth of the heap at most, or are a single one.
 */
public final class BucketComparison {

    /** A permit of {@link #memory}, bytes. */
    private static final long UNIT = 64 << 10;

    private final ObjectStore store;
    private final Certificate certificate;
    private final Symbol symbol;
    private final Parallel parallel;
    private final int permits =
            (int) Math.max(1, Math.min(1 << 20, Runtime.getRuntime().maxMemory() / 8 / UNIT));
    private final Semaphore memory = new Semaphore(permits, true);
    private final ConcurrentSkipListMap<String, String> differences = new ConcurrentSkipListMap<>();
    private final AtomicLong foreign = new AtomicLong();

    /**
     * What was found.
     *
     * @param differences one message for each part that is missing, altered or not certified, in the order of the keys
     * @param notSeen why something could not be looked at; then the rest is not known
     * @param foreign the number of objects in these folders that are neither parts nor manifests
     */
    public record Result(List<String> differences, List<String> notSeen, long foreign) {}

    /**
     * @param certificate one that agrees with itself
     * @param requests at once, at least 1
     */
    public BucketComparison(
            ObjectStore store, Certificate certificate, ThreadFactory threads, int requests, Progress progress) {
        this.store = store;
        this.certificate = certificate;
        this.symbol = certificate.statement().tradedSymbol();
        this.parallel = new Parallel(threads, requests, progress);
    }

    public Result run() throws InterruptedException {
        List<CertifiedPart> parts = certificate.parts();
        Set<String> known = parts.stream().map(CertifiedPart::key).collect(Collectors.toSet());
        known.addAll(certificate.statement().excluded());
        List<Long> hours = certificate.statement().period().hours();
        List<String> notSeen = new ArrayList<>(
                parallel.run("folders listed", hours.size(), hour -> findExtra(hours.get(hour), known)));
        notSeen.addAll(parallel.run("parts read", parts.size(), number -> compare(parts.get(number))));
        return new Result(List.copyOf(differences.values()), notSeen, foreign.get());
    }

    private void findExtra(long hourMs, Set<String> known) throws StoreException {
        Listing page = new Listing(List.of(), false);
        for (String after = ""; !page.isLast(); after = page.lastKey()) {
            page = store.list(KeyLayout.hour(symbol, hourMs), after);
            for (Listing.StoredObject object : page.objects()) {
                if (!known.contains(object.key())) {
                    judge(object.key());
                }
            }
        }
    }

    /** Another part, another object, or one of another minute. */
    private void judge(String key) {
        Optional<PartName> name = CertifiedPart.nameOf(key);
        if (name.isEmpty()) {
            if (!key.substring(key.lastIndexOf('/') + 1).startsWith("manifest-")) {
                foreign.incrementAndGet();
            }
            return;
        }
        boolean isElsewhere = KeyLayout.part(symbol, name.get()).equals(key)
                && !certificate.statement().period().contains(name.get().epochMs());
        if (!isElsewhere) {
            differences.put(key, "extra: " + LogText.of(key, 200) + " is not a part of this certificate");
        }
    }

    private void compare(CertifiedPart part) throws StoreException {
        int needed = (int) Math.min(permits, part.bytes() / UNIT + 1);
        memory.acquireUninterruptibly(needed);
        try {
            // One byte more, so that an object that has grown does not seem the same.
            int most = (int) Math.min(Integer.MAX_VALUE - 8, part.bytes() + 1);
            Optional<byte[]> bytes = store.get(part.key(), most);
            if (bytes.isEmpty()) {
                differences.put(part.key(), "missing: " + part.key() + part(part));
            } else if (bytes.get().length != part.bytes()) {
                String size = bytes.get().length > part.bytes() ? "more than " + part.bytes() : bytes.get().length + "";
                differences.put(
                        part.key(),
                        "altered: " + part.key() + " has " + size + " bytes, certified are " + part.bytes()
                                + part(part));
            } else if (!Sha256.of(bytes.get()).hex().equals(part.sha256())) {
                differences.put(part.key(), "altered: " + part.key() + " has another SHA-256" + part(part));
            }
        } finally {
            memory.release(needed);
        }
    }

    private static String part(CertifiedPart part) {
        return "; ids " + part.idFirst() + " to " + part.idLast();
    }
}
