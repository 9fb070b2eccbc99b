/** `npm run attacks`. */

import { readAttacks } from '../../harness/attack/attack-file.ts'
import { painter } from '../prop/print.ts'
import { attacks } from './main.ts'

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (e: NodeJS.ErrnoException) => {
  if (e.code !== 'EPIPE') throw e
  process.exit()
})
process.exitCode = await attacks(process.argv.slice(2), readAttacks(), {
  say: (text) => void process.stdout.write(`${text}\n`),
  complain: (text) => void process.stderr.write(`${text}\n`),
  paint: painter(process.stdout),
})
