package io.marketdata.collector.benchmark;

import com.sun.management.ThreadMXBean;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Reads from another JVM how many bytes its threads allocate for each trade, when its code has been compiled. */
final class Allocation {

    /** Seconds before the first reading, and between the two. */
    static final int WARM_UP_SECONDS = 10;

    static final int MEASURED_SECONDS = 5;

    private Allocation() {}

    /** Bytes a trade by thread, numbers at the end of names dropped. */
    static Map<String, Double> perTrade(Process process, int tradesPerSecond) throws Exception {
        process.waitFor(WARM_UP_SECONDS, TimeUnit.SECONDS);
        VirtualMachine machine = VirtualMachine.attach(Long.toString(process.pid()));
        JMXServiceURL address = new JMXServiceURL(machine.startLocalManagementAgent());
        machine.detach();
        try (JMXConnector connector = JMXConnectorFactory.connect(address)) {
            MBeanServerConnection connection = connector.getMBeanServerConnection();
            ThreadMXBean threads = ManagementFactory.newPlatformMXBeanProxy(
                    connection, ManagementFactory.THREAD_MXBEAN_NAME, ThreadMXBean.class);
            Map<String, Long> before = read(threads);
            long began = System.nanoTime();
            process.waitFor(MEASURED_SECONDS, TimeUnit.SECONDS);
            Map<String, Long> after = read(threads);
            double trades = tradesPerSecond * (System.nanoTime() - began) / 1e9;
            Map<String, Double> perTrade = new TreeMap<>();
            after.forEach((name, bytes) -> perTrade.put(name, (bytes - before.getOrDefault(name, 0L)) / trades));
            return perTrade;
        }
    }

    private static Map<String, Long> read(ThreadMXBean threads) throws IOException {
        long[] ids = threads.getAllThreadIds();
        long[] bytes = threads.getThreadAllocatedBytes(ids);
        ThreadInfo[] infos = threads.getThreadInfo(ids);
        Map<String, Long> byName = new HashMap<>();
        for (int i = 0; i < ids.length; i++) {
            if (infos[i] != null) {
                byName.merge(infos[i].getThreadName().replaceAll("[-.#\\d]+$", ""), bytes[i], Long::sum);
            }
        }
        return byName;
    }
}
