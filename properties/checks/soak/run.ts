/** `npm run soak`. Ctrl-C ends it with the figures so far. */
import { main } from '../../harness/terminal/command.ts'
import { commandOf } from '../check.ts'
import { soak } from './check.ts'

await main(commandOf(soak), { plainMs: 2_000 })
