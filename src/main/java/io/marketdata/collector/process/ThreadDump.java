package io.marketdata.collector.process;

import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.MonitorInfo;
import java.lang.management.ThreadInfo;
import java.util.Comparator;
import java.util.stream.Stream;

/** Writes a thread dump: complete stacks, and the locks that threads hold and wait for. */
public final class ThreadDump {

    private ThreadDump() {}

    /** All threads now, sorted by name; many lines. */
    public static String now() {
        StringBuilder dump = new StringBuilder();
        Stream.of(ManagementFactory.getThreadMXBean().dumpAllThreads(true, true))
                .sorted(Comparator.comparing(ThreadInfo::getThreadName))
                .forEach(thread -> append(dump, thread));
        return dump.toString();
    }

    /** Class, method and line, without the name of the only class loader. */
    public static String frame(StackTraceElement frame) {
        return frame.toString().replaceFirst("^app//", "");
    }

    /** {@link ThreadInfo#toString} would leave out all frames after the eighth. */
    private static void append(StringBuilder dump, ThreadInfo thread) {
        dump.append('"').append(thread.getThreadName()).append("\" ").append(thread.getThreadState());
        dump.append(thread.isSuspended() ? ", suspended" : "");
        LockInfo awaited = thread.getLockInfo();
        dump.append(awaited == null ? "" : ", waits for " + awaited);
        if (awaited != null && thread.getLockOwnerName() != null) {
            dump.append(" held by \"").append(thread.getLockOwnerName()).append('"');
        }
        dump.append('\n');
        appendStack(dump, thread);
        for (LockInfo lock : thread.getLockedSynchronizers()) {
            dump.append("    holds ").append(lock).append('\n');
        }
    }

    private static void appendStack(StringBuilder dump, ThreadInfo thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        for (int depth = 0; depth < stack.length; depth++) {
            dump.append("    at ").append(frame(stack[depth])).append('\n');
            for (MonitorInfo monitor : thread.getLockedMonitors()) {
                if (monitor.getLockedStackDepth() == depth) {
                    dump.append("    holds ").append(monitor).append('\n');
                }
            }
        }
    }
}
