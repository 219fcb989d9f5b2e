-- Athena (engine 3), or Trino with a Hive catalog: the raw parts as a table, and views of it. One statement at a time.
--
--   sed 's/YOUR-BUCKET/my-trades/; s/BTCUSDT,ETHUSDT/BTCUSDT/' infra/sql/athena-raw.sql
--
-- Not run on Athena itself. The tests of infra/query/it/trino read these tables and views in Trino 483, projection and all.
-- Its Hive catalog needs hive.recursive-directories=true and hive.ignore-absent-partitions=true, and the words of Hive for
-- the table. A day of one symbol is some 100,000 objects: it costs requests and minutes, not bytes. For daily work use
-- athena-iceberg.sql.
CREATE DATABASE IF NOT EXISTS market_data;

-- Keys differ only in case (t and T): without case.insensitive = FALSE and a mapping for every column, trade_id would
-- silently be a time. A manifest beside the parts is one row of nulls.
CREATE EXTERNAL TABLE IF NOT EXISTS market_data.raw_trades (
    event_type string,
    event_time_raw bigint,
    trade_symbol string,
    trade_id bigint,
    price string,
    quantity string,
    trade_time_raw bigint,
    buyer_is_maker boolean,
    received_us bigint,
    origin string
)
PARTITIONED BY (symbol string, dt string, hh int)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
WITH SERDEPROPERTIES (
    'case.insensitive' = 'FALSE',
    'ignore.malformed.json' = 'FALSE',
    'mapping.event_type' = 'e',
    'mapping.event_time_raw' = 'E',
    'mapping.trade_symbol' = 's',
    'mapping.trade_id' = 't',
    'mapping.price' = 'p',
    'mapping.quantity' = 'q',
    'mapping.trade_time_raw' = 'T',
    'mapping.buyer_is_maker' = 'm',
    'mapping.received_us' = 'recv_us',
    'mapping.origin' = 'src'
)
LOCATION 's3://YOUR-BUCKET/raw/exchange=binance/stream=trade/'
TBLPROPERTIES (
    'projection.enabled' = 'true',
    'projection.symbol.type' = 'enum',
    'projection.symbol.values' = 'BTCUSDT,ETHUSDT',
    'projection.dt.type' = 'date',
    'projection.dt.format' = 'yyyy-MM-dd',
    'projection.dt.range' = '2025-01-01,NOW+1DAYS',
    'projection.hh.type' = 'integer',
    'projection.hh.range' = '0,23',
    'projection.hh.digits' = '2',
    'storage.location.template' =
        's3://YOUR-BUCKET/raw/exchange=binance/stream=trade/symbol=${symbol}/dt=${dt}/${hh}/'
);

-- Every instance and every backfill may hold a trade. agree is false where two copies of one id differ. Objects that are
-- no parts do not count, and Trino does not read them.
-- A part never crosses a day, so GROUP BY dt keeps the partitions apart and is exact.
CREATE OR REPLACE VIEW market_data.trades_raw AS
SELECT symbol, dt, trade_id,
       min(CAST(price AS decimal(18, 8))) AS price,
       min(CAST(quantity AS decimal(38, 8))) AS quantity,
       min(from_unixtime_nanos(IF(trade_time_raw >= 100000000000000, trade_time_raw * 1000,
                                  trade_time_raw * 1000000))) AS trade_time,
       bool_and(buyer_is_maker) AS buyer_is_maker,
       count(*) AS copies,
       min(price) = max(price) AND min(quantity) = max(quantity)
           AND bool_and(buyer_is_maker) = bool_or(buyer_is_maker) AS agree
FROM market_data.raw_trades
WHERE trade_id IS NOT NULL AND "$path" LIKE '%/part-%.jsonl.gz'
GROUP BY symbol, dt, trade_id;

-- Ids that no instance holds, between two that are held.
CREATE OR REPLACE VIEW market_data.gaps_raw AS
SELECT symbol, dt, trade_id + 1 AS id_first, next_id - 1 AS id_last, next_id - trade_id - 1 AS missing, trade_time
FROM (
    SELECT symbol, dt, trade_id, trade_time,
           lead(trade_id) OVER (PARTITION BY symbol, dt ORDER BY trade_id) AS next_id
    FROM market_data.trades_raw)
WHERE next_id > trade_id + 1;

-- The manifests of an hour in one object (docs/S3_LAYOUT.md, index): 72 objects a day instead of 50,000.
CREATE EXTERNAL TABLE IF NOT EXISTS market_data.manifests (
    version string,
    source struct<exchange: string, stream: string, symbol: string, instance_id: string>,
    payload struct<s3_key: string, record_count: bigint, bytes_uncompressed: bigint, bytes_gzip: bigint,
                   time_min_ms: bigint, time_max_ms: bigint, id_first: bigint, id_last: bigint, sha256: string>,
    created_at_ms bigint,
    quality struct<missing_ids: array<array<bigint>>, missing_count: bigint, duplicates_dropped: bigint,
                   out_of_order: bigint, rejected: bigint, rotated_by: string, origin: string>
)
PARTITIONED BY (symbol string, dt string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://YOUR-BUCKET/index/exchange=binance/stream=trade/'
TBLPROPERTIES (
    'projection.enabled' = 'true',
    'projection.symbol.type' = 'enum',
    'projection.symbol.values' = 'BTCUSDT,ETHUSDT',
    'projection.dt.type' = 'date',
    'projection.dt.format' = 'yyyy-MM-dd',
    'projection.dt.range' = '2025-01-01,NOW+1DAYS',
    'storage.location.template' =
        's3://YOUR-BUCKET/index/exchange=binance/stream=trade/symbol=${symbol}/dt=${dt}/'
);
