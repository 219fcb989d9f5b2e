// Records trades with tardis-dev's real-time feed: its parsed messages as lines, and a gzip file every 5 s. No id is
// checked. CollectorBenchmark starts it with a folder for the files; WSS_URL_BINANCE is the library's own variable.
import { renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gzip } from 'node:zlib'

const { stream } = createRequire(join(process.cwd(), 'target/tardis-dev/'))('tardis-dev')
const bucket = process.argv[2]
let lines = []
let parts = 0

setInterval(() => {
  if (lines.length > 0) {
    const file = join(bucket, `part-${parts++}.jsonl`)
    gzip(lines.join(''), (error, bytes) => {
      if (error) throw error
      writeFileSync(`${file}.tmp`, bytes)
      renameSync(`${file}.tmp`, `${file}.gz`)
    })
    lines = []
  }
}, 5000)

const filters = [{ channel: 'trade', symbols: ['btcusdt'] }]
for await (const { message } of stream({ exchange: 'binance', filters })) {
  message.data.recv_us = Math.round((performance.timeOrigin + performance.now()) * 1000)
  lines.push(JSON.stringify(message.data) + '\n')
}
