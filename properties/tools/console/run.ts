/** `npm run attack` and `npm run mitm`: two ways to stand in the middle. Usage: run.ts attack|mitm [options] */
import { endQuietlyWithoutReader, perform, processScreen } from '../../harness/terminal/command.ts'
import { attack } from './attack/attack.ts'
import { mitm } from './relay/mitm.ts'
import { processSurroundings } from './surroundings.ts'

const [name, ...argv] = process.argv.slice(2)
const [around, screen] = [processSurroundings(), processScreen()]
if (name === 'mitm') {
  // a reader of what is printed that goes away (`| head`) is no reason to stop relaying
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  process.exitCode = await perform(mitm(around), argv, screen)
} else {
  endQuietlyWithoutReader()
  process.exitCode = await perform(attack(around), argv, screen)
}
