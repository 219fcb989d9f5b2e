/**
 * What the outside sees of a running collector: status page, health and metrics over HTTP, and notifications to systemd.
 */
@NullMarked
package io.marketdata.collector.status;

import org.jspecify.annotations.NullMarked;
