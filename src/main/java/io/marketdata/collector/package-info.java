/** The entry point, and nothing else: every class has a package of its own below. */
@NullMarked
package io.marketdata.collector;

import org.jspecify.annotations.NullMarked;
