/**
 * The few file operations that the spool's safety rests on, behind one interface so that a test can stand in for the
 * disk. Promises what each operation makes durable; must not know what the files mean.
 */
@NullMarked
package io.marketdata.collector.disk;

import org.jspecify.annotations.NullMarked;
