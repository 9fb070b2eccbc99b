/** `npm run attack` and `npm run mitm`: two ways to stand in the middle. Usage: run.ts attack|mitm [options] */
import { perform, processScreen } from '../../harness/terminal/command.ts'
import { answering, endWithoutReader } from '../../harness/terminal/ending.ts'
import { attack } from './attack/attack.ts'
import { mitm } from './relay/mitm.ts'
import { processSurroundings } from './surroundings.ts'

const [name, ...argv] = process.argv.slice(2)
const [around, screen] = [processSurroundings(), processScreen()]
if (name === 'mitm') {
  // a reader of what is printed that goes away (`| head`) is no reason to stop relaying
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  await answering(() => perform(mitm(around), argv, screen))
} else {
  endWithoutReader()
  await answering(() => perform(attack(around), argv, screen))
}
