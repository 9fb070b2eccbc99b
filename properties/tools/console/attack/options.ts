/** The options of `attack`, checked. Throws a UserError that names the option, what it expects and what it got. */
import { keyringFrom } from '../../../../src/cli/keyring-file.ts'
import { given, portFrom, UserError } from '../../../../src/cli/options.ts'
import type { Target } from './scene.ts'

export const ATTACK_USAGE = `npm run attack -- [options]
  --host ADDRESS          the server (default 127.0.0.1)
  --port N                (default 9999)
  --keys FILE             its keyring: what a legitimate client or an insider has (default: the demo keys)
  --mode bound|literal    as the server has it (default bound)
  --seed N                of the clients' random bytes (default: a fresh one)
Menus at a terminal; commands, a line each, from a pipe (help lists them).
Exit codes: 0 all as PROTOCOL says, 1 something was not, 2 usage, or no server there.`

const MOST_SEED = 0xffffffff

/** `freshSeed` is drawn where none is given. */
export const parseAttackOptions = (
  argv: readonly string[],
  freshSeed: () => number,
): { readonly target: Target; readonly warning: string | null } | 'help' => {
  const o = given(argv, ['host', 'port', 'keys', 'mode', 'seed'])
  if (o.help) return 'help'
  if (o.positionals.length > 0) throw new UserError(`arguments: expected options only, got ${o.positionals[0]}`)
  const { keyring, warning } = keyringFrom(o.text('keys'))
  const seed = o.text('seed') === undefined ? freshSeed() : o.integer('seed', 0, 0, MOST_SEED)
  return {
    target: { host: o.text('host') ?? '127.0.0.1', port: portFrom(o, 1), mode: o.mode(), keyring, seed },
    warning,
  }
}
