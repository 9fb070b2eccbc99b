/** The options of `fuzz`, checked. */
import { z } from 'zod'
import { SHARD_SHAPE, shareOf } from '../properties/harness/process/shards.ts'
import { flag, integer, OptionError, seedOption, someOf, text } from '../properties/harness/terminal/options.ts'
import type { Budget } from './engine/campaign.ts'
import { TARGET_NAMES } from './targets/index.ts'

const DEFAULT_SECONDS = 30

const OPTIONS = z.strictObject({
  target: someOf(TARGET_NAMES, {
    value: 'A,B',
    says: `of ${TARGET_NAMES.join(', ')} (default all)`,
    default: TARGET_NAMES,
  }),
  time: integer({
    value: 'SECONDS',
    says: `for each target (default ${DEFAULT_SECONDS}); goes on from what earlier runs found`,
    min: 1,
    max: 1_000_000,
    default: null,
  }),
  runs: integer({
    says: 'executions for each target instead; from corpus/ alone, so the same seed gives the same result',
    min: 1,
    max: 1_000_000_000,
    default: null,
  }),
  seed: seedOption(1),
  jobs: integer({ says: 'processes for each target', min: 1, max: 64, default: 1 }),
  limit: integer({
    value: 'MS',
    says: 'an execution that takes more processor time is a hang',
    min: 50,
    max: 600_000,
    default: 1_000,
  }),
  regress: flag('execute everything in corpus/, and search nothing'),
  minimize: flag('rewrite corpus/ as the smallest set that shows all that is known to be shown'),
  replay: text({ value: 'FILE', says: 'execute one input and show it', default: null }),
  import: text({
    value: 'DIR',
    says: 'take over corpora of libFuzzer or Jazzer.js (DIR/TARGET/), and execute what they call a crash',
    default: null,
  }),
  ...SHARD_SHAPE,
  json: flag('one JSON object a line'),
})

export const FUZZ_USAGE = {
  name: 'fuzz',
  options: OPTIONS,
  notes: 'Exit codes: 0 nothing found, 1 findings, 2 usage, or a file or folder that cannot be used.',
}

type Given = z.output<typeof OPTIONS>

const action = ({ minimize, regress, replay, import: from }: Given) => {
  if ([minimize, regress, replay !== null, from !== null].filter((given) => given).length > 1)
    throw new OptionError('--minimize, --regress, --replay, --import: expected one of them, got more')
  if (from !== null) return { import: from }
  if (minimize) return 'minimize' as const
  if (regress) return 'regress' as const
  return replay === null ? ('search' as const) : { replay }
}

const budget = ({ time, runs }: Given): Budget => {
  if (time !== null && runs !== null) throw new OptionError('--runs: expected without --time, got both')
  return runs === null ? { kind: 'time', seconds: time ?? DEFAULT_SECONDS } : { kind: 'runs', executions: runs }
}

/** Throws an OptionError where options exclude each other. */
export const optionsOf = (given: Given) => {
  const { target, shard, seed, jobs, limit: limitMs, json } = given
  const targets = shareOf([...new Set(target)], shard)
  return { do: action(given), targets, budget: budget(given), seed, jobs, limitMs, json }
}
export type Options = ReturnType<typeof optionsOf>
