/**
 * Vocabulary shared by all packages: values checked at construction, no I/O, nothing but the JDK. Must not know how trades
 * arrive, where they are kept, or that S3 exists.
 */
@NullMarked
package io.marketdata.collector.model;

import org.jspecify.annotations.NullMarked;
