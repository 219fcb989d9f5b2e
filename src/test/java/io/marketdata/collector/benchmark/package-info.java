/** Measures the collector's jar as a process beside other ways to record the same trades. */
package io.marketdata.collector.benchmark;
