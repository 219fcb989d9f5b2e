package io.marketdata.query.sql;

/** How a result is written. */
public enum Format {
    TABLE,
    CSV,
    /** One object a line. */
    JSON,
    PARQUET
}
