/** `npm run mutants`. */
import { main } from '../../harness/terminal/command.ts'
import { commandOf } from '../check.ts'
import { mutants } from './check.ts'

await main(commandOf(mutants))
