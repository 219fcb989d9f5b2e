/** The shaded jar as a process, against servers. */
package io.marketdata.collector.e2e;
