package io.marketdata.collector.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.marketdata.collector.testkit.Await;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ThreadDumpTest {

    @Test
    void showsCompleteStacksAndLockHolders() throws Exception {
        Object lock = new Object();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        Thread holder = daemon("dump-holder", () -> {
            synchronized (lock) {
                held.countDown();
                deep(40, done);
            }
        });
        held.await();
        Thread waiter = daemon("dump-waiter", () -> {
            synchronized (lock) {
                held.countDown();
            }
        });
        Await.until("it waits", () -> waiter.getState() == Thread.State.BLOCKED);

        String dump = ThreadDump.now();

        done.countDown();
        holder.join();
        waiter.join();
        String held40 = section(dump, "dump-holder");
        assertThat(held40).contains("WAITING").contains("    holds java.lang.Object@");
        assertThat(held40.lines().filter(line -> line.contains("ThreadDumpTest.deep")))
                .hasSize(41);
        assertThat(section(dump, "dump-waiter"))
                .contains("BLOCKED, waits for java.lang.Object@", "held by \"dump-holder\"");
    }

    private static void deep(int depth, CountDownLatch done) {
        if (depth > 0) {
            deep(depth - 1, done);
            return;
        }
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static String section(String dump, String thread) {
        int from = dump.indexOf('"' + thread + "\" ");
        int to = dump.indexOf("\n\"", from);
        return dump.substring(from, to < 0 ? dump.length() : to);
    }
}
