/**
 * Which frames evolve the two keys of one direction, and with what. Tags decide about MAC keys; encryption keys are held
 * by paddings alone, one in 256 of which comes about by chance, so a candidate has to hold for all frames that follow.
 */
import type { Dialect, Direction } from '../../../spec/dialects/dialect.ts'
import { derivedKey, encIndex, type KeyIndex, macIndex } from '../../../spec/dialects/keys.ts'
import { tagVerifies } from '../../../spec/dialects/sealing.ts'
import { OP } from '../../../spec/opcodes.ts'
import { toHex, utf8 } from '../../../spec/reference/bytes.ts'
import type { Heard, Session } from './conversation.ts'
import { type Input, inputs, LEVELS, type Opened, variants } from './inputs.ts'
import {
  bindStep,
  digestBytes,
  encLabels,
  evolveForms,
  type Form,
  helloStep,
  initialKey,
  paddingHolds,
  plaintextOf,
} from './keysearch.ts'
import type { Labels } from './labels.ts'

/** What the frames of one opcode do to the keys of their direction; null: nothing. */
export type Effect = { readonly enc: Input; readonly mac: Input } | null

/** `undefined`: no frame of the recording shows it. */
interface Effects {
  readonly first: Effect | undefined // HELLO, or CHALLENGE
  readonly next: Effect | undefined // DATA, or response
}

export interface Solved {
  readonly dialect: Dialect // with label, forms and lengths of this direction
  readonly effects: Effects
  /** Every frame of the direction that opened. */
  readonly opened: readonly (Opened & Heard)[]
  /** Frames whose paddings confirm the encryption keys, and how many keys were tried for them. */
  readonly paddings: number
  readonly tried: number
  /** Other encryption keys under which all paddings hold, too. */
  readonly rivals: number
}

export interface Stuck {
  readonly why: string
}

/** A session somewhere in one direction: its frame with plaintext, the keys that opened it, the frame that comes next. */
interface At {
  readonly s: Session
  readonly enc: Uint8Array
  readonly mac: Uint8Array
  readonly here: Opened & Heard
  readonly next: Heard | undefined
}

const opened = (f: Heard, plaintext: Uint8Array) => ({ ...f, plaintext })

/** One direction of all conversations, and what is looked for in it. */
interface Search {
  readonly direction: Direction
  readonly sessions: readonly Session[]
  readonly masterOf: (s: Session) => Uint8Array
  readonly given: Labels | null
  readonly lengths: readonly number[]
  readonly quick: boolean
  tried: number
  /** Keys that may still be tried for tags and paddings. */
  left: number
  /** What was found for MAC keys: it does not depend on the encryption keys that are tried. */
  readonly macs: Map<string, readonly MacEffect[]>
}

const framesOf = (s: Session, d: Direction): readonly Heard[] => s[d]

/** One key after a frame: evolved with the input, or not, and bound where that comes with this frame. */
const moved = (d: Dialect, i: KeyIndex, key: Uint8Array, input: Input | null, at: At): Uint8Array => {
  const evolved = input === null ? key : derivedKey(d, key, 'evolve', input.of(at.here), i)
  return at.here.opcode <= OP.CHALLENGE ? bindStep(d, evolved, at.s, i) : evolved
}

interface MacEffect {
  readonly form: Form
  readonly mac: Input | null
}

/** Inputs of the MAC keys that the tags of the next frames confirm; null: they stay as they are. */
const macEffects = (
  d: Dialect,
  i: KeyIndex,
  at: readonly At[],
  most: number,
  search: { left: number },
): readonly MacEffect[] => {
  const holds = (form: Form, mac: Input | null): boolean =>
    at.every((a) => tagVerifies(d, moved({ ...d, ...form }, i, a.mac, mac, a), a.next!.bytes))
  const own: Form = { hash: d.hash, initialForm: d.initialForm, evolveForm: d.evolveForm }
  if (holds(own, null)) return [{ form: own, mac: null }]
  const here = at.map((a) => a.here)
  const found: MacEffect[] = []
  for (let level = 0; level <= most; level++)
    for (const form of evolveForms(d))
      for (const mac of inputs(level, here, d.labels)) {
        if (search.left-- <= 0) return found
        if (holds(form, mac)) found.push({ form, mac })
      }
  return found
}

/** Where a session stands after a frame, if the next one opens there. */
const step = (d: Dialect, direction: Direction, at: At, effect: Effect): At | null => {
  const { next } = at
  if (next === undefined) return at
  const mac = moved(d, macIndex(direction), at.mac, effect?.mac ?? null, at)
  const enc = moved(d, encIndex(direction), at.enc, effect?.enc ?? null, at)
  if (!paddingHolds(enc, next) || !tagVerifies(d, mac, next.bytes)) return null
  const plaintext = plaintextOf(enc, next)
  if (plaintext === null) return null
  const all = framesOf(at.s, direction)
  return { ...at, enc, mac, here: opened(next, plaintext), next: all[all.indexOf(next) + 1] }
}

const remembered = (d: Dialect, search: Search, at: readonly At[], level: number): readonly MacEffect[] => {
  const places = at.map((a) => `${a.here.n} ${toHex(a.mac)} ${toHex(a.here.plaintext)}`)
  const key = [level, d.hash, d.evolveForm, d.binding, ...places].join()
  const known = search.macs.get(key) ?? macEffects(d, macIndex(search.direction), at, level, search)
  search.macs.set(key, known)
  return known
}

/** Effects on both keys that open the next frame of every session. */
function* effects(
  d: Dialect,
  search: Search,
  at: readonly At[],
  level: number,
): Generator<{ d: Dialect; effect: Effect }> {
  const { direction } = search
  const i = encIndex(direction)
  const macs = remembered(d, search, at, level)
  for (const form of new Map(macs.map((m) => [m.form.hash + m.form.evolveForm, m.form])).values()) {
    const of = { ...d, ...form }
    const same = macs.filter((m) => m.form.evolveForm === form.evolveForm && m.form.hash === form.hash)
    if (same.some((m) => m.mac === null)) {
      if (at.every((a) => paddingHolds(moved(of, i, a.enc, null, a), a.next!))) yield { d: of, effect: null }
      continue
    }
    // The first frame of a direction comes once in a session: what is the same bytes there cannot be told apart.
    const once = at[0]!.here.opcode <= OP.CHALLENGE
    const meant = same.flatMap((m) => (once ? [m.mac!] : variants(m.mac!))).slice(0, once ? 1 : undefined)
    const here = at.map((a) => a.here)
    for (let l = 0; l <= level; l++)
      for (const enc of inputs(l, here, d.labels)) {
        search.tried++
        if (search.left-- <= 0) return
        if (!at.every((a) => paddingHolds(moved(of, i, a.enc, enc, a), a.next!))) continue
        for (const e of once ? [enc] : variants(enc)) for (const mac of meant) yield { d: of, effect: { enc: e, mac } }
      }
  }
}

/** All frames of the direction under these effects; null where one does not open. */
const walk = (d: Dialect, direction: Direction, starts: readonly At[], e: Effects): Solved['opened'] | null => {
  const all: (Opened & Heard)[] = []
  for (const start of starts) {
    let at: At | null = start
    all.push(start.here)
    while (at.next !== undefined) {
      const effect: Effect | undefined = at === start ? e.first : at.here.opcode <= OP.RESPONSE ? e.next : null
      at = step(d, direction, at, effect ?? null)
      if (at === null) return null
      all.push(at.here)
    }
  }
  return all
}

const isText = (bytes: Uint8Array): boolean => /^[\x20-\x7e\s\u00a0-\uffff]*$/.test(utf8(bytes) ?? '\0')

/** How likely it is that these are plaintexts: random bytes are hardly ever text, and seldom begin alike. */
const plausibility = (all: readonly Opened[]): number => all.filter((o) => isText(o.plaintext)).length

function* solutions(d: Dialect, search: Search, label: string, encKeyBytes: number, level: number): Generator<Solved> {
  const { direction, sessions, masterOf } = search
  const i = encIndex(direction)
  const of: Dialect = { ...d, encKeyBytes, labels: d.labels.map((l, k) => (k === i ? label : l)) as unknown as Labels }
  const starts: At[] = []
  for (const s of sessions) {
    const [first, next] = framesOf(s, direction)
    if (first === undefined) continue
    const key = (k: KeyIndex): Uint8Array => helloStep(of, initialKey(of, masterOf(s), of.labels[k], k), s, k)
    const [enc, mac] = [key(i), key(macIndex(direction))]
    search.tried++
    if (!paddingHolds(enc, first)) return
    const plaintext = plaintextOf(enc, first)
    if (plaintext === null) return
    starts.push({ s, enc, mac, here: opened(first, plaintext), next })
  }
  const going = starts.filter((a) => a.next !== undefined)
  const count = (all: readonly Opened[]): number => all.filter((o) => o.ciphertext.length > 0).length
  const solved = (dialect: Dialect, effects: Effects): Solved | null => {
    const all = walk(dialect, direction, starts, effects)
    return all && { dialect, effects, opened: all, paddings: count(all), tried: search.tried, rivals: 0 }
  }
  if (going.length === 0) {
    const one = solved(of, { first: undefined, next: undefined })
    if (one !== null) yield one
    return
  }
  for (const first of effects(of, search, going, level)) {
    const second = going
      .flatMap((a) => step(first.d, direction, a, first.effect) ?? [])
      .filter((a) => a.next !== undefined && a.here.opcode <= OP.RESPONSE)
    if (second.length === 0) {
      const one = solved(first.d, { first: first.effect, next: undefined })
      if (one !== null) yield one
    } else
      for (const next of effects(first.d, search, second, level)) {
        const one = solved(next.d, { first: first.effect, next: next.effect })
        if (one !== null) yield one
      }
  }
}

const texts = (one: Solved): string => one.opened.map((o) => toHex(o.plaintext)).join()
const SEVERAL = 8
const QUICK_WORK = 40_000
const CERTAIN = 2 // the level up to which it is said what was not found
const MOST_WORK = 350_000 // keys, some seconds of them
const BEYOND_DOUBT = 1e-9

/** How many wrong encryption keys are expected among those tried whose paddings hold all the same. */
export const chance = ({ tried, paddings }: Pick<Solved, 'tried' | 'paddings'>): number => tried / 256 ** paddings
const WORD = { c2s: 'C2S', s2c: 'S2C' } as const

/** The likeliest of what explains every frame of one direction, or how far it gets. */
export const solve = (d: Dialect, search: Omit<Search, 'tried' | 'left' | 'macs'>): Solved | Stuck => {
  const counted: Search = { ...search, tried: 0, left: search.quick ? QUICK_WORK : MOST_WORK, macs: new Map() }
  const { direction, given } = search
  const lengths = search.lengths.filter((n) => n <= digestBytes(d))
  for (const wide of [false, true])
    for (let level = 0; level < LEVELS; level++) {
      const found: Solved[] = []
      for (const label of encLabels(d, direction, given, wide)) {
        if (found.length > 0 || (wide && level > 1) || counted.left <= 0) break
        for (const length of level > 2 ? lengths.slice(0, 2) : lengths) {
          if (found.some((f) => chance({ ...f, tried: counted.tried }) < BEYOND_DOUBT)) break
          for (const one of solutions(d, counted, label, length, level)) {
            if (found.every((f) => texts(f) !== texts(one))) found.push(one)
            if (found.length === SEVERAL) break
          }
        }
      }
      const [best, ...others] = found.sort((a, b) => plausibility(b.opened) - plausibility(a.opened))
      if (best !== undefined) return { ...best, tried: counted.tried, rivals: others.length }
    }
  return stuck(d, search)
}

/** What of the keys of the direction could not be found: the MAC keys come first, since tags decide about them. */
const stuck = (
  d: Dialect,
  { direction, sessions, masterOf, quick }: Omit<Search, 'tried' | 'left' | 'macs'>,
): Stuck => {
  const i = macIndex(direction)
  const [s] = sessions.filter((x) => framesOf(x, direction).length > 1)
  if (s === undefined) return { why: `no ${WORD[direction]}-ENC key gives a padding in the first frame` }
  const [first, second] = framesOf(s, direction)
  const key = helloStep(d, initialKey(d, masterOf(s), d.labels[i], i), s, i)
  const at: At = { s, enc: key, mac: key, here: opened(first!, new Uint8Array(0)), next: second }
  const found = macEffects(d, i, [at], CERTAIN, { left: quick ? QUICK_WORK : MOST_WORK })
  const name = first!.opcode === OP.HELLO ? 'HELLO' : 'CHALLENGE'
  return found.length > 0
    ? {
        why: `${WORD[direction]}-MAC is followed over the ${name}, but no ${WORD[direction]}-ENC key that was tried opens all frames after it`,
      }
    : {
        why: `what ${WORD[direction]}-MAC does with the ${name} is none of what was tried: the tag of the next frame (connection ${s.conn}, frame ${second!.n}) does not verify`,
      }
}
