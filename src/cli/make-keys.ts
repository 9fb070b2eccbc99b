/** `npm run keys`. */
import { nodeRng } from '../index.ts'
import { formatIds, freshKeyring, parseIds, writePrivate } from './keyring.ts'
import { given, orComplain, UserError } from './options.ts'
import type { Terminal } from './terminal.ts'

const KEYS_USAGE = `npm run keys -- --ids 1-5 --out FILE
  --ids LIST    clients to make keys for, such as 1-5 or 1,3,7-9
  --out FILE    the keyring to write, readable by you alone (mode 600); must not exist yet
The server needs the whole file; a client needs its own line only.`

/** Writes fresh keys. Resolves with the exit code. */
export const makeKeys = (argv: readonly string[], terminal: Terminal): Promise<number> =>
  orComplain(terminal, async () => {
    const options = given(argv, ['ids', 'out'])
    if (options.help) {
      terminal.out(KEYS_USAGE)
      return 0
    }
    if (options.positionals.length > 0)
      throw new UserError(`arguments: expected options only, got ${options.positionals[0]}`)
    const [ids, out] = [options.text('ids'), options.text('out')]
    if (ids === undefined) throw new UserError('--ids: expected client ids such as 1-5, got none')
    if (out === undefined) throw new UserError('--out: expected a file to write, got none; keys are never printed')
    const list = parseIds('--ids', ids)
    writePrivate(out, freshKeyring(list, nodeRng))
    terminal.out(
      `Wrote fresh keys of ${list.length === 1 ? 'client' : 'clients'} ${formatIds(list)} to ${out} (mode 600).`,
    )
    return 0
  })
