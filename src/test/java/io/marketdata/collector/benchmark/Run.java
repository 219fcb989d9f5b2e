package io.marketdata.collector.benchmark;

import java.util.Map;

/**
 * One measurement of one way under one load.
 *
 * @param lost trades that were sent and are not in the bucket
 * @param cpuMicros processor time of the process for each trade, from its start until everything is stored
 * @param lateCpuMicros the same in the second half of sending; not a number if trades are sent as fast as they are read
 * @param threadMicros the same by thread
 * @param perSecond trades a second from sending the first to receiving the last
 * @param storedSeconds from sending the last trade until every trade is in the bucket
 * @param peakMib the largest resident set
 * @param startSeconds from the start of the process to receiving the first trade
 * @param delayMillis from sending to receiving: median, 99 of 100, largest
 */
record Run(
        Way way,
        int lost,
        double cpuMicros,
        double lateCpuMicros,
        Map<String, Double> threadMicros,
        double perSecond,
        double storedSeconds,
        double peakMib,
        double startSeconds,
        double[] delayMillis) {}
