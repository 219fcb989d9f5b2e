/** Measurements beside other ways, run by hand: docs/BENCHMARKS.md. */
package io.marketdata.query.benchmark;
