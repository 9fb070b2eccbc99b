/** `npm run attacks`. */
import { painter } from '../print.ts'
import { attacks } from './main.ts'
import { readAttacks } from './read.ts'

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
