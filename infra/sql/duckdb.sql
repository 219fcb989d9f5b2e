-- Trades, bars and gaps straight from the raw parts, in DuckDB 1.1 or newer.
--
--   duckdb -cmd "SET VARIABLE bucket = '/data/bucket'" -init infra/sql/duckdb.sql
--
-- The variable is a directory with the layout of the bucket (RAW_BUCKET=file:/data/bucket, or a copy by `aws s3 sync`), or
-- s3://YOUR-BUCKET after INSTALL httpfs; LOAD httpfs; CREATE SECRET (TYPE s3, PROVIDER credential_chain).
-- symbol, first_day and last_day bound what is read, in the same way; without them it is everything. Query the day before
-- and the day after as well if the first and the last bar of a day matter (see bars_1s).
SET VARIABLE bucket = coalesce(getvariable('bucket'), '.');
SET VARIABLE symbol = coalesce(getvariable('symbol'), '*');
SET VARIABLE first_day = coalesce(getvariable('first_day'), '2017-01-01');
SET VARIABLE last_day = coalesce(getvariable('last_day'), '2999-12-31');
SET TimeZone = 'UTC';

-- The exchange sends ms or, if asked, microseconds; 10^14 ms is the year 5138.
CREATE OR REPLACE MACRO utc(t) AS
    make_timestamp(CASE WHEN t >= 100000000000000 THEN t ELSE t * 1000 END) AT TIME ZONE 'UTC';

-- Keys differ only in case (t and T): columns= and auto-detection confuse them, a JSON path does not.
CREATE OR REPLACE VIEW raw_trades AS
SELECT symbol,
       dt,
       x[1]::BIGINT AS trade_id,
       x[2]::DECIMAL(18,8) AS price,
       x[3]::DECIMAL(38,8) AS quantity,
       utc(x[4]::BIGINT) AS trade_time,
       utc(x[5]::BIGINT) AS event_time,
       x[6]::BOOLEAN AS buyer_is_maker,
       utc(x[7]::BIGINT) AS received_time,
       coalesce(x[8], 'stream') AS origin,
       regexp_extract(filename, 'part-(.+?)(-rest|-archive)?-\d+\.jsonl\.gz$', 1) AS instance
FROM (
    SELECT json ->> ['$.t', '$.p', '$.q', '$.T', '$.E', '$.m', '$.recv_us', '$.src'] AS x, filename, symbol, dt
    FROM read_ndjson_objects(
        getvariable('bucket') || '/raw/exchange=binance/stream=trade/symbol=' || getvariable('symbol')
            || '/dt=*/*/*/part-*.jsonl.gz',
        filename = true, hive_partitioning = true, hive_types = {'symbol': VARCHAR, 'dt': DATE})
    WHERE dt BETWEEN getvariable('first_day')::DATE AND getvariable('last_day')::DATE);

-- Every instance and every backfill may hold a trade. agree is false where two copies of one id differ: look, do not guess.
CREATE OR REPLACE VIEW trades AS
SELECT symbol,
       dt,
       trade_id,
       min(price) AS price,
       min(quantity) AS quantity,
       min(trade_time) AS trade_time,
       min(event_time) AS event_time,
       bool_and(buyer_is_maker) AS buyer_is_maker,
       min(received_time) AS received_time,
       count(*) AS copies,
       min(price) = max(price) AND min(quantity) = max(quantity)
           AND bool_and(buyer_is_maker) = bool_or(buyer_is_maker)
           AND epoch_ms(min(trade_time)) = epoch_ms(max(trade_time)) AS agree
FROM raw_trades
GROUP BY symbol, dt, trade_id;

-- Ids that no instance holds, between two that are held.
CREATE OR REPLACE VIEW gaps AS
SELECT symbol, trade_id + 1 AS id_first, next_id - 1 AS id_last, next_id - trade_id - 1 AS missing,
       trade_time AS after_time, next_time AS before_time
FROM (
    SELECT symbol, trade_id, trade_time,
           lead(trade_id) OVER w AS next_id, lead(trade_time) OVER w AS next_time
    FROM trades
    WINDOW w AS (PARTITION BY symbol ORDER BY trade_id))
WHERE next_id > trade_id + 1;

-- complete: no id is missing in the second, before its first and after its last trade. The first and the last bar that
-- a query sees have no neighbour, so they are never called complete: begin a second early and end a second late.
CREATE OR REPLACE VIEW bars_1s AS
SELECT date_trunc('second', trade_time) AS ts,
       symbol,
       arg_min(price, trade_id) AS "open",
       max(price) AS high,
       min(price) AS low,
       arg_max(price, trade_id) AS "close",
       sum(quantity) AS volume,
       sum(price::DECIMAL(38,8) * quantity) AS quote_volume,
       sum(CASE WHEN buyer_is_maker THEN 0::DECIMAL(38,8) ELSE quantity END) AS taker_buy_volume,
       count(*) AS trade_count,
       min(trade_id) AS id_first,
       max(trade_id) AS id_last,
       bool_and(coalesce(id_before = trade_id - 1, false) AND coalesce(id_after = trade_id + 1, false)) AS complete
FROM (
    SELECT *, lag(trade_id) OVER w AS id_before, lead(trade_id) OVER w AS id_after
    FROM trades
    WINDOW w AS (PARTITION BY symbol ORDER BY trade_id))
GROUP BY ALL;

-- From 1-second bars, so that both agree. Seconds without a trade have no row.
CREATE OR REPLACE VIEW bars_1m AS
SELECT time_bucket(INTERVAL 1 MINUTE, ts) AS ts,
       symbol,
       arg_min("open", id_first) AS "open",
       max(high) AS high,
       min(low) AS low,
       arg_max("close", id_last) AS "close",
       sum(volume) AS volume,
       sum(quote_volume) AS quote_volume,
       sum(taker_buy_volume) AS taker_buy_volume,
       sum(trade_count)::BIGINT AS trade_count,
       min(id_first) AS id_first,
       max(id_last) AS id_last,
       bool_and(complete) AS complete
FROM bars_1s
GROUP BY ALL;
