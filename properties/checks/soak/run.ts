/** `npm run soak`. */
import { painter } from '../prop/print.ts'
import { soak } from './main.ts'

const terminal = process.stderr.isTTY === true

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (e: NodeJS.ErrnoException) => {
  if (e.code !== 'EPIPE') throw e
  process.exit()
})
let stopped = false
// Once: whoever is in a hurry presses Ctrl-C again.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    stopped = true
  })
process.exitCode = await soak(
  process.argv.slice(2),
  {
    say: (text) => void process.stdout.write(`${text}\n`),
    complain: (text) => void process.stderr.write(`${text}\n`),
    live: (text) => {
      if (terminal) process.stderr.write(`\r\x1b[K${text.slice(0, process.stderr.columns)}`)
      else if (text !== '') process.stderr.write(`${text}\n`)
    },
    paint: painter(process.stdout),
    liveEveryMs: terminal ? 200 : 2_000,
  },
  () => stopped,
)
