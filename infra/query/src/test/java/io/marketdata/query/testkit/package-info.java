/** What the tests share: a bucket as instances of the collector write it. */
package io.marketdata.query.testkit;
