/** `npm run explain`: why a stored counterexample breaks. */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { askOnce } from '../harness/campaign/players.ts'
import { CHECKS } from '../harness/judging/examine.ts'
import { partyNamed } from '../harness/parties/party-file.ts'
import { oneParty, PARTY_SHAPE } from '../harness/parties/party-options.ts'
import { command, main } from '../harness/terminal/command.ts'
import { oneOf, UsageError } from '../harness/terminal/options.ts'
import { printable } from '../harness/terminal/text.ts'

const PATIENCE_MS = 600_000 // whoever explains a long conversation waits for it

const options = z
  .strictObject({
    invariant: oneOf(
      CHECKS.map((c) => c.id),
      {
        value: 'ID',
        says: 'what it breaks that is to be explained (default the first that the file names)',
        default: null,
      },
    ),
    ...PARTY_SHAPE,
  })
  .superRefine((o, ctx) => oneParty(o, ctx))

export const explain = command({
  name: 'explain',
  options,
  rest: { value: 'FILE', says: 'a stored schedule, such as one of reports/findings', needed: true },
  notes: `Draws it and says which rule of PROTOCOL is missing, what to do, which functions of src decided, and what of the \
schedule is essential: every value is varied and played again.
Exit codes: 0 explained, 1 it breaks nothing here, 2 usage, 4 the system does not survive it.`,
  async run(o, { say, complain, columns }, rest) {
    const name = rest[0]!
    const signal = new AbortController().signal
    const means = { party: partyNamed(o), processes: availableParallelism(), signal, patienceMs: PATIENCE_MS }
    const answer = await askOnce('explain', { name, invariant: o.invariant, columns }, means)
    if (answer.kind === 'bad') throw new UsageError(answer.why)
    if (answer.kind === 'lost') {
      complain(`${printable(name)}: the system does not survive it: ${answer.why}`)
      return 4
    }
    const { code, lines } = answer.value
    if (code === 2) throw new UsageError(lines.join(' '))
    say(lines.map((line) => line.split('\n').map(printable).join('\n')).join('\n'))
    return code
  },
})

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(explain)
