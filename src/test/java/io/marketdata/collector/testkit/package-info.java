/** Hand-written fakes of everything around the collector. */
package io.marketdata.collector.testkit;
