-- Spark 4 SQL: raw parts as a view, trades and bars of one second from it.
--
--   spark-sql --conf spark.sql.caseSensitive=true --conf spark.sql.session.timeZone=UTC \
--     --conf spark.sql.files.openCostInBytes=65536 -f infra/sql/spark.sql
--
-- with YOUR-BUCKET replaced by s3a://my-trades, or by file:///data/bucket. Keys differ only in case (t and T): without
-- caseSensitive Spark refuses them. FAILFAST: a damaged line ends the query, where the default makes it a row of nulls.
SET spark.sql.caseSensitive=true;

CREATE OR REPLACE TEMPORARY VIEW raw_trades (
    E BIGINT, s STRING, t BIGINT, p STRING, q STRING, T BIGINT, m BOOLEAN, recv_us BIGINT, src STRING,
    exchange STRING, stream STRING, symbol STRING, dt DATE
)
USING json
OPTIONS (
    path 'YOUR-BUCKET/raw/exchange=binance/stream=trade/symbol=*/dt=*/*/*',
    basePath 'YOUR-BUCKET/raw',
    pathGlobFilter 'part-*.jsonl.gz',
    mode 'FAILFAST'
);

-- Every instance and every backfill may hold a trade. agree is false where two copies of one id differ.
CREATE OR REPLACE TEMPORARY VIEW trades AS
SELECT symbol, dt, t AS trade_id,
       min(CAST(p AS DECIMAL(18, 8))) AS price,
       min(CAST(q AS DECIMAL(38, 8))) AS quantity,
       min(timestamp_micros(IF(T >= 100000000000000, T, T * 1000))) AS trade_time,
       bool_and(m) AS buyer_is_maker,
       count(*) AS copies,
       min(p) = max(p) AND min(q) = max(q) AND bool_and(m) = bool_or(m) AS agree
FROM raw_trades
GROUP BY symbol, dt, t;

-- complete: no id is missing in the second, before its first and after its last trade. The first and the last bar that
-- a query sees have no neighbour, so they are never called complete.
CREATE OR REPLACE TEMPORARY VIEW bars_1s AS
SELECT date_trunc('SECOND', trade_time) AS ts, symbol,
       min_by(price, trade_id) AS open, max(price) AS high, min(price) AS low, max_by(price, trade_id) AS close,
       sum(quantity) AS volume,
       CAST(sum(CAST(price AS DECIMAL(18, 8)) * CAST(quantity AS DECIMAL(19, 8))) AS DECIMAL(38, 16)) AS quote_volume,
       sum(IF(buyer_is_maker, CAST(0 AS DECIMAL(38, 8)), quantity)) AS taker_buy_volume,
       count(*) AS trade_count, min(trade_id) AS id_first, max(trade_id) AS id_last,
       bool_and(coalesce(id_before = trade_id - 1, false) AND coalesce(id_after = trade_id + 1, false)) AS complete
FROM (
    SELECT *, lag(trade_id) OVER (PARTITION BY symbol ORDER BY trade_id) AS id_before,
           lead(trade_id) OVER (PARTITION BY symbol ORDER BY trade_id) AS id_after
    FROM trades)
GROUP BY date_trunc('SECOND', trade_time), symbol;

SELECT * FROM bars_1s ORDER BY symbol, ts LIMIT 10;
