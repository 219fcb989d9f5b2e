package io.marketdata.collector.audit;

/** Hears how far a long task is. Called by one thread, a few times a second. */
@FunctionalInterface
public interface Progress {

    /**
     * Reports a state.
     *
     * @param what is counted: {@code manifests read}
     */
    void at(String what, long done, long total);
}
