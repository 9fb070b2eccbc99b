/** The options of `attacks`, checked. Errors name the option, what it expects and what it got. */
import { parseArgs } from 'node:util'
import type { Mode } from '../../../spec/language.ts'
import { readAttackFiles } from '../../harness/attack/attack-file.ts'
import type { NamedAttack } from '../../harness/attack/perform.ts'
import type { Parsed } from '../../harness/schedule-file.ts'

export interface AttackOptions {
  readonly mode: Mode
  readonly attacks: readonly NamedAttack[]
  readonly list: boolean
}

export const USAGE = `npm run attacks -- [options] [FILE ...]
  FILE               attacks from these files, such as npm run attack saves, instead of the stored ones
  --mode M           bound or literal (default bound)
  --only NAME,...    these attacks only, by name or number
  --list             what there is and what each mode predicts; plays nothing
Starts a server and clients of its own on 127.0.0.1 and attacks them over TCP.
Exit codes: 0 as the mode predicts, 1 not so, 2 usage.`

const bad = (why: string): Parsed<never> => ({ kind: 'bad', why })

const chosen = (
  only: string | undefined,
  files: readonly string[],
  all: readonly NamedAttack[],
): Parsed<readonly NamedAttack[]> => {
  if (only !== undefined && files.length > 0) return bad(`--only: expected without files, got ${files[0]} as well`)
  if (files.length > 0) return readAttackFiles(files)
  if (only === undefined) return { kind: 'ok', value: all }
  const wanted = only.split(',')
  const is = (a: NamedAttack, w: string): boolean => a.name === w || String(a.attack.n) === w
  const odd = wanted.find((w) => !all.some((a) => is(a, w)))
  return odd === undefined
    ? { kind: 'ok', value: all.filter((a) => wanted.some((w) => is(a, w))) }
    : bad(`--only: expected names or numbers that --list shows, got ${JSON.stringify(odd)}`)
}

export const parseAttackOptions = (
  argv: readonly string[],
  all: readonly NamedAttack[],
): Parsed<AttackOptions | 'help'> => {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    const options = { mode: text, only: text, list: flag, help: flag }
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true })
    if (values.help) return { kind: 'ok', value: 'help' }
    const mode = values.mode ?? 'bound'
    if (mode !== 'bound' && mode !== 'literal') return bad(`--mode: expected bound or literal, got ${mode}`)
    const attacks = chosen(values.only, positionals, all)
    return attacks.kind === 'bad'
      ? attacks
      : { kind: 'ok', value: { mode, attacks: attacks.value, list: values.list === true } }
  } catch (e) {
    if (e instanceof TypeError && 'code' in e) return bad(e.message.split('\n')[0]!)
    throw e
  }
}
