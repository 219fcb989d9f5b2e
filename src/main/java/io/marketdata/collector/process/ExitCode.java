package io.marketdata.collector.process;

/** Exit codes of the process, for systemd and scripts. From BSD {@code sysexits.h} where one fits. */
public enum ExitCode {
    /** Done. After SIGTERM the JVM itself exits with 143. */
    DONE(0),
    /** A check has found something missing or wrong. */
    FOUND_WANTING(1),
    /** There was nothing to read, or not all of it could be read. */
    COULD_NOT_LOOK(2),
    /** The command line is not valid. */
    USAGE(64),
    /** A fault of the program itself, or its heap is full. The JVM's own {@code -XX:+ExitOnOutOfMemoryError} ends with 3. */
    INTERNAL(70),
    /** A thread hung; the log has the stacks of all threads. */
    HANG(71),
    /** The local disk failed. */
    DISK(74),
    /** Another process uses this spool. */
    SPOOL_IN_USE(75),
    /** The exchange refuses connections from this location; a restart would not help. */
    LOCATION_REFUSED(76),
    /** The settings are not valid; a restart would not help. */
    CONFIG(78);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
