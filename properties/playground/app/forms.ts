/** Actions and edits as forms: which fields each has, and what it makes of them. */
import { endName } from '../../../spec/events.ts'
import type { Action, Edit, End, FrameRef, Num } from '../../../spec/language.ts'
import { OP, opcodeName } from '../../../spec/opcodes.ts'
import { type Game, nameOfRef } from '../game.ts'
import { choices, type Option } from './fields.tsx'

export type Values = Readonly<Record<string, string>>

/** `options` null: free text, of which `wrong` says what is not as expected. */
export interface Field {
  readonly name: string
  readonly label: string
  readonly initial: string
  readonly options: readonly Option[] | null
  wrong?(text: string): string | null
}

export interface Form<T> {
  readonly says: string
  readonly fields: readonly Field[]
  make(v: Values): T
}

export const parseEnd = (text: string): End => ({
  side: text[0] === 'c' ? 'client' : 'server',
  n: Number(text.slice(1)),
})

const ended = (e: Game['ends'][number]): string =>
  e.ended ? 'ended' : e.phase === 'none' ? 'open' : `${e.phase} r${e.round}`

const endOptions = (g: Game, side?: End['side']): readonly Option[] =>
  g.ends
    .filter((e) => side === undefined || e.at.side === side)
    .map((e) => ({ value: endName(e.at), text: `${endName(e.at)}, ${ended(e)}` }))

/** Whom a frame can be given to; the one past the last connection opens it. */
export const targetOptions = (g: Game): readonly Option[] => {
  const connections = g.ends.filter((e) => e.at.side === 'server').length
  return [...endOptions(g), { value: `s${connections}`, text: `s${connections}, a new connection` }]
}

const select = (name: string, label: string, options: readonly Option[]): Field => ({
  name,
  label,
  options,
  initial: options[0]?.value ?? '',
})
const text = (name: string, label: string, initial: string, wrong: (t: string) => string | null): Field => ({
  name,
  label,
  initial,
  options: null,
  wrong,
})
const whole = (name: string, label: string, initial: string, min = Number.MIN_SAFE_INTEGER): Field =>
  text(name, label, initial, (t) =>
    /^-?\d+$/.test(t) && Number(t) >= min && Number.isSafeInteger(Number(t)) ? null : 'expected a whole number',
  )
const hex = (name: string, label: string, initial: string): Field =>
  text(name, label, initial, (t) => (/^([\da-f]{2})*$/.test(t) ? null : 'expected lower-case hex of whole bytes'))

const WORDS = ['NaN', 'Infinity', '-Infinity', '-0']
const parts = (t: string): readonly string[] => t.split(/[\s,]+/).filter((p) => p !== '')
const num = (t: string): Num => (WORDS.includes(t) ? (t as Num) : Number(t))

const VALUES: Field = text('values', 'values', '1, 2', (t) =>
  parts(t).every((p) => WORDS.includes(p) || Number.isFinite(Number(p))) ? null : 'expected numbers with commas',
)
const valuesIn = (t: string): readonly Num[] => parts(t).map(num)

const REGIONS = choices(['tag', 'ciphertext', 'iv', 'header'])

export const editForms = (g: Game): Readonly<Record<Edit['do'], Form<Edit>>> => ({
  flip: {
    says: 'flip bits of a byte',
    fields: [
      select('at', 'of', [...REGIONS, { value: 'length', text: 'length' }]),
      whole('pos', 'byte', '0'),
      whole('xor', 'bits (0..255)', '1'),
    ],
    make: (v) => ({ do: 'flip', at: v.at as 'tag', pos: Number(v.pos), xor: Number(v.xor) }),
  },
  set: {
    says: 'set a field of the header',
    fields: [select('field', 'field', choices(['opcode', 'id', 'round', 'direction'])), whole('value', 'to', '50')],
    make: (v) => ({ do: 'set', field: v.field as 'opcode', value: Number(v.value) }),
  },
  splice: {
    says: 'put in a part of another frame',
    fields: [
      select('part', 'part', REGIONS),
      select(
        'from',
        'from',
        g.held.map((h) => ({ value: nameOfRef(h.ref), text: `${h.id} ${h.label}, of ${endName(h.ref.by)}` })),
      ),
    ],
    make: (v) => ({ do: 'splice', part: v.part as 'tag', from: parseRef(v.from!) }),
  },
  exchange: {
    says: 'exchange two bytes',
    fields: [select('at', 'of', REGIONS), whole('pos', 'byte', '0'), whole('and', 'and byte', '1')],
    make: (v) => ({ do: 'exchange', at: v.at as 'tag', pos: Number(v.pos), and: Number(v.and) }),
  },
  fill: {
    says: 'fill a part with one byte',
    fields: [select('at', 'part', REGIONS), whole('value', 'byte (0..255)', '0')],
    make: (v) => ({ do: 'fill', at: v.at as 'tag', value: Number(v.value) }),
  },
  truncate: {
    says: 'cut it short',
    fields: [whole('bytes', 'bytes kept', '70', 0)],
    make: (v) => ({ do: 'truncate', bytes: Number(v.bytes) }),
  },
  extend: { says: 'append bytes', fields: [hex('hex', 'hex', '00')], make: (v) => ({ do: 'extend', hex: v.hex! }) },
})

const parseRef = (name: string): FrameRef => {
  const [by, nth] = name.split('.') as [string, string]
  return { by: parseEnd(by), nth: Number(nth) }
}

const clientOptions = (g: Game): readonly Option[] =>
  g.schedule.setup.clients.map((id, i) => ({ value: `${i}`, text: `client ${id}` }))

/** A HELLO of client 1 that nobody sealed, behind its length. */
const JUNK = `000000470a010000000001${'00'.repeat(64)}`

/** What one can do beside moving frames; those of a power the schedule has not are left out. */
export const actionForms = (g: Game): readonly Form<Action>[] => {
  const [runs, ends] = [endOptions(g, 'client'), endOptions(g)]
  const { powers } = g.schedule
  const at = (what: 'close' | 'failSend' | 'leak', power: string, says: string): Form<Action> | null =>
    ends.length === 0 || !powers.includes(power)
      ? null
      : { says, fields: [select('at', 'at', ends)], make: (v) => ({ do: what, at: parseEnd(v.at!) }) }
  const ofRun = (form: Form<Action>): Form<Action> | null => (runs.length === 0 ? null : form)
  const run = (v: Values): number => parseEnd(v.run!).n
  const ofFaults = (form: Form<Action>): Form<Action> | null => (powers.includes('F') ? form : null)
  const forms: Readonly<Record<Action['do'], Form<Action> | null>> = {
    deliver: null, // what the frames themselves are for
    continue: null,
    connect: {
      says: 'start a run of a client',
      fields: [select('client', 'client', clientOptions(g))],
      make: (v) => ({ do: 'connect', client: Number(v.client) }),
    },
    converse: {
      says: 'play faithful rounds',
      fields: [select('client', 'of', clientOptions(g)), whole('rounds', 'rounds (0..9)', '1', 0)],
      make: (v) => ({ do: 'converse', client: Number(v.client), rounds: Math.min(9, Number(v.rounds)) }),
    },
    submit: ofRun({
      says: 'submit values',
      fields: [select('run', 'run', runs), VALUES],
      make: (v) => ({ do: 'submit', run: run(v), values: valuesIn(v.values!) }),
    }),
    finish: ofRun({
      says: 'finish a run',
      fields: [select('run', 'run', runs)],
      make: (v) => ({ do: 'finish', run: run(v) }),
    }),
    inject: {
      says: 'inject raw bytes',
      fields: [select('to', 'into', targetOptions(g).toReversed()), hex('hex', 'hex', JUNK)],
      make: (v) => ({ do: 'inject', to: parseEnd(v.to!), hex: v.hex! }),
    },
    close: at('close', 'F', 'let a connection die (F)'),
    failSend: at('failSend', 'F', 'let the next send fail (F)'),
    advance: ofFaults({
      says: 'let time pass (F)',
      fields: [whole('ms', 'ms', '5000', 0)],
      make: (v) => ({ do: 'advance', ms: Number(v.ms) }),
    }),
    restart: ofFaults({
      says: 'restart the server (F)',
      fields: [select('same', 'generator', choices(['fresh', 'the same again']))],
      make: (v) => (v.same === 'fresh' ? { do: 'restart' } : { do: 'restart', sameRng: true }),
    }),
    leak: at('leak', 'L', 'leak the keys of a session (L)'),
    seal: /[IL]/.test(powers) ? sealForm(g) : null,
  }
  return Object.values(forms).filter((f) => f !== null)
}

const OPCODES = Object.values(OP).map((o) => ({ value: `${o}`, text: `${o} ${opcodeName(o)}` }))

const sealForm = (g: Game): Form<Action> => ({
  says: 'seal a frame of one’s own (I, L)',
  fields: [
    select('power', 'power', choices([...'IL'].filter((p) => g.schedule.powers.includes(p)))),
    select('to', 'to', targetOptions(g)),
    select('as', 'keys of', targetOptions(g)),
    select('under', 'which', choices(['current', 'previous', 'initial'])),
    select('opcode', 'opcode', OPCODES),
    whole('id', 'id (0: right)', '0', 0),
    whole('round', 'round (0: right)', '0'),
    whole('direction', 'direction', '1', 0),
    hex('body', 'plaintext hex', ''),
  ],
  make: (v) => ({
    do: 'seal',
    power: v.power as 'I',
    as: parseEnd(v.as!),
    under: v.under as 'current',
    to: parseEnd(v.to!),
    opcode: Number(v.opcode),
    id: Number(v.id),
    round: Number(v.round),
    direction: Number(v.direction),
    body: v.body!,
  }),
})
