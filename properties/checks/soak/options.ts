/** The options of `soak`, checked. Errors name the option, what it expects and what it got. */
import { parseArgs } from 'node:util'
import type { Mode } from '../../../src/index.ts'
import type { Parsed } from '../../harness/schedule-file.ts'
import { MOST_CLIENTS } from './values.ts'

export interface SoakOptions {
  readonly clients: number
  readonly rounds: number // of each client
  readonly hostile: number // peers
  readonly seed: number
  readonly mode: Mode
  readonly answerMs: number // the longest that a newcomer may wait
}

const DEFAULTS = { clients: 100, rounds: 640, hostile: 70, seed: 20_261_123, 'answer-ms': 1_000 } as const
const RANGES = {
  clients: [1, MOST_CLIENTS],
  rounds: [2, 1_000_000],
  hostile: [0, 2_000],
  seed: [0, 0xffff_ffff],
  'answer-ms': [1, 600_000],
} as const satisfies Record<keyof typeof DEFAULTS, readonly [number, number]>

export const USAGE = `npm run soak -- [options]
  --clients N      honest clients, 1..${MOST_CLIENTS} (default ${DEFAULTS.clients})
  --rounds N       rounds of each; half of them under attack (default ${DEFAULTS.rounds})
  --hostile N      hostile peers, 0..${RANGES.hostile[1]} (default ${DEFAULTS.hostile})
  --seed N         0..4294967295 (default ${DEFAULTS.seed})
  --mode M         bound or literal (default bound)
  --answer-ms N    the longest that a new honest client may wait (default ${DEFAULTS['answer-ms']})
Starts a server of its own on 127.0.0.1 and puts load on it over TCP. Ctrl-C ends it with the figures so far.
Exit codes: 0 all held, 1 something did not, 2 usage.`

class Bad extends Error {}

export const parseSoakOptions = (argv: readonly string[]): Parsed<SoakOptions | 'help'> => {
  const text = { type: 'string' } as const
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        clients: text,
        rounds: text,
        hostile: text,
        seed: text,
        mode: text,
        'answer-ms': text,
        help: { type: 'boolean' },
      },
    })
    if (values.help) return { kind: 'ok', value: 'help' }
    const integer = (name: keyof typeof DEFAULTS): number => {
      const given = values[name] ?? String(DEFAULTS[name])
      const [min, max] = RANGES[name]
      if (!/^\d+$/.test(given) || Number(given) < min || Number(given) > max)
        throw new Bad(`--${name}: expected an integer ${min}..${max}, got ${given}`)
      return Number(given)
    }
    const mode = values.mode ?? 'bound'
    if (mode !== 'bound' && mode !== 'literal') throw new Bad(`--mode: expected bound or literal, got ${mode}`)
    return {
      kind: 'ok',
      value: {
        clients: integer('clients'),
        rounds: integer('rounds'),
        hostile: integer('hostile'),
        seed: integer('seed'),
        mode,
        answerMs: integer('answer-ms'),
      },
    }
  } catch (e) {
    if (e instanceof Bad || (e instanceof TypeError && 'code' in e))
      return { kind: 'bad', why: e.message.split('\n')[0]! }
    throw e
  }
}
