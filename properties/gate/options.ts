/** The options of `gate`, checked. Errors name the option, what it expects and what it got. */
import { parseArgs } from 'node:util'
import { DEFAULT_SEED } from '../checks/prop/options.ts'
import type { Parsed } from '../harness/schedule-file.ts'
import { PROFILES, type Profile } from './profiles.ts'
import { STAGES } from './stages/index.ts'

export interface Options {
  readonly profile: Profile
  readonly seed: number
  readonly only: readonly string[] | null
  readonly update: boolean
  readonly out: string
}

const names = STAGES.map((s) => s.name)

export const USAGE = `npm run gate -- [options]
  --profile NAME   ${Object.values(PROFILES)
    .map((p) => `${p.name}: ${p.says}`)
    .join('\n                   ')}
  --seed N         0..4294967295 (default ${DEFAULT_SEED})
  --only A,B       these stages only: ${names.join(', ')}
  --update         write REPORT.md instead of comparing it
  --out DIR        where the run leaves its files (default reports)
Exit codes: 0 pass, 1 something is not as specified, 2 usage, 3 a budget, floor or coverage not met, 4 harness error.`

const bad = (why: string): Parsed<never> => ({ kind: 'bad', why })

export const parseOptions = (argv: readonly string[]): Parsed<Options | 'help'> => {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const options = { profile: text, seed: text, only: text, out: text, update: flag, help: flag }
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values']
  try {
    values = parseArgs({ args: [...argv], options }).values
  } catch (e) {
    return bad(e instanceof Error ? e.message.split('\n')[0]! : String(e))
  }
  if (values.help) return { kind: 'ok', value: 'help' }
  const asked = values.profile ?? 'pr'
  const profile = Object.values(PROFILES).find((p) => p.name === asked)
  if (profile === undefined) return bad(`--profile: expected one of ${Object.keys(PROFILES).join(', ')}, got ${asked}`)
  const seed = values.seed ?? String(DEFAULT_SEED)
  if (!/^\d+$/.test(seed) || Number(seed) > 0xffffffff)
    return bad(`--seed: expected an integer 0..4294967295, got ${seed}`)
  const only = values.only?.split(',') ?? null
  const unknown = only?.find((name) => !names.includes(name))
  if (unknown !== undefined) return bad(`--only: expected one of ${names.join(', ')}, got ${unknown}`)
  const own = profile.name === 'pr' && Number(seed) === DEFAULT_SEED && only === null
  if (values.update && !own) return bad('--update: expected profile pr with its own seed and all stages')
  return {
    kind: 'ok',
    value: { profile, seed: Number(seed), only, update: values.update ?? false, out: values.out ?? 'reports' },
  }
}
