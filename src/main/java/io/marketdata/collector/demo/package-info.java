/**
 * The fault-injection demo: our own jar as a child process, a scripted exchange and store, and a report of what each fault
 * did.
 */
@NullMarked
package io.marketdata.collector.demo;

import org.jspecify.annotations.NullMarked;
