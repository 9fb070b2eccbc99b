/** The `prove` command. */
import { main } from '../../harness/terminal/command.ts'
import { commandOf } from '../check.ts'
import { prove } from './check.ts'

await main(commandOf(prove))
