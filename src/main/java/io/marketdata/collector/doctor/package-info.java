/** Checks whether the collector would work on this machine with these settings, and writes the support bundle. */
@NullMarked
package io.marketdata.collector.doctor;

import org.jspecify.annotations.NullMarked;
