/** The commands, one class each: reads options and settings, runs, prints the result for a person, returns the exit code. */
@NullMarked
package io.marketdata.collector.command;

import org.jspecify.annotations.NullMarked;
