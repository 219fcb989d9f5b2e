/**
 * One class for each command of the command line: reads options and settings, runs it, prints what a person reads, returns
 * the exit code.
 */
@NullMarked
package io.marketdata.collector.command;

import org.jspecify.annotations.NullMarked;
