package io.marketdata.collector.upload;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.metrics.Metrics;
import io.marketdata.collector.model.Backoff;
import io.marketdata.collector.model.Origin;
import io.marketdata.collector.model.PartName;
import io.marketdata.collector.model.RotatedBy;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.SealedPart;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.testkit.Await;
import io.marketdata.collector.testkit.ManualTime;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.StoreException.Kind;
import io.marketdata.collector.upload.UploadQueue.Failure;
import io.marketdata.collector.upload.UploadQueue.Job;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which part is next, who waits how long, and what the status says, without a store. Pauses have no jitter. */
@Timeout(30)
class UploadQueueTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @TempDir
    private Path folder;

    private final ManualTime time = new ManualTime();
    private final UploadMetrics metrics = new UploadMetrics(new Metrics());
    private final UploadQueue queue = new UploadQueue(new Backoff(SECOND, MINUTE), time, () -> 1, metrics);
    private Spool spool;

    @BeforeEach
    void start() throws IOException {
        spool = Spool.open(new LocalDisk(), folder, Trades.BTCUSDT);
    }

    @AfterEach
    void stop() throws IOException {
        spool.close();
    }

    private static PartName name(int number) {
        return new PartName(PackedParts.INSTANCE, Origin.STREAM, ManualTime.START_MS + number);
    }

    private void addPacked(int... numbers) {
        for (int number : numbers) {
            queue.add(spool, name(number), null);
        }
    }

    private void addSealed(int number) {
        queue.add(spool, name(number), new SealedPart(spool, name(number), RotatedBy.TIME, 0, 0, List.of()));
    }

    private Job take(int number) {
        Job job = queue.takeDue();
        assertThat(job).isNotNull();
        assertThat(job.name).isEqualTo(name(number));
        return job;
    }

    private void assertNoneIsDue() {
        assertThat(queue.takeDue()).isNull();
    }

    private Failure fail(Job job) {
        return queue.failed(job, Kind.UNAVAILABLE, "failed " + job.name);
    }

    private void finish(Job job) {
        queue.confirmed(job);
        queue.done(job);
    }

    @Test
    void oldestAndNewestTakeTurns() {
        addPacked(2, 1, 4, 3);

        finish(take(1));
        finish(take(4));
        finish(take(2));
        finish(take(3));
        assertNoneIsDue();
    }

    @Test
    void packedPartIsDueAndDiscardedOneIsGone() {
        addSealed(1);
        addSealed(2);
        assertNoneIsDue();

        queue.discarded(queue.takeUnpacked());
        queue.packed(queue.takeUnpacked());

        assertThat(queue.takeUnpacked()).isNull();
        assertThat(queue.backlog()).isEqualTo(1);
        finish(take(2));
        assertThat(queue.backlog()).isZero();
    }

    @Test
    void partThatCannotBePackedIsRetriedAfterItsPause() {
        addSealed(1);
        queue.retryLater(queue.takeUnpacked());

        assertThat(queue.takeUnpacked()).isNull();
        time.advance(SECOND.minusNanos(1));
        assertThat(queue.takeUnpacked()).isNull();
        time.advance(Duration.ofNanos(1));
        assertThat(queue.takeUnpacked()).isNotNull();
    }

    @Test
    void pausesOfOnePartDoubleAndDelayNoOther() {
        addPacked(1);
        for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
            fail(take(1));
            addPacked(100 + seconds);
            finish(take(100 + seconds));
            time.advance(Duration.ofSeconds(seconds).minusNanos(1));
            assertNoneIsDue();
            time.advance(Duration.ofNanos(1));
        }
        finish(take(1));
    }

    @Test
    void pausesEndInTheirOrder() {
        addPacked(1, 2);
        fail(take(1));
        time.advance(SECOND);
        fail(take(2)); // an outage, for 1 s, and part 1 is due already
        time.advance(SECOND.minusNanos(1));
        assertNoneIsDue();
        time.advance(Duration.ofNanos(1));

        finish(take(1));
        finish(take(2));
    }

    @Test
    void partWithTheShorterPauseIsNextWhateverFailedFirst() {
        addPacked(1, 2, 3);
        fail(take(1));
        finish(take(3));
        time.advance(SECOND);
        Job first = take(1);
        Job second = take(2);
        fail(first); // 2 s
        addPacked(4);
        finish(take(4));
        fail(second); // 1 s

        time.advance(SECOND);
        finish(take(2));
        assertNoneIsDue();
    }

    /** However an upload ends, it does not count as running in an outage that comes later. */
    @Test
    void endedUploadsDoNotBlockTheOnlyAttemptOfAnOutage() {
        addPacked(1, 2, 3, 4, 5);
        finish(take(1));
        Job kept = take(5);
        queue.confirmed(kept);
        queue.notDeleted(kept);
        finish(take(2));
        queue.renamed(take(4), name(6), "taken");
        fail(queue.takeDue());
        fail(queue.takeDue());
        time.advance(SECOND);

        assertThat(queue.takeDue()).isNotNull();
    }

    @Test
    void twoFailedPartsAreAnOutageInWhichOnePartAtATimeIsTried() {
        addPacked(1, 2, 3, 4);
        fail(take(1));
        fail(take(4));
        assertNoneIsDue();
        time.advance(SECOND);

        Job only = queue.takeDue();
        assertNoneIsDue();
        assertThat(queue.confirmed(only)).as("failed attempts before").isEqualTo(1);
        queue.done(only);
        assertThat(queue.takeDue()).isNotNull();
        assertThat(queue.takeDue()).as("the outage has ended").isNotNull();
    }

    @Test
    void outagePausesDoubleUntilASuccess() {
        addPacked(1, 2, 3, 4, 5, 6);
        fail(queue.takeDue());
        fail(queue.takeDue());
        for (int seconds : new int[] {1, 2, 4, 8}) {
            time.advance(Duration.ofSeconds(seconds).minusNanos(1));
            assertNoneIsDue();
            time.advance(Duration.ofNanos(1));
            fail(queue.takeDue());
        }
        time.advance(Duration.ofSeconds(16));
        finish(queue.takeDue());
        fail(queue.takeDue());
        assertThat(queue.takeDue()).as("one failure is no outage").isNotNull();
    }

    @Test
    void partStandsOutOnceWhenItHasFailedTenTimesAlone() {
        addPacked(1);
        for (int failures = 1; failures <= 12; failures++) {
            Failure failure = fail(take(1));
            assertThat(failure).isEqualTo(new Failure(failures, failures == 10));
            time.advance(MINUTE);
        }
        assertThat(queue.confirmed(take(1))).isEqualTo(12);
    }

    @Test
    void packingDoesNotCountAsAFailureOfTheUpload() {
        addSealed(1);
        queue.retryLater(queue.takeUnpacked());
        time.advance(SECOND);
        queue.packed(queue.takeUnpacked());

        assertThat(fail(take(1)).inARow()).isEqualTo(1);
    }

    @Test
    void statusShowsBacklogAgeFailureAndProgress() {
        time.advance(SECOND);
        assertThat(queue.uploads())
                .isEqualTo(new UploadStatus(0, 0, Duration.ZERO, Duration.ZERO, null, "", Duration.ZERO));
        addPacked(1);
        time.advance(SECOND);
        addSealed(2);
        time.advance(SECOND);
        assertThat(queue.uploads())
                .isEqualTo(
                        new UploadStatus(2, 0, Duration.ofSeconds(2), Duration.ofSeconds(2), null, "", Duration.ZERO));

        fail(take(1));
        time.advance(SECOND);
        Job again = take(1);
        fail(again);
        time.advance(SECOND);
        assertThat(queue.uploads())
                .isEqualTo(new UploadStatus(
                        2,
                        0,
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(4),
                        Kind.UNAVAILABLE,
                        "failed " + name(1),
                        Duration.ofSeconds(2)));

        time.advance(SECOND);
        finish(take(1));
        time.advance(SECOND);
        assertThat(queue.uploads())
                .isEqualTo(new UploadStatus(1, 0, SECOND, Duration.ofSeconds(5), null, "", Duration.ZERO));
    }

    @Test
    void firstPartAfterAnEmptyBacklogStartsTheTimeWithoutProgress() {
        addPacked(1);
        finish(take(1));
        time.advance(MINUTE);
        addPacked(2);
        time.advance(SECOND);
        addPacked(3);

        assertThat(queue.uploads().sinceProgress()).isEqualTo(SECOND);
    }

    @Test
    void partThatCannotBeDeletedIsNoBacklogAndIsTriedEveryMinute() {
        addPacked(1, 2);
        Job job = take(1);
        queue.confirmed(job);
        queue.notDeleted(job);

        assertThat(queue.uploads().notDeleted()).isEqualTo(1);
        assertThat(queue.backlog()).isEqualTo(1);
        assertThat(metrics.partsNotDeleted.get()).isEqualTo(1);
        assertThat(metrics.backlogParts.get()).isEqualTo(1);
        finish(take(2));
        time.advance(MINUTE.minusNanos(1));
        assertNoneIsDue();
        time.advance(Duration.ofNanos(1));
        queue.done(take(1));
        assertThat(queue.uploads().notDeleted()).isZero();
        assertThat(metrics.partsNotDeleted.get()).isZero();
    }

    @Test
    void knownPartIsAddedOnce() {
        addPacked(1, 1);
        Job job = take(1);
        addPacked(1);
        addSealed(2);
        addSealed(2);

        assertThat(queue.backlog()).isEqualTo(2);
        finish(job);
        assertThat(metrics.backlogParts.get()).isEqualTo(1);
    }

    @Test
    void renamedPartIsDueAtOnceTheFirstTimeAndThenAfterGrowingPauses() {
        addPacked(1);
        assertThat(queue.renamed(take(1), name(2), "taken")).isEmpty();
        int renames = 2;
        for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
            assertThat(queue.renamed(take(renames), name(renames + 1), "taken")).isPresent();
            renames++;
            time.advance(Duration.ofSeconds(seconds).minusNanos(1));
            assertNoneIsDue();
            time.advance(Duration.ofNanos(1));
        }
        assertThat(queue.uploads().failure()).isEqualTo(Kind.REFUSED);
        assertThat(queue.uploads().message()).isEqualTo("taken");
        assertThat(queue.backlog()).isEqualTo(1);
        finish(take(renames));
        assertThat(queue.backlog()).isZero();
    }

    @Test
    void onePartThatIsRenamedAgainAndAgainIsNoOutage() {
        addPacked(1);
        queue.renamed(take(1), name(2), "taken");
        queue.renamed(take(2), name(3), "taken");
        time.advance(SECOND);
        queue.renamed(take(3), name(4), "taken");
        addPacked(10, 11);

        assertThat(queue.takeDue()).isNotNull();
        assertThat(queue.takeDue()).as("two at once").isNotNull();
    }

    @Test
    void newNameThatTheSweepHasFoundFirstIsOnePart() {
        addPacked(1);
        Job job = take(1);
        addPacked(2);
        queue.renamed(job, name(2), "taken");
        assertThat(queue.backlog()).isEqualTo(1);

        Job renamed = take(2);
        addPacked(3);
        assertThat(queue.renamed(renamed, name(3), "taken")).isPresent();
        assertThat(queue.backlog()).isEqualTo(1);
        assertNoneIsDue();
    }

    @Test
    void everyChangeEndsAWait() throws Exception {
        endsAWait(() -> addSealed(1));
        Job unpacked = queue.takeUnpacked();
        endsAWait(() -> queue.retryLater(unpacked));
        time.advance(SECOND);
        Job packed = queue.takeUnpacked();
        endsAWait(() -> queue.packed(packed));
        Job first = take(1);
        endsAWait(() -> queue.renamed(first, name(2), "taken"));
        Job second = take(2);
        endsAWait(() -> queue.failed(second, Kind.REFUSED, "refused"));
        time.advance(SECOND);
        Job third = take(2);
        queue.confirmed(third);
        endsAWait(() -> queue.notDeleted(third));
        time.advance(MINUTE);
        Job fourth = take(2);
        endsAWait(() -> queue.done(fourth));
        endsAWait(queue::release);
        queue.awaitChange(queue.changes(), MINUTE.toNanos());
    }

    private void endsAWait(Runnable change) throws Exception {
        Thread waiting = waiting(Duration.ofHours(1));
        assertThat(waiting.isAlive()).as("waits").isTrue();
        change.run();
        waiting.join();
    }

    /** A thread that waits for a change, or has ended because there is no reason to. */
    private Thread waiting(Duration longest) throws Exception {
        long seen = queue.changes();
        Thread thread = new Thread(() -> {
            try {
                queue.awaitChange(seen, longest.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
        Await.until(
                "the thread waits or has ended",
                () -> thread.getState() == Thread.State.TIMED_WAITING || thread.getState() == Thread.State.TERMINATED);
        return thread;
    }

    @Test
    void waitEndsWhenThePauseOfAPartOrOfTheStoreEnds() throws Exception {
        addPacked(1, 2, 3);
        fail(take(1));
        fail(take(3));
        Thread thread = waiting(MINUTE);
        assertThat(thread.isAlive()).as("waits for the pause of part and store").isTrue();
        time.advance(SECOND);
        queue.release();
        thread.join();
    }

    @Test
    void pauseThatHasEndedIsNotWaitedFor() throws Exception {
        addPacked(1, 2, 3);
        fail(take(1));
        fail(take(3));
        time.advance(SECOND);

        queue.awaitChange(queue.changes(), MINUTE.toNanos());
        fail(take(1)); // outage: 2 s, and part 2 is due then
        time.advance(Duration.ofSeconds(2));
        queue.awaitChange(queue.changes(), MINUTE.toNanos());
        assertThat(queue.takeDue()).isNotNull();
    }
}
