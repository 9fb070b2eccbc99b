/** `npm run mitm`. */
import { perform, processScreen } from '../../../harness/terminal/command.ts'
import { processSurroundings } from '../surroundings.ts'
import { mitm } from './mitm.ts'

// a reader of what is printed that goes away (`| head`) is no reason to stop relaying
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
process.exitCode = await perform(mitm(processSurroundings()), process.argv.slice(2), processScreen())
