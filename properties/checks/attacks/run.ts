/** `npm run attacks`. */
import { readAttacks } from '../../harness/attack/attack-file.ts'
import { main } from '../../harness/terminal/command.ts'
import { attacksCommand } from './check.ts'

await main(attacksCommand(readAttacks()))
