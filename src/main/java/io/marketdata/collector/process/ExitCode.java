package io.marketdata.collector.process;

/** How the process ends; what systemd and scripts act on. Numbers after BSD {@code sysexits.h} where one fits. */
public enum ExitCode {
    /** Done. A stop by SIGTERM is reported as 143 by the JVM itself. */
    DONE(0),
    /** The answer of a check is no: something is missing or wrong. */
    FOUND_WANTING(1),
    /** The command line cannot be understood. */
    USAGE(64),
    /** A fault of the program itself, or its heap is full. The JVM's own {@code -XX:+ExitOnOutOfMemoryError} ends with 3. */
    INTERNAL(70),
    /** A thread hung; the log holds the stacks of all of them. */
    HANG(71),
    /** The local disk failed. */
    DISK(74),
    /** Another process records into this spool. */
    SPOOL_IN_USE(75),
    /** The exchange refuses connections from this location; a restart would not help. */
    LOCATION_REFUSED(76),
    /** The settings cannot be used; a restart would not help. */
    CONFIG(78);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
