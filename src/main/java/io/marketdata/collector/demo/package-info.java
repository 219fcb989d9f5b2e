/** The fault-injection demo: the jar as a child process, a scripted exchange and store, and a report of each fault's effect. */
@NullMarked
package io.marketdata.collector.demo;

import org.jspecify.annotations.NullMarked;
