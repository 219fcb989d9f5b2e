"""Checks that a copied bucket holds every trade of a symbol: verify.py DIRECTORY SYMBOL [THROUGH].

Every manifest's part must exist with the manifest's digest, count, first and last id; every part must have its manifest;
and the ids of all instances together must be consecutive, from the first stored one to the last stored one or to THROUGH,
an id that the exchange has issued, whichever is higher.
"""
import gzip
import hashlib
import json
import pathlib
import sys

root, symbol = pathlib.Path(sys.argv[1]), sys.argv[2]
through = int(sys.argv[3]) if len(sys.argv) > 3 else 0
folder = root / "raw/exchange=binance/stream=trade" / f"symbol={symbol}"
parts = set(folder.rglob("part-*.jsonl.gz"))
ids, instances = set(), set()
for path in folder.rglob("manifest-*.json"):
    manifest = json.loads(path.read_text())
    payload = manifest["payload"]
    part = root / payload["s3_key"]
    parts.discard(part)
    packed = part.read_bytes()
    assert hashlib.sha256(packed).hexdigest() == payload["sha256"], f"{part}: its digest differs from {path}"
    trades = [json.loads(line)["t"] for line in gzip.decompress(packed).splitlines()]
    assert len(trades) == payload["record_count"], f"{part}: {len(trades)} trades, {path} says {payload['record_count']}"
    assert (min(trades), max(trades)) == (payload["id_first"], payload["id_last"]), f"{part}: its ids differ from {path}"
    ids.update(trades)
    instances.add(manifest["source"]["instance_id"])
assert not parts, f"parts without a manifest: {sorted(map(str, parts))}"
assert ids, f"no trade below {folder}"
missing = max(max(ids), through) - min(ids) + 1 - len(ids)
print(f"{symbol}: {len(ids)} trades up to {max(ids)}, {missing} missing, written by {' '.join(sorted(instances))}")
sys.exit(1 if missing else 0)
