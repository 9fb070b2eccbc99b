/**
 * Sequences of frames: deliveries, edits, forgeries under right, previous, foreign and initial keys, requests, faults. In
 * lockstep with the model and the reference, judged by every monitor after each action.
 */
import { modelCrypto, modelPrimitives } from '../../properties/harness/parties/model-crypto.ts'
import type { Action, Schedule } from '../../spec/language.ts'
import type { Implementation, Target } from '../engine/target.ts'
import { actionsOf, HEAD, MAX_BYTES, powerOf, RECORD, record } from './sequence/codec.ts'
import { ANEW, SEQUENCE_MUTATORS } from './sequence/mutators.ts'
import { Checkpoints, type Provider, realProvider } from './state/checkpoints.ts'
import { cellOfNote } from './state/facts.ts'
import { OPENINGS, SETTINGS, scheduleOf } from './state/openings.ts'

const settingOf = (data: Uint8Array): number => (data[0] ?? 0) % SETTINGS.length
const openingOf = (data: Uint8Array): number => (data[1] ?? 0) % OPENINGS.length
const restOf = (data: Uint8Array): readonly Action[] => actionsOf(data, powerOf(SETTINGS[settingOf(data)]!.powers))

/** What `npm run prop -- --replay` plays. */
export const sequenceSchedule = (data: Uint8Array): Schedule =>
  scheduleOf(SETTINGS[settingOf(data)]!, [...OPENINGS[openingOf(data)]!.actions, ...restOf(data)])

const SERVER = 0
const CLIENT = 1

const head = (setting: number, opening: number): number[] => [setting, opening]
const PASS_TO_SERVER = record('pass', SERVER)
const PASS_TO_CLIENT = record('pass', CLIENT)
const ASK = record('submit')
const ROUND = [...ASK, ...PASS_TO_SERVER, ...PASS_TO_CLIENT]

const seeds = (): readonly Uint8Array[] => [
  // Every setting, and every opening, and a faithful step from each.
  ...SETTINGS.map((_, c) => Uint8Array.from([...head(c, 3), ...ROUND])),
  ...OPENINGS.map((_, o) => Uint8Array.from([...head(0, o), ...PASS_TO_SERVER, ...PASS_TO_CLIENT])),
  Uint8Array.from([...head(1, 6), ...record('seal', SERVER)]),
  Uint8Array.from([...head(2, 6), ...record('leak', SERVER), ...record('seal', SERVER)]),
]

const words: readonly Uint8Array[] = [PASS_TO_SERVER, PASS_TO_CLIENT, ASK, record('seal', SERVER), record('converse')]

const model = (): Provider => ({ crypto: modelCrypto, primitives: modelPrimitives })

const sequenceOf = (name: string, how: string, provider: (src: Implementation) => Provider): Target => ({
  name,
  says: `on every sequence of frames, requests and faults the invariants hold, and model and reference agree${how}`,
  modules: ['src/client-session.ts', 'src/client-state.ts', 'src/server.ts', 'src/server-session.ts', 'src/checks.ts'],
  compares: false, // records hold places in tables
  maxBytes: MAX_BYTES,
  long: 2 * RECORD,
  seeds,
  dictionary: words,
  mutators: SEQUENCE_MUTATORS,
  anew: ANEW,
  steps: { head: HEAD, step: RECORD },
  oracle(src, counts = null) {
    const checkpoints = new Checkpoints(src, provider(src), counts)
    const begins = beginnings()
    return (data, note) => checkpoints.play(settingOf(data), openingOf(data), restOf(data), note, begins(data))
  },
  cell: cellOfNote,
  cost: 20,
  schedule: sequenceSchedule,
  render(data) {
    const [setting, opening] = [SETTINGS[settingOf(data)]!, OPENINGS[openingOf(data)]!]
    return [
      `${setting.says}; ${opening.says}`,
      ...restOf(data).map((a) => {
        const line = JSON.stringify(a)
        return line.length > 160 ? `${line.slice(0, 157)}...` : line
      }),
    ]
  },
})

export const sequence = sequenceOf('sequence', '', realProvider)
/** About a fifth faster: the same without cryptography, so for whatever does not depend on it. */
export const sequenceModel = sequenceOf('sequence-model', ', with what is not cryptography in its place', model)

/** How many records two inputs have in common from the beginning; none where their heads differ. */
const common = (a: Uint8Array, b: Uint8Array): number => {
  const most = Math.min(a.length, b.length)
  let n = 0
  while (n < most && a[n] === b[n]) n++
  return Math.max(0, Math.floor((n - HEAD) / RECORD))
}

/** What inputs in a row begin with: how much of each is worth a checkpoint to go on from (state/checkpoints.ts). */
interface Beginning {
  /** Records that an earlier input began with too. */
  readonly same: number
  /** As many of them as the inputs began with that the checkpoints kept are about. */
  readonly known: number
}

/** Of each input. Those that begin otherwise may come in between; two of them that begin alike are the new beginning. */
const beginnings = (): ((data: Uint8Array) => Beginning) => {
  let of: Uint8Array = new Uint8Array(0) // begins as what is kept does
  let before: Uint8Array = new Uint8Array(0)
  return (data) => {
    const known = common(data, of)
    const same = Math.max(known, common(data, before))
    if (same > known) of = before
    before = data.slice()
    return { same, known }
  }
}
