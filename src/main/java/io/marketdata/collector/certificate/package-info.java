/**
 * Certificates of what a bucket holds: makes, signs and checks them. docs/CERTIFICATE.md is the format.
 */
@NullMarked
package io.marketdata.collector.certificate;

import org.jspecify.annotations.NullMarked;
