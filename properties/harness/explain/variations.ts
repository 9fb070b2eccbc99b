/** The values of a schedule, each with what may stand in its place. */
import { frameLabel } from '../../../spec/event-text.ts'
import { type Event, endName, sameEnd } from '../../../spec/events.ts'
import type { Action, Edit, End, FrameRef, Schedule, Seal } from '../../../spec/language.ts'
import { OP, opcodeName } from '../../../spec/opcodes.ts'
import { KEYRING_IDS } from '../world/rng.ts'
import type { System } from '../world/system.ts'

/** One value of a schedule, and what stands for it: `all` of its domain, or a sample. `step` null: of the setup. */
export interface Dimension {
  readonly step: number | null
  readonly what: string
  readonly all: boolean
  readonly others: readonly { readonly name: string; readonly schedule: Schedule }[]
  /** What is said where every other value does as well, and where none does; null: nothing. */
  readonly any: string
  readonly none: string | null
}

const IDS = [...KEYRING_IDS, 100, 254]

const ROUNDS = [1, 2, 17, 0x1_0000, 0xffff_fffe, 0xffff_ffff]

const OPCODES = [...Object.values(OP), 0, 255]

const VALUES = [[1], [0], [-2.5], [1, 2], [1e300]]

const put = (s: Schedule, i: number, a: Action): Schedule => ({
  ...s,
  actions: s.actions.map((b, k) => (k === i ? a : b)),
})

const others = <T>(all: readonly T[], now: T): readonly T[] =>
  all.filter((v) => JSON.stringify(v) !== JSON.stringify(now))

const SHOWN = 60 // characters of a value; a plaintext has up to 8,192

const short = (v: unknown): string => {
  const text = JSON.stringify(v)
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}… (${text.length} characters)`
}

/** One field of an action, other values of it. */
const field = <T>(
  s: Schedule,
  step: number,
  [what, all]: readonly [string, boolean],
  now: T,
  domain: readonly T[],
  set: (v: T) => Action,
  name: (v: T) => string = short,
): Dimension => ({
  step,
  what,
  all,
  others: others(domain, now).map((v) => ({ name: name(v), schedule: put(s, step, set(v)) })),
  any: `any ${what}`,
  none: `must be ${what} ${name(now)}`,
})

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i)

const SIZES = { header: 7, iv: 16, ciphertext: 16, tag: 32, length: 4 } as const

const ofEdit = (s: Schedule, i: number, a: Extract<Action, { do: 'deliver' }>, e: Edit): readonly Dimension[] => {
  const dimension = <T>(what: string, all: boolean, now: T, domain: readonly T[], set: (v: T) => Edit) =>
    field(s, i, [what, all], now, domain, (v) => ({ ...a, edit: set(v) }))
  switch (e.do) {
    case 'flip':
      return [
        dimension(`byte of the ${e.at}`, e.at !== 'ciphertext', e.pos, range(SIZES[e.at]), (pos) => ({ ...e, pos })),
        dimension('change of that byte', false, e.xor, [1, 0x10, 0x80, 0xff], (xor) => ({ ...e, xor })),
      ]
    case 'set': {
      const domain =
        e.field === 'opcode' ? OPCODES : e.field === 'direction' ? [0, 1, 2, 3] : e.field === 'id' ? IDS : ROUNDS
      return [dimension(e.field, false, e.value, domain, (value) => ({ ...e, value }))]
    }
    case 'fill':
      return [dimension('value of these bytes', false, e.value, [0, 1, 0x80, 0xff], (value) => ({ ...e, value }))]
    case 'truncate':
      return [dimension('length', false, e.bytes, [0, 1, 23, 55, 70, 71, 86], (bytes) => ({ ...e, bytes }))]
    case 'extend':
      return [
        dimension('bytes behind it', false, e.hex, ['00', 'ff', '00'.repeat(16), 'ab'.repeat(32)], (hex) => ({
          ...e,
          hex,
        })),
      ]
    case 'exchange':
      return [dimension('pair of bytes', false, e.pos, range(8), (pos) => ({ ...e, pos }))]
    case 'splice':
      return []
  }
}

const ofSeal = (s: Schedule, i: number, a: Seal): readonly Dimension[] => [
  field(s, i, ['opcode', false], a.opcode, OPCODES, (opcode) => ({ ...a, opcode }), opcodeName),
  field(
    s,
    i,
    ['round', false],
    a.round,
    [-2, -1, 0, 1, 2],
    (round) => ({ ...a, round }),
    (r) => `${r < 0 ? '' : '+'}${r}`,
  ),
  field(s, i, ['direction', false], a.direction, [0, 1, 2, 3], (direction) => ({ ...a, direction })),
  field(
    s,
    i,
    ['keys', true],
    a.under,
    ['current', 'previous', 'initial'] as const,
    (under) => ({ ...a, under }),
    String,
  ),
  field(s, i, ['plaintext', false], a.body, ['00', '', '0001', '00013ff0000000000000'], (body) => ({ ...a, body })),
]

const FLIPS = (['header', 'iv', 'ciphertext', 'tag'] as const).map((at): Edit => ({ do: 'flip', at, pos: 0, xor: 1 }))

/** What was sent before an action, and what each frame is called. */
interface Sent {
  readonly ref: FrameRef
  readonly label: string
  readonly id: string
}

const sentBefore = (events: readonly Event[]): ((step: number) => readonly Sent[]) => {
  const all: (Sent & { readonly step: number })[] = []
  const counts = new Map<string, number>()
  let step = -1
  for (const e of events) {
    if (e.on === 'step') step++
    if (e.on !== 'sent') continue
    const nth = counts.get(endName(e.at)) ?? 0
    counts.set(endName(e.at), nth + 1)
    all.push({ step, ref: { by: e.at, nth }, label: `${frameLabel(e.header)} of ${endName(e.at)}`, id: e.frame })
  }
  return (at) => all.filter((f) => f.step < at)
}

const ofDelivery = (
  s: Schedule,
  i: number,
  a: Extract<Action, { do: 'deliver' }>,
  known: readonly Sent[],
): readonly Dimension[] => {
  const { frame } = a
  const it =
    typeof frame === 'object' && 'by' in frame
      ? known.find((f) => f.ref.nth === frame.nth && sameEnd(f.ref.by, frame.by))
      : undefined
  if (it === undefined) return a.edit === undefined ? [] : ofEdit(s, i, a, a.edit)
  const rest = known.filter((f) => f.id !== it.id)
  const bits = FLIPS.map((edit) => ({
    name: `with another ${edit.do === 'flip' ? edit.at : ''}`,
    schedule: put(s, i, { ...a, edit }),
  }))
  return [
    {
      step: i,
      what: 'frame',
      all: a.edit !== undefined,
      others: [
        ...rest.map((f) => ({ name: f.label, schedule: put(s, i, { ...a, frame: f.ref }) })),
        ...(a.edit === undefined ? bits : []),
      ],
      any: 'any frame',
      none: a.edit === undefined ? `must be the same ${it.label}, byte for byte` : `must be the ${it.label}`,
    },
    ...(a.edit === undefined ? [] : ofEdit(s, i, a, a.edit)),
    ...(a.cuts === undefined
      ? []
      : [field(s, i, ['cut', false], a.cuts, [[1], [4], [5], [20], [60]], (cuts) => ({ ...a, cuts }))]),
    ...(a.upTo === undefined
      ? []
      : [field(s, i, ['part', false], a.upTo, [1, 4, 5, 20, 60], (upTo) => ({ ...a, upTo }))]),
  ]
}

const ofAction = (s: Schedule, i: number, known: readonly Sent[]): readonly Dimension[] => {
  const a = s.actions[i]!
  switch (a.do) {
    case 'connect': {
      const domain = [...new Set(s.setup.clients)].map((id) => s.setup.clients.indexOf(id))
      const again = s.actions.some((b, k) => k !== i && b.do === 'connect' && b.client === a.client)
      if (!again) return []
      return [
        {
          ...field(s, i, ['client', true], a.client, domain, (client) => ({ ...a, client })),
          none: 'must be the same client',
        },
      ]
    }
    case 'submit':
      return [field(s, i, ['values', false], a.values, VALUES, (values) => ({ ...a, values }))]
    case 'deliver':
      return ofDelivery(s, i, a, known)
    case 'seal':
      return ofSeal(s, i, a)
    case 'inject': {
      const n = a.hex.length / 2
      const domain = [a.hex, 'ff'.repeat(n), '00'.repeat(n), `${a.hex}00`, a.hex.slice(2), `ff${a.hex.slice(2)}`]
      return [field(s, i, ['bytes', false], a.hex, domain, (hex) => ({ ...a, hex }))]
    }
    case 'advance':
      return [
        field(
          s,
          i,
          ['time', false],
          a.ms,
          [1, a.ms - 1, a.ms + 1, 10 * a.ms],
          (ms) => ({ ...a, ms }),
          (ms) => `${ms} ms`,
        ),
      ]
    case 'converse':
      return [field(s, i, ['number of rounds', false], a.rounds, [0, 1, 2, 3], (rounds) => ({ ...a, rounds }))]
    case 'finish':
    case 'continue':
    case 'close':
    case 'failSend':
    case 'leak':
    case 'restart':
      return []
  }
}

const touched = (a: Action): End | null =>
  'to' in a ? a.to : 'at' in a ? a.at : 'run' in a ? { side: 'client', n: a.run } : null

/** Neighbours that feed different endpoints may change places. */
const orders = (s: Schedule): readonly Dimension[] =>
  s.actions.slice(1).flatMap((b, k): readonly Dimension[] => {
    const a = s.actions[k]!
    const [x, y] = [touched(a), touched(b)]
    if (x !== null && y !== null && sameEnd(x, y)) return []
    const actions = s.actions.with(k, b).with(k + 1, a)
    const schedule = { ...s, actions }
    return [
      {
        step: k + 1,
        what: 'order',
        all: true,
        others: [{ name: 'the other', schedule }],
        any: 'either order with the action before',
        none: null,
      },
    ]
  })

const ofSetup = (s: Schedule, system: System): readonly Dimension[] => {
  const used = [
    ...new Set(
      s.actions.flatMap((a) => (a.do === 'connect' || a.do === 'converse' ? [s.setup.clients[a.client] ?? 0] : [])),
    ),
  ]
  const renamed = (from: number, to: number): Schedule => {
    const swap = (id: number): number => (id === from ? to : id === to ? from : id)
    return { ...s, setup: { ...s.setup, clients: s.setup.clients.map(swap), insiders: s.setup.insiders.map(swap) } }
  }
  const sample = (
    what: string,
    none: string,
    all: readonly (readonly [string, Schedule])[],
    any = `any ${what}`,
  ): Dimension => ({
    step: null,
    what,
    all: false,
    any,
    none,
    others: all.map(([name, schedule]) => ({ name, schedule })),
  })
  const other = s.mode === 'bound' ? 'literal' : 'bound'
  return [
    ...used.map((id) =>
      sample(
        'client',
        `client id must be ${id}`,
        others(IDS, id).map((to) => [`${to}`, renamed(id, to)]),
      ),
    ),
    ...(system.lacks.has('setRound')
      ? []
      : [
          sample(
            'round',
            `start round must be ${s.setup.startRound}`,
            others(ROUNDS, s.setup.startRound).map((startRound) => [
              `${startRound}`,
              { ...s, setup: { ...s.setup, startRound } },
            ]),
            'any round ≥ 1',
          ),
        ]),
    sample(
      'random bytes',
      'these random bytes only',
      [1, 2, 3, 4].map((n) => [`seed ${n}`, { ...s, seed: n }]),
    ),
    {
      step: null,
      what: 'mode',
      all: true,
      any: 'in both modes',
      none: `in ${s.mode} only`,
      others: [{ name: other, schedule: { ...s, mode: other } }],
    },
  ]
}

/** `events`: what the schedule shows on this system. */
export const dimensionsOf = (s: Schedule, system: System, events: readonly Event[]): readonly Dimension[] => {
  const before = sentBefore(events)
  return [...ofSetup(s, system), ...s.actions.flatMap((_, i) => ofAction(s, i, before(i))), ...orders(s)]
}
