-- ClickHouse: trades from the raw parts. NOT TESTED: no ClickHouse server was at hand; from its documentation.
--
-- Columns are named as the keys and are case-sensitive. Replace YOUR-BUCKET and the region; on ClickHouse's own host
-- file('/data/bucket/raw/…', 'JSONEachRow', …) reads a directory in the same way.
CREATE VIEW raw_trades AS
SELECT s AS symbol,
       t AS trade_id,
       toDecimal64(p, 8) AS price,
       toDecimal128(q, 8) AS quantity,
       fromUnixTimestamp64Micro(if(T >= 100000000000000, T, T * 1000), 'UTC') AS trade_time,
       m AS buyer_is_maker,
       extract(_path, 'part-(.+?)(?:-rest|-archive)?-[0-9]+\\.jsonl\\.gz$') AS instance
FROM s3('https://YOUR-BUCKET.s3.us-east-1.amazonaws.com/raw/exchange=binance/stream=trade/symbol=*/dt=*/*/*/part-*.jsonl.gz',
        'JSONEachRow', 's String, t Int64, p String, q String, T Int64, m Bool', 'gzip')
SETTINGS input_format_skip_unknown_fields = 1;

-- Every instance and every backfill may hold a trade.
CREATE VIEW trades AS
SELECT symbol, trade_id, any(price) AS price, any(quantity) AS quantity, min(trade_time) AS trade_time,
       any(buyer_is_maker) AS buyer_is_maker, count() AS copies,
       uniqExact(price, quantity, buyer_is_maker) = 1 AS agree
FROM raw_trades
GROUP BY symbol, trade_id;
