package io.marketdata.collector.process;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.marketdata.collector.model.Time;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process at once when Ctrl-C or SIGTERM comes a second time; the JVM itself ignores it while it stops. Accepted
 * trades are in the spool, and the next start uploads them.
 *
 * <p>The class {@code sun.misc.Signal} of module {@code jdk.unsupported} is called by reflection, because there is no other
 * way to see a signal, and no compiler accepts its name without a warning. On a Java without it the second signal does
 * nothing.
 */
final class SecondSignal {

    /** Wrappers (sudo, npm, a terminal's process group) deliver one Ctrl-C twice within milliseconds. */
    private static final long SAME_REQUEST_NANOS = Duration.ofMillis(500).toNanos();

    private static final Logger LOG = LoggerFactory.getLogger(SecondSignal.class);

    private final Time time;

    @GuardedBy("this")
    private boolean asked;

    @GuardedBy("this")
    private long firstNanos;

    private SecondSignal(Time time) {
        this.time = time;
    }

    /** From now on. */
    static void watch(Time time) {
        SecondSignal signals = new SecondSignal(time);
        for (String name : new String[] {"INT", "TERM"}) {
            try {
                signals.watch(name);
            } catch (ReflectiveOperationException | IllegalArgumentException e) {
                // with -Xrs, or where another program handles the signal
                LOG.debug("A second SIG{} does not end the process: {}", name, e.toString());
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // a proxy is equal to itself alone
    private void watch(String name) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        Object[] before = new Object[1];
        Object watcher =
                Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, (self, method, args) -> {
                    if (!method.getName().equals("handle")) {
                        return method.getName().equals("equals") ? self == args[0] : System.identityHashCode(self);
                    }
                    if (isSecond()) {
                        Halt.atSecondSignal(
                                128 + (int) signal.getMethod("getNumber").invoke(args[0]));
                    }
                    return method.invoke(before[0], args);
                });
        try {
            before[0] = signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), watcher);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(e.getCause());
        }
    }

    private synchronized boolean isSecond() {
        long now = time.nanoTime();
        if (!asked) {
            asked = true;
            firstNanos = now;
            return false;
        }
        return now - firstNanos >= SAME_REQUEST_NANOS;
    }
}
