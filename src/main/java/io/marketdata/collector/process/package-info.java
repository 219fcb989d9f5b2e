/**
 * How the process lives and ends: threads, the watchdog over them, faults, exit codes, signals and the last resort.
 */
@NullMarked
package io.marketdata.collector.process;

import org.jspecify.annotations.NullMarked;
