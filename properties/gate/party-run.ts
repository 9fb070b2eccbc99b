/** The `gate` command of the package, where there is no code of our own to judge. */
import { perform, processScreen } from '../harness/terminal/command.ts'
import { answering, endWithoutReader } from '../harness/terminal/ending.ts'
import { PARTY_USAGE, partyGate } from './party.ts'

endWithoutReader()
await answering(() => perform({ ...PARTY_USAGE, run: partyGate }, process.argv.slice(2), processScreen()))
