/** DuckDB: its library, its settings, its files, and tables from schemas. */
@NullMarked
package io.marketdata.query.duck;

import org.jspecify.annotations.NullMarked;
