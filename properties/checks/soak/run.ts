/** `npm run soak`. */
import { endQuietlyWithoutReader, perform, processScreen } from '../../harness/terminal/command.ts'
import { progressLine } from '../../harness/terminal/progress.ts'
import { soakCommand } from './main.ts'

let stopped = false
// Once: a second Ctrl-C ends the process at once.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    stopped = true
  })
endQuietlyWithoutReader()
process.exitCode = await perform(
  soakCommand(() => stopped),
  process.argv.slice(2),
  { ...processScreen(), progress: () => progressLine(process.stderr, { plainMs: 2_000 }) },
)
