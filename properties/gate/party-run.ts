/** The `gate` command of the package, where there is no code of our own to judge. */
import { answering, endQuietlyWithoutReader, perform, processScreen } from '../harness/terminal/command.ts'
import { PARTY_USAGE, partyGate } from './party.ts'

endQuietlyWithoutReader()
// Forked processes of a stage that was left behind do not keep a stopped run alive.
process.exit(await answering(() => perform({ ...PARTY_USAGE, run: partyGate }, process.argv.slice(2), processScreen())))
