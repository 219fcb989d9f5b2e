/** The entry point. */
@NullMarked
package io.marketdata.query;

import org.jspecify.annotations.NullMarked;
