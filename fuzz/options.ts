/** The options of `fuzz`, checked. Errors name the option, what it expects and what it got. */
import { parseArgs } from 'node:util'
import { TARGET_NAMES } from './targets/index.ts'

/** How long a target is searched. */
export type Budget =
  | { readonly kind: 'time'; readonly seconds: number }
  | { readonly kind: 'runs'; readonly executions: number }

export interface Options {
  readonly do: 'search' | 'minimize' | 'regress' | { readonly replay: string }
  readonly targets: readonly string[]
  readonly budget: Budget
  readonly seed: number
  readonly jobs: number
  readonly limitMs: number
  readonly json: boolean
}

export type Parsed =
  | { readonly kind: 'ok'; readonly options: Options }
  | { readonly kind: 'help' }
  | { readonly kind: 'bad'; readonly why: string }

const DEFAULT_SECONDS = 30
const DEFAULT_LIMIT_MS = 1_000

export const USAGE = `npm run fuzz -- [options]
  --target A,B     of ${TARGET_NAMES.join(', ')} (default all)
  --time SECONDS   for each target (default ${DEFAULT_SECONDS}); goes on from what earlier runs found
  --runs N         executions for each target instead; from corpus/ alone, so the same seed gives the same result
  --seed N         0..4294967295 (default 1)
  --jobs N         processes for each target (default 1)
  --limit MS       an execution that takes more processor time is a hang (default ${DEFAULT_LIMIT_MS})
  --regress        execute everything in corpus/, and search nothing
  --minimize       rewrite corpus/ as the smallest set that shows all that is known to be shown
  --replay FILE    execute one input and show it
  --json           one JSON object a line
Exit codes: 0 nothing found, 1 findings, 2 usage, or a file or folder that cannot be used.`

class Bad extends Error {}

const integer = (name: string, text: string | undefined, fallback: number, min: number, max: number): number => {
  if (text === undefined) return fallback
  const n = Number(text)
  if (!/^\d+$/.test(text) || n < min || n > max)
    throw new Bad(`--${name}: expected an integer ${min}..${max}, got ${text}`)
  return n
}

const targets = (text: string | undefined): readonly string[] => {
  if (text === undefined) return TARGET_NAMES
  for (const name of text.split(','))
    if (!TARGET_NAMES.includes(name)) throw new Bad(`--target: expected one of ${TARGET_NAMES.join(', ')}, got ${name}`)
  return [...new Set(text.split(','))]
}

const budget = (time: string | undefined, runs: string | undefined): Budget => {
  if (time !== undefined && runs !== undefined) throw new Bad('--runs: expected without --time, got both')
  return runs === undefined
    ? { kind: 'time', seconds: integer('time', time, DEFAULT_SECONDS, 1, 1_000_000) }
    : { kind: 'runs', executions: integer('runs', runs, 0, 1, 1_000_000_000) }
}

type Flags = Readonly<Record<'minimize' | 'regress', boolean | undefined>> & { readonly replay: string | undefined }

const action = ({ minimize, regress, replay }: Flags): Options['do'] => {
  if ([minimize, regress, replay].filter((x) => x !== undefined).length > 1)
    throw new Bad('--minimize, --regress, --replay: expected one of them, got more')
  if (minimize) return 'minimize'
  if (regress) return 'regress'
  return replay === undefined ? 'search' : { replay }
}

export const parseOptions = (argv: readonly string[]): Parsed => {
  const [text, flag] = [{ type: 'string' }, { type: 'boolean' }] as const
  try {
    const { values: v } = parseArgs({
      args: [...argv],
      options: {
        target: text,
        time: text,
        runs: text,
        seed: text,
        jobs: text,
        limit: text,
        replay: text,
        minimize: flag,
        regress: flag,
        json: flag,
        help: flag,
      },
    })
    if (v.help) return { kind: 'help' }
    const options: Options = {
      do: action({ minimize: v.minimize, regress: v.regress, replay: v.replay }),
      targets: targets(v.target),
      budget: budget(v.time, v.runs),
      seed: integer('seed', v.seed, 1, 0, 0xffff_ffff),
      jobs: integer('jobs', v.jobs, 1, 1, 64),
      limitMs: integer('limit', v.limit, DEFAULT_LIMIT_MS, 50, 600_000),
      json: v.json ?? false,
    }
    return { kind: 'ok', options }
  } catch (e) {
    if (e instanceof Bad || (e instanceof TypeError && 'code' in e))
      return { kind: 'bad', why: e.message.split('\n')[0]! }
    throw e
  }
}
