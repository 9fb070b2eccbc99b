/** `npm run attack`. */
import { main } from '../../../harness/terminal/command.ts'
import { processSurroundings } from '../surroundings.ts'
import { attack } from './attack.ts'

await main(attack(processSurroundings()))
