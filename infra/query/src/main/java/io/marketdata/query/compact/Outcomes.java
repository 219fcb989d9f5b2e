package io.marketdata.query.compact;

import io.marketdata.collector.process.ExitCode;
import io.marketdata.query.compact.Compaction.Outcome;
import io.marketdata.query.compact.Compaction.State;
import java.util.EnumSet;
import java.util.Set;

/** Counts the results of a run. One thread. */
public final class Outcomes {

    private final Set<State> states = EnumSet.noneOf(State.class);
    private int count;
    private boolean isFaulty;

    public void add(Outcome outcome) {
        states.add(outcome.state());
        count++;
        isFaulty |= !outcome.faults().isEmpty();
    }

    public int count() {
        return count;
    }

    /** Whether no hour has a part. */
    public boolean isNothing() {
        return states.stream().allMatch(State.EMPTY::equals);
    }

    /** Faults do not hide that something could not be read. */
    public ExitCode exitCode() {
        if (states.contains(State.NOT_SEEN) || isNothing()) {
            return ExitCode.COULD_NOT_LOOK;
        }
        return isFaulty ? ExitCode.FOUND_WANTING : ExitCode.DONE;
    }
}
