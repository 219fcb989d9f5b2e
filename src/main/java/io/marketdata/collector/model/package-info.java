/**
 * The words every room shares: values checked at birth, no I/O, nothing but the JDK. This room must not know how trades
 * arrive, where they are kept, or that S3 exists.
 */
@NullMarked
package io.marketdata.collector.model;

import org.jspecify.annotations.NullMarked;
