/**
 * Shows what {@code verify} found as a page that needs nothing else. Must not read the bucket: it shows what the report
 * says.
 */
@NullMarked
package io.marketdata.collector.report;

import org.jspecify.annotations.NullMarked;
