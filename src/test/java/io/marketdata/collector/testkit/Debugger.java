package io.marketdata.collector.testkit;

import com.sun.jdi.Bootstrap;
import com.sun.jdi.ClassType;
import com.sun.jdi.IncompatibleThreadStateException;
import com.sun.jdi.ObjectReference;
import com.sun.jdi.StringReference;
import com.sun.jdi.ThreadReference;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.request.BreakpointRequest;
import com.sun.jdi.request.EventRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Holds single threads of a running collector and throws errors in them, by the JVM's debug interface: what a thread
 * meets in the worst case, without a hook for it in the product.
 */
public final class Debugger implements AutoCloseable {

    /** JVM options that let a debugger attach to a collector. */
    public static final List<String> JVM_OPTIONS =
            List.of("-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0");

    private static final long PATIENCE_MS = TimeUnit.SECONDS.toMillis(30);

    private final VirtualMachine vm;
    private final CollectorProcess process;

    private Debugger(VirtualMachine vm, CollectorProcess process) {
        this.vm = vm;
        this.process = process;
    }

    /** Whether this Java can debug another one; a JRE cannot. */
    public static boolean isAvailable() {
        return ModuleLayer.boot().findModule("jdk.jdi").isPresent();
    }

    /** Attaches to a process that was started with {@link #JVM_OPTIONS}. */
    public static Debugger attach(CollectorProcess process) throws Exception {
        String listening = process.awaitLine("Listening for transport dt_socket at address: \\d+");
        AttachingConnector connector = Bootstrap.virtualMachineManager().attachingConnectors().stream()
                .filter(each -> each.name().equals("com.sun.jdi.SocketAttach"))
                .findFirst()
                .orElseThrow();
        Map<String, Connector.Argument> arguments = connector.defaultArguments();
        arguments.get("hostname").setValue("127.0.0.1");
        arguments.get("port").setValue(listening.replaceAll(".*: ", ""));
        return new Debugger(connector.attach(arguments), process);
    }

    /** A thread that is suspended. */
    public final class Held {
        private final ThreadReference thread;

        private Held(ThreadReference thread) {
            this.thread = thread;
        }

        /** Resumes the thread; does nothing if the process has ended meanwhile. */
        public void resume() {
            try {
                thread.resume();
            } catch (VMDisconnectedException e) {
                // the test checks how it ended
            }
        }

        /** Throws a new {@code java.lang.Error} here and resumes the thread. */
        public void throwError() throws Exception {
            thread.stop(newError());
            resume();
        }

        /** Throws an error in another thread, wherever that is, and resumes this one. */
        public void throwErrorIn(String otherThread) throws Exception {
            thread(otherThread)
                    .orElseThrow(() -> new AssertionError("no thread " + otherThread))
                    .stop(newError());
            resume();
        }

        private ObjectReference newError() throws Exception {
            ClassType type = (ClassType) vm.classesByName("java.lang.Error").get(0);
            StringReference message = vm.mirrorOf("planted");
            message.disableCollection();
            ObjectReference error = type.newInstance(
                    thread,
                    type.concreteMethodByName("<init>", "(Ljava/lang/String;)V"),
                    List.of(message),
                    ClassType.INVOKE_SINGLE_THREADED);
            error.disableCollection();
            return error;
        }
    }

    /** Suspends the whole process, as SIGSTOP or a suspended machine does, and resumes it after a while. */
    public void pauseAll(Duration pause) throws InterruptedException {
        vm.suspend();
        TimeUnit.NANOSECONDS.sleep(pause.toNanos());
        vm.resume();
    }

    /** Waits until a thread reaches a method, and suspends it there; see {@link #trap}. */
    public Held hold(String threadName, String className, String method) throws Exception {
        return trap(threadName, className, method).await();
    }

    /**
     * Will suspend a thread when it reaches a method, until it is resumed or this is closed.
     *
     * @param threadName a regular expression
     */
    public Trap trap(String threadName, String className, String method) throws Exception {
        Await.until("thread " + threadName + " and class " + className, () -> {
            return thread(threadName).isPresent()
                    && !vm.classesByName(className).isEmpty();
        });
        ThreadReference thread = thread(threadName).orElseThrow();
        List<EventRequest> requests = new ArrayList<>();
        for (var each : vm.classesByName(className).get(0).methodsByName(method)) {
            BreakpointRequest request = vm.eventRequestManager().createBreakpointRequest(each.location());
            request.addThreadFilter(thread);
            request.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
            request.enable();
            requests.add(request);
        }
        if (requests.isEmpty()) {
            throw new AssertionError("no method " + method + " in " + className);
        }
        return new Trap(thread, requests, threadName + " in " + className + "." + method);
    }

    /** A place where a thread will be suspended. Only one at a time may be awaited. */
    public final class Trap {
        private final ThreadReference thread;
        private final List<EventRequest> requests;
        private final String place;

        private Trap(ThreadReference thread, List<EventRequest> requests, String place) {
            this.thread = thread;
            this.requests = requests;
            this.place = place;
        }

        /** Waits until the thread is there. */
        public Held await() throws InterruptedException {
            awaitBreakpoint(requests, place);
            vm.eventRequestManager().deleteEventRequests(requests);
            return new Held(thread);
        }
    }

    private void awaitBreakpoint(List<EventRequest> requests, String place) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
        for (long left = PATIENCE_MS; left > 0; ) {
            EventSet events;
            try {
                events = vm.eventQueue().remove(left);
            } catch (VMDisconnectedException e) {
                throw new AssertionError("ended before it reached " + place + "\n" + process.text(), e);
            }
            if (events != null) {
                for (Event event : events) {
                    if (event instanceof BreakpointEvent reached && requests.contains(reached.request())) {
                        return;
                    }
                }
                events.resume();
            }
            left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        }
        throw new AssertionError("not reached: " + place + "\n" + process.text());
    }

    private Optional<ThreadReference> thread(String name) {
        Pattern pattern = Pattern.compile(name);
        return vm.allThreads().stream()
                .filter(each -> pattern.matcher(each.name()).matches())
                .findFirst();
    }

    /** Detaches, which resumes every thread. */
    @Override
    public void close() throws IOException, IncompatibleThreadStateException {
        try {
            vm.dispose();
        } catch (VMDisconnectedException e) {
            // the process has ended, as it should
        }
    }
}
