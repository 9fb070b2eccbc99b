/** `npm run vectors`. */
import { main } from '../../harness/terminal/command.ts'
import { commandOf } from '../check.ts'
import { vectors } from './check.ts'

await main(commandOf(vectors))
