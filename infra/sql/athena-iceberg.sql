-- Athena (engine 3): each trade once, and bars of one second, as Iceberg tables that a daily MERGE fills. One statement at
-- a time, after athena-raw.sql. Running a day again changes nothing, because a MERGE inserts only what is not there.
--
--   sed 's/YOUR-TABLES/my-tables/; s/2025-01-15/2025-02-01/; s/2025-01-16/2025-02-02/' infra/sql/athena-iceberg.sql
--
-- The tables are in a bucket of their own: the policy of the bucket with the trades refuses every put without the
-- encryption header that the collector sends.
--
-- Not run on Athena. The tests of infra/query/it/trino run both MERGEs in Trino 483: the second run changes nothing.
CREATE TABLE IF NOT EXISTS market_data.trades (
    symbol string,
    trade_id bigint,
    trade_time timestamp,
    price decimal(18, 8),
    quantity decimal(38, 8),
    buyer_is_maker boolean,
    copies bigint
)
PARTITIONED BY (symbol, day(trade_time))
LOCATION 's3://YOUR-TABLES/trades/'
TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'zstd');

CREATE TABLE IF NOT EXISTS market_data.bars_1s (
    ts timestamp,
    symbol string,
    open decimal(18, 8),
    high decimal(18, 8),
    low decimal(18, 8),
    close decimal(18, 8),
    volume decimal(38, 8),
    quote_volume decimal(38, 16),
    taker_buy_volume decimal(38, 8),
    trade_count bigint,
    id_first bigint,
    id_last bigint,
    complete boolean
)
PARTITIONED BY (symbol, day(ts))
LOCATION 's3://YOUR-TABLES/bars_1s/'
TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'zstd');

-- The time in ON and in WHEN keeps the MERGE from reading the whole table.
MERGE INTO market_data.trades t
USING (
    SELECT symbol, trade_id, CAST(trade_time AT TIME ZONE 'UTC' AS timestamp(6)) AS trade_time,
           price, quantity, buyer_is_maker, copies
    FROM market_data.trades_raw
    WHERE dt = '2025-01-15') s
ON t.symbol = s.symbol AND t.trade_time = s.trade_time AND t.trade_id = s.trade_id
   AND t.trade_time >= TIMESTAMP '2025-01-15 00:00:00' AND t.trade_time < TIMESTAMP '2025-01-16 00:00:00'
WHEN NOT MATCHED THEN INSERT (symbol, trade_id, trade_time, price, quantity, buyer_is_maker, copies)
VALUES (s.symbol, s.trade_id, s.trade_time, s.price, s.quantity, s.buyer_is_maker, s.copies);

-- complete: no id is missing in the second, before its first and after its last trade. The minute on either side lends
-- the neighbours; merge the day after first, or the last bar of the day is not called complete until this runs again.
MERGE INTO market_data.bars_1s b
USING (
    SELECT date_trunc('second', trade_time) AS ts, symbol,
           min_by(price, trade_id) AS open, max(price) AS high, min(price) AS low,
           max_by(price, trade_id) AS close, sum(quantity) AS volume,
           CAST(sum(CAST(price AS decimal(18, 8)) * CAST(quantity AS decimal(19, 8))) AS decimal(38, 16))
               AS quote_volume,
           sum(IF(buyer_is_maker, CAST(0 AS decimal(38, 8)), quantity)) AS taker_buy_volume,
           count(*) AS trade_count, min(trade_id) AS id_first, max(trade_id) AS id_last,
           bool_and(coalesce(id_before = trade_id - 1, false) AND coalesce(id_after = trade_id + 1, false)) AS complete
    FROM (
        SELECT symbol, trade_id, trade_time, price, quantity, buyer_is_maker,
               lag(trade_id) OVER (PARTITION BY symbol ORDER BY trade_id) AS id_before,
               lead(trade_id) OVER (PARTITION BY symbol ORDER BY trade_id) AS id_after
        FROM market_data.trades
        WHERE trade_time >= TIMESTAMP '2025-01-15 00:00:00' - INTERVAL '1' MINUTE
          AND trade_time < TIMESTAMP '2025-01-16 00:00:00' + INTERVAL '1' MINUTE)
    WHERE trade_time >= TIMESTAMP '2025-01-15 00:00:00' AND trade_time < TIMESTAMP '2025-01-16 00:00:00'
    GROUP BY date_trunc('second', trade_time), symbol) s
ON b.symbol = s.symbol AND b.ts = s.ts
   AND b.ts >= TIMESTAMP '2025-01-15 00:00:00' AND b.ts < TIMESTAMP '2025-01-16 00:00:00'
WHEN MATCHED AND (b.id_last <> s.id_last OR b.trade_count <> s.trade_count OR b.complete <> s.complete) THEN UPDATE SET
    open = s.open, high = s.high, low = s.low, close = s.close, volume = s.volume, quote_volume = s.quote_volume,
    taker_buy_volume = s.taker_buy_volume, trade_count = s.trade_count, id_first = s.id_first, id_last = s.id_last,
    complete = s.complete
WHEN NOT MATCHED THEN INSERT (ts, symbol, open, high, low, close, volume, quote_volume, taker_buy_volume, trade_count,
                              id_first, id_last, complete)
VALUES (s.ts, s.symbol, s.open, s.high, s.low, s.close, s.volume, s.quote_volume, s.taker_buy_volume, s.trade_count,
        s.id_first, s.id_last, s.complete);

-- Once a week: few large files, and no old snapshots.
OPTIMIZE market_data.trades REWRITE DATA USING BIN_PACK WHERE trade_time >= TIMESTAMP '2025-01-15 00:00:00';

VACUUM market_data.trades;
