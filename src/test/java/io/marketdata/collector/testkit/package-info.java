/** Hand-written stand-ins for the world around the collector. */
package io.marketdata.collector.testkit;
