/** The life of the process: threads and their watchdog, faults, exit codes, signals and the forced end. */
@NullMarked
package io.marketdata.collector.process;

import org.jspecify.annotations.NullMarked;
