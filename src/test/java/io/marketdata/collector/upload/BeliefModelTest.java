package io.marketdata.collector.upload;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.marketdata.collector.feed.LineArbiter;
import io.marketdata.collector.model.SequenceRule;
import io.marketdata.collector.model.SequenceTracker;
import io.marketdata.collector.spool.LocalDisk;
import io.marketdata.collector.spool.Spool;
import io.marketdata.collector.testkit.Trades;
import io.marketdata.collector.upload.BeliefModel.Event;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/**
 * Explores every order of {@value #LENGTH} events of which at most {@value #MOST_ODD} are not ordinary, with at most one
 * liar: two sources that tell the same lie are evidence. Each rule is then left out, and the same search must find harm.
 * The rule about a false reset needs a liar that forges a run: {@code SequenceTrackerTest} has it.
 */
@Tag("long")
class BeliefModelTest {

    private static final int LENGTH = 5;
    private static final int MOST_ODD = 2;

    private final Logger log = (Logger) LoggerFactory.getLogger(LineArbiter.class);

    @TempDir
    private Path folder;

    private Spool spool;

    @BeforeEach
    void open() throws IOException {
        spool = Spool.open(new LocalDisk(), folder, Trades.BTCUSDT);
        log.setLevel(Level.OFF);
    }

    @AfterEach
    void close() throws IOException {
        log.setLevel(null);
        spool.close();
    }

    @Test
    void noOrderOfEventsLosesATradeOrMakesAFalseIdBelieved(TestReporter reporter) {
        AtomicLong histories = new AtomicLong();
        Queue<String> faults = explore(SequenceTracker::new, histories, Integer.MAX_VALUE);
        reporter.publishEntry("histories", String.valueOf(histories));
        assertThat(faults.stream().limit(10)).isEmpty();
        assertThat(histories.get()).isGreaterThan(200_000);
    }

    @ParameterizedTest
    @EnumSource(value = SequenceRule.class, mode = EnumSource.Mode.EXCLUDE, names = "FORMER_IS_REMEMBERED")
    void withoutTheRuleTheSearchFindsHarm(SequenceRule rule) {
        assertThat(explore(() -> SequenceTracker.without(rule), new AtomicLong(), 1))
                .isNotEmpty();
    }

    /** @param enough ends the search when so many faults are found */
    private Queue<String> explore(Supplier<SequenceTracker> newTracker, AtomicLong histories, int enough) {
        Queue<String> faults = new ConcurrentLinkedQueue<>();
        Stream.of(Event.values())
                .flatMap(first -> Stream.of(Event.values()).map(second -> List.of(first, second)))
                .filter(BeliefModelTest::isAllowed)
                .parallel()
                .forEach(start -> explore(new ArrayList<>(start), newTracker, histories, faults, enough));
        return faults;
    }

    private void explore(
            List<Event> events,
            Supplier<SequenceTracker> newTracker,
            AtomicLong histories,
            Queue<String> faults,
            int enough) {
        if (faults.size() >= Math.min(enough, 1_000)) {
            return;
        }
        if (events.size() == LENGTH) {
            histories.incrementAndGet();
            String fault = BeliefModel.fault(events, newTracker, spool);
            if (fault != null) {
                faults.add(fault);
            }
            return;
        }
        for (Event event : Event.values()) {
            events.add(event);
            if (isAllowed(events)) {
                explore(events, newTracker, histories, faults, enough);
            }
            events.remove(events.size() - 1);
        }
    }

    private static boolean isAllowed(List<Event> events) {
        return events.stream().filter(event -> !event.isOrdinary()).count() <= MOST_ODD
                && events.stream().filter(Event::isLie).count() <= 1;
    }
}
