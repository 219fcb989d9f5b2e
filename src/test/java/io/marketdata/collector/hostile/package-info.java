@org.jspecify.annotations.NullMarked
package io.marketdata.collector.hostile;
