/** Status of a running collector for the outside: status page, health and metrics over HTTP, notifications to systemd. */
@NullMarked
package io.marketdata.collector.status;

import org.jspecify.annotations.NullMarked;
