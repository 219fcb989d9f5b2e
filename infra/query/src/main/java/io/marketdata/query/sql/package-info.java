/** Views over compacted hours, and the results of queries as text. */
@NullMarked
package io.marketdata.query.sql;

import org.jspecify.annotations.NullMarked;
