/**
 * What HTML pages have in common: escaping, cells, the style. Must not know what a page is about.
 */
@NullMarked
package io.marketdata.collector.html;

import org.jspecify.annotations.NullMarked;
