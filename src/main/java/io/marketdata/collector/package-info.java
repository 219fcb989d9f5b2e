/** Wires the rooms together, owns every thread, and closes in reverse. */
@NullMarked
package io.marketdata.collector;

import org.jspecify.annotations.NullMarked;
