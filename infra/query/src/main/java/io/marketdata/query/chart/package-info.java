/** Charts of recorded trades: candles, gaps and coverage as SVG or as a page. */
@NullMarked
package io.marketdata.query.chart;

import org.jspecify.annotations.NullMarked;
