/** A day of trades in the format of the exchange's daily files. */
@NullMarked
package io.marketdata.query.export;

import org.jspecify.annotations.NullMarked;
