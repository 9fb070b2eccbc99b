/** The `explore` command. */
import { main } from '../../harness/terminal/command.ts'
import { commandOf } from '../check.ts'
import { explore } from './check.ts'

await main(commandOf(explore))
