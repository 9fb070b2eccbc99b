/** `npm run soak`. Ctrl-C ends it with the figures so far. */
import { main } from '../../harness/terminal/command.ts'
import { commandOf } from '../check.ts'
import { soak } from './check.ts'

const stop = new AbortController()
// Once: a second Ctrl-C ends the process at once.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
await main(commandOf(soak, stop.signal), { plainMs: 2_000 })
