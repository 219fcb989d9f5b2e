package io.marketdata.collector.upload;

import io.marketdata.collector.feed.LineArbiter;
import io.marketdata.collector.spool.FileOps;
import io.marketdata.collector.spool.PartState;
import io.marketdata.collector.testkit.ModelDisk;
import io.marketdata.collector.testkit.ModelDisk.Loss;
import io.marketdata.collector.testkit.Trades;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Crashes a life of the collector before every change of the disk and before every put, starts the next life on every
 * disk that the crash may leave, crashes that one before every change, and starts a third time. Each last life must
 * leave the bucket and the spool without faults, see {@link #judge}.
 *
 * <p>Equal states of disk and bucket are examined once: a life depends on nothing else.
 */
final class CrashModel {

    /** The steps of the collector as they are, or with one of them left out. */
    interface Protocol {
        default FileOps disk(ModelDisk disk) {
            return disk;
        }

        default ObjectStore store(CrashBucket bucket, FileOps disk) {
            return bucket;
        }
    }

    /**
     * A second crash follows every kill, and at every moment the three worst power losses that keep the order; of the
     * other power losses, which mostly differ in how a file was torn, 1 in this many.
     */
    private static final int SAMPLE = 64;

    private static final byte[] NOT_GZIP = "\u001f\u008bno gzip any more\n".getBytes(StandardCharsets.ISO_8859_1);
    private static final byte[] SOMETHING_ELSE = "something else".getBytes(StandardCharsets.US_ASCII);

    private final Protocol protocol;
    private final int enoughViolations;
    private final Map<String, Outcome> outcomes = new HashMap<>();
    private final Map<String, Outcomes> secondCrashes = new HashMap<>();
    private final List<String> violations = new ArrayList<>();
    private int moments;
    private long crashes;

    /** @param enoughViolations the search ends at this number */
    CrashModel(Protocol protocol, int enoughViolations) {
        this.protocol = protocol;
        this.enoughViolations = enoughViolations;
    }

    /** The disk and the bucket at one moment, and the ids promised until then. */
    private record Moment(ModelDisk disk, CrashBucket bucket, Set<Long> accepted, Set<Long> durable) {}

    /**
     * The end of an undisturbed life.
     *
     * @param committed ids of parts with a manifest
     * @param faults what is wrong in any case
     * @param inexact what is wrong if there was no power loss
     */
    private record Outcome(Set<Long> committed, List<String> faults, List<String> inexact) {}

    /** The ends of the lives after a second crash: ids committed after every kill, and after every power loss. */
    private record Outcomes(Set<Long> afterKills, Set<Long> afterPowerLosses) {}

    /** Explores all results of one crash up to {@code harshest}. */
    CrashModel crashOnce(Loss harshest) throws IOException {
        return explore(harshest, false);
    }

    /** Explores all results of one crash up to {@code harshest}, and of a second one during recovery. */
    CrashModel crashTwice(Loss harshest) throws IOException {
        return explore(harshest, true);
    }

    private CrashModel explore(Loss harshest, boolean twice) throws IOException {
        List<Moment> story = story();
        moments = story.size();
        Map<String, Outcomes> crashedAgain = new HashMap<>();
        for (int i = 0; i < story.size(); i++) {
            Moment moment = story.get(i);
            for (Loss loss : upTo(harshest)) {
                Set<Long> promised = loss == Loss.KILL ? moment.accepted : moment.durable;
                Set<String> worst = new HashSet<>();
                if (loss == Loss.POWER_ORDERED) {
                    moment.disk.worst(loss).forEach(disk -> worst.add(disk.fingerprint()));
                }
                for (ModelDisk disk : moment.disk.survivors(loss)) {
                    if (violations.size() >= enoughViolations) {
                        return this;
                    }
                    crashes++;
                    String when = loss + " before change " + i + " of the story";
                    String state = disk.fingerprint() + moment.bucket.fingerprint() + (loss == Loss.KILL);
                    check(outcome(disk, moment.bucket), promised, loss == Loss.KILL, when);
                    if (!twice || !(loss == Loss.KILL || worst.contains(disk.fingerprint()) || isSampled(state))) {
                        continue;
                    }
                    Outcomes second = crashedAgain.get(state);
                    if (second == null) {
                        second = crashAgain(disk, moment.bucket, harshest, loss == Loss.KILL, when);
                        crashedAgain.put(state, second);
                    }
                    missing(promised, second.afterKills, when + ", and a kill after it");
                    missing(moment.durable, second.afterPowerLosses, when + ", and a power loss after it");
                }
            }
        }
        return this;
    }

    /** Whether a crash of that kind, at any moment of the story, may leave a disk that matches. */
    boolean mayLeave(Loss loss, Predicate<ModelDisk> what) throws IOException {
        return story().stream()
                .flatMap(moment -> moment.disk.survivors(loss).stream())
                .anyMatch(what);
    }

    /** Selects by digest, so that the same states are taken every time. */
    private static boolean isSampled(String state) {
        return Integer.parseInt(state.substring(0, 4), 16) % SAMPLE == 0;
    }

    List<String> violations() {
        return List.copyOf(violations);
    }

    /** Number of disk changes and puts in the story; each piece of a write counts. */
    int moments() {
        return moments;
    }

    /** Number of crashes examined. */
    long crashes() {
        return crashes;
    }

    /** Number of different states of disk and bucket that were recovered. */
    int states() {
        return outcomes.size();
    }

    private static List<Loss> upTo(Loss harshest) {
        return Arrays.asList(Loss.values()).subList(0, harshest.ordinal() + 1);
    }

    /** The state before each change of an undisturbed life, and at its end. */
    private List<Moment> story() throws IOException {
        ModelDisk disk = new ModelDisk();
        Path directory = new CrashLife(new ModelDisk(), new CrashBucket(), new CrashBucket()).directory();
        disk.plant(directory.resolve(PartState.PACKED.fileName(CrashLife.DAMAGED)), NOT_GZIP);
        CrashBucket bucket = new CrashBucket();
        bucket.plant(KeyLayout.part(Trades.BTCUSDT, CrashLife.TAKEN), SOMETHING_ELSE);
        List<Moment> story = new ArrayList<>();
        List<CrashLife> life = new ArrayList<>();
        observed(disk, bucket, moment -> {
            boolean started = !life.isEmpty();
            story.add(new Moment(
                    moment.disk,
                    moment.bucket,
                    started ? life.get(0).accepted() : Set.of(),
                    started ? life.get(0).durable() : Set.of()));
        });
        life.add(live(disk, bucket));
        life.get(0).record();
        violations.addAll(bucket.violations());
        return story;
    }

    private CrashLife live(ModelDisk disk, CrashBucket bucket) throws IOException {
        FileOps ops = protocol.disk(disk);
        return new CrashLife(ops, protocol.store(bucket, ops), bucket);
    }

    private static void observed(ModelDisk disk, CrashBucket bucket, Consumer<Moment> observer) {
        Runnable hook =
                () -> observer.accept(new Moment(disk.survivors(Loss.KILL).get(0), bucket.copy(), Set.of(), Set.of()));
        disk.beforeEveryChange(hook);
        bucket.beforeEveryPut(hook);
    }

    /** Recovers with a crash before every change, and recovers again. */
    private Outcomes crashAgain(ModelDisk found, CrashBucket bucket, Loss harshest, boolean killed, String when)
            throws IOException {
        ModelDisk disk = found.survivors(Loss.KILL).get(0);
        CrashBucket objects = bucket.copy();
        List<Moment> recovery = new ArrayList<>();
        disk.writeInOnePiece();
        observed(disk, objects, recovery::add);
        live(disk, objects).finish();
        Set<Long> afterKills = outcome(found, bucket).committed;
        Set<Long> afterPowerLosses = afterKills;
        for (int i = 0; i < recovery.size() && violations.size() < enoughViolations; i++) {
            Outcomes ends = ends(recovery.get(i), harshest, killed, when + ", and before change " + i + " after it");
            afterKills = both(afterKills, ends.afterKills);
            afterPowerLosses = both(afterPowerLosses, ends.afterPowerLosses);
        }
        return new Outcomes(afterKills, afterPowerLosses);
    }

    /** The ends of the lives that begin after a second crash at this moment. */
    private Outcomes ends(Moment moment, Loss harshest, boolean killed, String when) throws IOException {
        String state = moment.disk.fingerprint() + moment.bucket.fingerprint() + killed;
        Outcomes known = secondCrashes.get(state);
        if (known == null) {
            Set<Long> afterKills = outcome(moment.disk, moment.bucket).committed;
            Set<Long> afterPowerLosses = afterKills;
            for (Loss loss : upTo(harshest)) {
                boolean killedTwice = killed && loss == Loss.KILL;
                for (ModelDisk left : moment.disk.worst(loss)) {
                    Outcome outcome = outcome(left, moment.bucket);
                    check(outcome, Set.of(), killedTwice, when + " " + loss);
                    afterPowerLosses = both(afterPowerLosses, outcome.committed);
                }
            }
            known = new Outcomes(afterKills, afterPowerLosses);
            secondCrashes.put(state, known);
        }
        crashes += harshest.ordinal() * 2L + 1;
        return known;
    }

    private static Set<Long> both(Set<Long> ids, Set<Long> others) {
        if (ids.equals(others)) {
            return ids;
        }
        Set<Long> both = new HashSet<>(ids);
        both.retainAll(others);
        return both;
    }

    private void check(Outcome outcome, Set<Long> promised, boolean exact, String when) {
        missing(promised, outcome.committed, when);
        outcome.faults.forEach(fault -> violations.add(when + ": " + fault));
        if (exact) {
            outcome.inexact.forEach(fault -> violations.add(when + ": " + fault));
        }
    }

    private void missing(Set<Long> promised, Set<Long> committed, String when) {
        if (!committed.containsAll(promised)) {
            Set<Long> lost = new TreeSet<>(promised);
            lost.removeAll(committed);
            violations.add(when + ": lost ids " + lost);
        }
    }

    /** The end of a life that begins with this state; cached. */
    private Outcome outcome(ModelDisk found, CrashBucket bucket) throws IOException {
        String state = found.fingerprint() + bucket.fingerprint();
        Outcome known = outcomes.get(state);
        if (known == null) {
            known = recover(found.survivors(Loss.KILL).get(0), bucket.copy());
            outcomes.put(state, known);
        }
        return known;
    }

    private Outcome recover(ModelDisk disk, CrashBucket bucket) throws IOException {
        Set<Long> before = bucket.committed();
        CrashLife life = live(disk, bucket);
        life.finish();
        Set<Long> committed = bucket.committed();
        List<String> faults = new ArrayList<>(bucket.violations());
        judge(disk, life, before, committed, faults);
        List<String> inexact = new ArrayList<>();
        judgeExactly(life.arbiterAtStart(), committed, inexact);
        return new Outcome(committed, faults, inexact);
    }

    /**
     * Checks what must be true at the end after any loss: the bucket's reader found no violation and each part has its
     * manifest; the backlog is empty; each manifest is in an index; the spool
     * holds only the checkpoint and quarantine; and every id that the arbiter
     * takes for recorded, at the start and at the end, is recorded.
     */
    private static void judge(
            ModelDisk disk, CrashLife life, Set<Long> before, Set<Long> committed, List<String> faults)
            throws IOException {
        if (life.backlog() > 0) {
            faults.add("backlog of parts: " + life.backlog());
        }
        judgeArbiter(life.arbiterAtStart(), committed, faults);
        judgeArbiter(life.arbiterNow(), committed, faults);
        if (!committed.contains(CrashLife.FRESH)) {
            faults.add("recording did not continue");
        }
        long highestBefore = before.stream().mapToLong(id -> id).max().orElse(-1);
        if (life.arbiterAtStart().highest() < highestBefore) {
            faults.add("the start knew of ids up to " + life.arbiterAtStart().highest() + ", not of " + highestBefore);
        }
        life.notIndexed().forEach(manifest -> faults.add(manifest + " is in no index"));
        boolean damagedKept = false;
        for (Map.Entry<Path, byte[]> file : disk.files().entrySet()) {
            Path relative = life.directory().relativize(file.getKey());
            if (relative.startsWith("quarantine")) {
                damagedKept |= Arrays.equals(file.getValue(), NOT_GZIP);
                judgeQuarantine(relative, file.getValue(), faults);
            } else if (!relative.toString().equals(".checkpoint")) {
                faults.add(relative + " was left over, " + file.getValue().length + " bytes");
            }
        }
        if (!damagedKept) {
            faults.add("the damaged leftover is gone");
        }
    }

    private static void judgeQuarantine(Path file, byte[] bytes, List<String> faults) {
        for (String line : new String(bytes, StandardCharsets.UTF_8).split("(?<=\n)")) {
            if (CrashLife.isTrade(line)) {
                faults.add(file + " holds a trade: " + line);
            }
        }
    }

    /** An id that is wrongly taken for recorded would never be backfilled. */
    private static void judgeArbiter(LineArbiter arbiter, Set<Long> committed, List<String> faults) {
        long first = committed.stream().mapToLong(id -> id).min().orElse(Long.MAX_VALUE);
        for (long id = first; id <= arbiter.highest(); id++) {
            if (!committed.contains(id) && !isMissing(arbiter, id)) {
                faults.add(id + " is taken for recorded; the arbiter knows " + arbiter.highest() + " without "
                        + arbiter.gaps() + ", committed are " + new TreeSet<>(committed));
            }
        }
    }

    /** After kills alone, the recorded ids are known exactly: no trade is fetched twice. */
    private static void judgeExactly(LineArbiter arbiter, Set<Long> committed, List<String> inexact) {
        for (long id : committed) {
            if (id != CrashLife.FRESH && (id > arbiter.highest() || isMissing(arbiter, id))) {
                inexact.add(id + " is recorded, and the start did not know it");
            }
        }
    }

    private static boolean isMissing(LineArbiter arbiter, long id) {
        return arbiter.gaps().stream()
                .anyMatch(gap -> id >= gap.ids().first() && id <= gap.ids().last());
    }
}
