/**
 * Checks whether recording would work on this machine with these settings, and collects the support bundle.
 */
@NullMarked
package io.marketdata.collector.doctor;

import org.jspecify.annotations.NullMarked;
