package io.marketdata.collector.upload;

import io.marketdata.collector.model.Manifest;
import io.marketdata.collector.model.Sha256;
import io.marketdata.collector.testkit.Trades;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The bucket of the crash model, with a reader that checks it after every put: each manifest's part exists with those
 * bytes, and each line of each part is a trade that was issued, byte for byte. A bucket outlives every crash; a copy is
 * its content at one moment.
 */
final class CrashBucket implements ObjectStore {

    private static final Pattern ID = Pattern.compile("\"t\":(\\d+),");

    private final Map<String, Stored> objects = new TreeMap<>();
    private final Set<String> foreign = new HashSet<>();
    private final List<String> violations = new ArrayList<>();

    /** Ids that the reader found in a part, by its digest: the same bytes need not be read twice. */
    private final Map<Sha256, Set<Long>> read;

    private Runnable beforePut = () -> {};
    private boolean loseNextAnswer;
    private boolean refuseNextPut;
    private @Nullable String fingerprint;

    private record Stored(byte[] body, Sha256 sha256) {}

    CrashBucket() {
        read = new HashMap<>();
    }

    private CrashBucket(CrashBucket other) {
        objects.putAll(other.objects);
        foreign.addAll(other.foreign);
        read = other.read;
        fingerprint = other.fingerprint;
    }

    CrashBucket copy() {
        return new CrashBucket(this);
    }

    void beforeEveryPut(Runnable hook) {
        beforePut = hook;
    }

    /** The next object is stored, but its response is lost. */
    void loseNextAnswer() {
        loseNextAnswer = true;
    }

    /** The next put fails, and stores nothing. */
    void refuseNextPut() {
        refuseNextPut = true;
    }

    /** Puts an object that is not ours. */
    void plant(String key, byte[] body) {
        objects.put(key, new Stored(body, Sha256.of(body)));
        foreign.add(key);
    }

    boolean holds(String key) {
        return objects.containsKey(key);
    }

    /** The same for two buckets with the same objects. */
    String fingerprint() {
        if (fingerprint == null) {
            StringBuilder text = new StringBuilder();
            objects.forEach((key, stored) -> text.append(key).append(stored.sha256.hex()));
            fingerprint =
                    Sha256.of(text.toString().getBytes(StandardCharsets.UTF_8)).hex();
        }
        return fingerprint;
    }

    /** Violations that the reader found, and parts without a manifest. */
    List<String> violations() {
        List<String> all = new ArrayList<>(violations);
        objects.keySet().stream()
                .filter(key -> key.contains("/part-") && !foreign.contains(key))
                .filter(key -> !objects.containsKey(manifestKey(key)))
                .forEach(key -> all.add(key + " has no manifest"));
        return all;
    }

    /** Manifests that no index holds as they are. */
    List<String> notIndexed() {
        Set<String> indexed = new HashSet<>();
        objects.forEach((key, stored) -> {
            if (key.startsWith(KeyLayout.INDEXES)) {
                indexed.addAll(manifests(key, stored));
            }
        });
        return objects.keySet().stream()
                .filter(key -> key.contains("/manifest-") && !indexed.contains(key))
                .toList();
    }

    private List<String> manifests(String key, Stored index) {
        try {
            return ManifestIndex.read(index.body).stream()
                    .filter(entry -> objects.containsKey(entry.key())
                            && Arrays.equals(entry.bytes(), objects.get(entry.key()).body))
                    .map(ManifestIndex.Entry::key)
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(key, e);
        }
    }

    /** The ids of all parts that have their manifest. */
    Set<Long> committed() {
        Set<Long> ids = new HashSet<>();
        objects.forEach((key, stored) -> {
            if (key.contains("/part-") && objects.containsKey(manifestKey(key))) {
                ids.addAll(ids(key, stored));
            }
        });
        return ids;
    }

    @Override
    public PutOutcome put(String key, byte[] body, Sha256 sha256, ContentType type) throws StoreException {
        beforePut.run();
        if (refuseNextPut) {
            refuseNextPut = false;
            throw new StoreException(StoreException.Kind.UNAVAILABLE, key + " is refused once");
        }
        Stored there = objects.get(key);
        if (there != null) {
            return there.sha256.equals(sha256) ? PutOutcome.ALREADY_STORED : PutOutcome.NAME_TAKEN;
        }
        if (!Sha256.of(body).equals(sha256)) {
            throw new StoreException(StoreException.Kind.CORRUPTED, "digest differs for " + key);
        }
        Stored stored = new Stored(body.clone(), sha256);
        objects.put(key, stored);
        fingerprint = null;
        check(key, stored);
        if (loseNextAnswer) {
            loseNextAnswer = false;
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "the answer for " + key + " was lost");
        }
        return PutOutcome.STORED;
    }

    @Override
    public Optional<byte[]> get(String key, int maxBytes) {
        return Optional.ofNullable(objects.get(key))
                .map(stored -> Arrays.copyOf(stored.body, Math.min(maxBytes, stored.body.length)));
    }

    private void check(String key, Stored stored) {
        if (key.startsWith(KeyLayout.INDEXES)) {
            checkIndex(key, stored);
            return;
        }
        if (key.contains("/part-")) {
            ids(key, stored);
            return;
        }
        String json = new String(stored.body, StandardCharsets.UTF_8);
        try {
            Manifest manifest = ManifestJson.read(stored.body);
            Stored part = objects.get(manifest.payload().s3Key());
            if (part == null || !part.sha256.equals(manifest.payload().sha256())) {
                violations.add(key + " describes a part that does not exist: " + json);
            } else if (!key.equals(manifestKey(manifest.payload().s3Key()))
                    || manifest.payload().summary().recordCount()
                            != ids(manifest.payload().s3Key(), part).size()
                    || !json.endsWith("}\n")) {
                violations.add(key + " is not a correct manifest: " + json);
            }
        } catch (IOException e) {
            violations.add(key + " is not a manifest: " + json);
        }
    }

    private void checkIndex(String key, Stored stored) {
        try {
            List<String> keys = ManifestIndex.read(stored.body).stream()
                    .map(ManifestIndex.Entry::key)
                    .toList();
            if (!keys.equals(manifests(key, stored)) || !keys.equals(List.copyOf(new TreeSet<>(keys)))) {
                violations.add(key + " holds other manifests than the bucket, or not in order: " + keys);
            }
        } catch (IOException e) {
            violations.add(key + " is not an index: " + e);
        }
    }

    private static String manifestKey(String partKey) {
        return partKey.replace("/part-", "/manifest-").replace(".jsonl.gz", ".json");
    }

    private Set<Long> ids(String key, Stored part) {
        Set<Long> known = read.get(part.sha256);
        if (known != null) {
            return known;
        }
        Set<Long> ids = new HashSet<>();
        boolean isIntact = true;
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(part.body))) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (String line : text.split("(?<=\n)")) {
                Matcher matcher = ID.matcher(line);
                isIntact &= matcher.find() && isIssued(line, Long.parseLong(matcher.group(1)));
                if (isIntact) {
                    ids.add(Long.parseLong(matcher.group(1)));
                }
            }
        } catch (IOException e) {
            isIntact = false;
        }
        if (isIntact) {
            read.put(part.sha256, ids);
        } else {
            violations.add(key + " holds bytes that were never issued");
        }
        return ids;
    }

    private static boolean isIssued(String line, long id) {
        return id >= CrashLife.FIRST && id <= CrashLife.FRESH && line.equals(Trades.line(id, CrashLife.timeOf(id)));
    }

    @Override
    public String describe() {
        return "the bucket of the crash model";
    }

    @Override
    public void close() {}
}
