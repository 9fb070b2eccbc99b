/**
 * Two systems that judge each other: the same schedule and the same seed on both, and the first thing that differs. No
 * invariant is judged, and which of the two is right is not said.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Dialect } from '../../../spec/dialects/dialect.ts'
import { differText } from '../../../spec/event-text.ts'
import { type Body, type Event, endName, type FrameId, type KeyId } from '../../../spec/events.ts'
import type { Schedule, Side } from '../../../spec/language.ts'
import { dialectSystem } from '../parties/dialect.ts'
import type { MakeParty } from '../parties/party.ts'
import { referenceParty, referenceSystem } from '../parties/reference.ts'
import type { Parsed } from '../schedules/schedule-file.ts'
import { Player } from '../world/play.ts'
import { playable, type System, systemOf } from '../world/system.ts'
import { newNames } from '../world/wire.ts'

/** What is compared where both report it. */
const REPORTS = ['accepted', 'rejected', 'ended', 'committed', 'told'] as const
/** What the world sees of either. `sealed` and `exposed` follow from which frames were accepted, `delivered` from every verdict. */
const SEEN: readonly Event['on'][] = ['opened', 'submitted', 'sent', 'unsent', 'fault']
const TRACKED: readonly Event['on'][] = ['sealed', 'exposed']

export interface Pair {
  readonly systems: readonly [System, System]
  /** Who plays what is not compared. */
  readonly rest: System
  readonly names: readonly [string, string]
  /** Who of the two is compared; the other side is played by the reference in both worlds. */
  readonly sides: readonly Side[]
  readonly compared: ReadonlySet<Event['on']>
  /** Acceptances and ends are known of both, so the tracker knows what the keys of each are. */
  readonly tracked: boolean
  /** Both are given the same random bytes and use no others, so their frames must agree to the byte. */
  readonly sameBytes: boolean
  /** Of what one action causes, both tell the order. */
  readonly ordered: boolean
  /** What is not compared, and why. */
  readonly notComparable: readonly string[]
}

/** The sides that are a system's own: one that it has not is played by the reference. */
export const ownSides = (s: System): readonly Side[] => {
  const own = (['client', 'server'] as const).filter((side) => s[side] !== referenceParty)
  return own.length === 0 ? ['client', 'server'] : own
}

/** Who plays what is not compared, in what both worlds speak. */
const restOf = (dialect: Dialect | undefined): System =>
  dialect === undefined ? referenceSystem : dialectSystem('reference', dialect)

/** The system with nothing of its own but these sides. */
const only = (s: System, sides: readonly Side[], rest: System): System => {
  const spoken = rest.dialect === undefined ? {} : { dialect: rest.dialect }
  if (ownSides(s).every((side) => sides.includes(side)) && rest.dialect === undefined) return s
  const make = (side: Side): MakeParty => (sides.includes(side) ? s : rest)[side]
  const made = systemOf(s.name, make('client'), make('server'))
  const emits = new Set([...made.emits].filter((e) => e !== 'committed' || s.emits.has(e)))
  return { ...made, ...spoken, emits }
}

/** Whom a fact is true of, of the two; '' where it is true of both or none. */
const onlyOne = (names: Pair['names'], [a, b]: readonly [boolean, boolean]): string =>
  a === b ? '' : a ? names[0] : names[1]

export const pairOf = (left: System, right: System): Parsed<Pair> => {
  const names =
    left.name === right.name ? ([left.name, `${right.name} (twin)`] as const) : ([left.name, right.name] as const)
  const sides = ownSides(left).filter((side) => ownSides(right).includes(side))
  if (sides.length === 0)
    return { kind: 'bad', why: `expected two that play the same side, got ${names[0]} and ${names[1]}, which do not` }
  const rest = restOf(left.dialect ?? right.dialect)
  const [a, b] = [only(left, sides, rest), only(right, sides, rest)]
  const lacks = new Set([...a.lacks, ...b.lacks])
  const both = REPORTS.filter((e) => a.emits.has(e) && b.emits.has(e))
  const verdicts = ['accepted', 'rejected', 'ended'] as const
  const tracked = both.includes('accepted') && both.includes('ended')
  const judged = verdicts.every((e) => both.includes(e))
  const sameBytes = !lacks.has('rng')
  const notComparable = [
    ...(sides.length === 2 ? [] : [`the ${sides[0] === 'server' ? 'clients' : 'server'} (the reference in both)`]),
    ...REPORTS.filter((e) => !both.includes(e)).map((e) => {
      const who = onlyOne(names, [a.emits.has(e), b.emits.has(e)])
      return `${e} (${who === '' ? 'neither reports it' : `only ${who} reports it`})`
    }),
    ...(tracked
      ? []
      : ['payloads, and what is sealed under the keys of a session or leaks (they follow accepted and ended)']),
    ...[...lacks].flatMap((l) => {
      const who = onlyOne(names, [a.lacks.has(l), b.lacks.has(l)])
      return ['fork', 'order', 'rng', 'chunks'].includes(l)
        ? []
        : [`${l} (${who === '' ? 'neither has it' : `${who} has none`})`]
    }),
    ...(sameBytes
      ? []
      : [
          'bytes of frames and keys and what leaked keys open (own generator: header, length and what the keys open are compared)',
        ]),
  ]
  return {
    kind: 'ok',
    value: {
      systems: [
        { ...a, lacks },
        { ...b, lacks },
      ],
      rest,
      names,
      sides,
      compared: new Set([
        ...SEEN,
        ...both,
        ...(tracked ? TRACKED.filter((e) => sameBytes || e !== 'exposed') : []),
        ...(judged ? (['delivered'] as const) : []),
      ]),
      tracked,
      sameBytes,
      ordered: !lacks.has('order') && verdicts.every((e) => a.emits.has(e) === b.emits.has(e)),
      notComparable,
    },
  }
}

export interface Compared {
  /** What was played on both: macros expanded once, frames named by origin, actions without effect dropped. */
  readonly schedule: Schedule
  /** What was compared of each, with one `step` for every action. */
  readonly worlds: readonly [readonly Event[], readonly Event[]]
  readonly verdicts: number
  /** Index in both worlds, and the action it belongs to. */
  readonly difference: { readonly at: number; readonly step: number; readonly why: string } | null
  /** From this action on chance alone made the two differ, so no more was compared; null: all of it was. */
  readonly undecided: number | null
}

/** The same bytes, the same name; names are given in the order of appearance, so they do not depend on the bytes. */
const renaming = () => {
  const given = new Map<string, string>()
  return (name: string): string => {
    const known = given.get(name) ?? `${name[0]}${[...given.keys()].filter((k) => k[0] === name[0]).length}`
    given.set(name, known)
    return known
  }
}

/** What chance does not explain of an event. */
const withoutChance = (rename: (name: string) => string, fresh: boolean) => {
  const body = (b: Body): Body =>
    b.kind === 'challenge' && fresh ? { ...b, text: `(${Buffer.byteLength(b.text)} bytes)` } : b
  return (e: Event): Event => {
    let it = e
    if (it.on === 'sent') {
      const { iv: _, ...rest } = it
      it = { ...rest, body: body(it.body) }
    } else if (it.on === 'sealed') it = { ...it, body: body(it.body) }
    else if (it.on === 'told') it = { ...it, told: { ...it.told, body: body(it.told.body) } }
    else if (it.on === 'committed' && it.view.keys !== null) {
      const [a, b, c, d] = it.view.keys
      const key = (k: KeyId) => rename(k) as KeyId
      it = { ...it, view: { ...it.view, keys: [key(a), key(b), key(c), key(d)] } }
    }
    return 'frame' in it && it.frame !== null ? { ...it, frame: rename(it.frame) as FrameId } : it
  }
}

/** An event without what follows from others, or is not protocol. */
const reduced = (p: Pair, e: Event): Event => {
  switch (e.on) {
    case 'accepted':
    case 'committed':
      return { ...e, before: null }
    case 'fault':
      return { ...e, error: 'an exception' }
    case 'sent':
      return p.tracked ? e : { ...e, body: { kind: 'sealed' } }
    default:
      return e
  }
}

const orderOf = (e: Event): string => `${'at' in e ? endName(e.at) : ''} ${e.on}`

/** The events of one world by action, none left out. */
const played = (s: Schedule, system: System, names = newNames()): readonly Event[][] => {
  const steps: Event[][] = s.actions.map(() => [])
  const player: Player = new Player(s, system, (e) => steps[player.world.ledger.step]?.push(e), names)
  for (const _ of player.play());
  return steps
}

/**
 * The primitive actions of a schedule. A conversation goes on while frames are accepted; so it is expanded by one who
 * tells that: the left one, else the right one, else the reference. One that fails is not kept whole (faithful.ts).
 */
const expanded = (s: Schedule, p: Pair): Schedule => {
  const telling = p.systems.find(({ emits }) => emits.has('accepted') && emits.has('ended'))
  const by = telling ?? { ...p.rest, lacks: p.systems[0].lacks }
  return { ...s, actions: played(s, by).flatMap((step) => step.flatMap((e) => (e.on === 'step' ? e.action : []))) }
}

/**
 * A frame that was sealed under other keys opens as garbage, so which check of what is inside rejects it is chance. The
 * receiver's keys are other ones exactly where an honest frame does not pass those checks.
 */
const garbage = (step: readonly Event[]): readonly Event[] => {
  const honest = new Set(step.flatMap((e) => (e.on === 'delivered' && e.origin === 'genuine' ? e.frame : [])))
  return step.map((e) =>
    e.on === 'rejected' && e.reason === 'bad-payload' && honest.has(e.frame) ? { ...e, reason: 'bad-padding' } : e,
  )
}

/** Two events, but for what one of the two does not tell. */
const alike = (a: Event, b: Event | undefined): boolean => {
  if (a.on === 'rejected' && b?.on === 'rejected' && (a.reason === null || b.reason === null))
    return isDeepStrictEqual({ ...a, reason: null }, { ...b, reason: null })
  if (a.on !== 'told' || b?.on !== 'told') return isDeepStrictEqual(a, b)
  const untold = (x: number | null, y: number | null) => (x === null || y === null ? null : x)
  const told = (x: typeof a, y: typeof a) => ({
    ...x,
    told: { ...x.told, id: untold(x.told.id, y.told.id), round: untold(x.told.round, y.told.round) },
  })
  return isDeepStrictEqual(told(a, b), told(b, a))
}

const arrivals = (events: readonly Event[]) => {
  const by = new Map<string, boolean[]>()
  for (const e of events)
    if (e.on === 'delivered') by.set(endName(e.at), [...(by.get(endName(e.at)) ?? []), e.origin === 'altered'])
  return by
}

/** An edit that changes a frame in one world and by chance not in the other, such as two equal bytes exchanged. */
const byChance = (a: readonly Event[], b: readonly Event[]): boolean => {
  const other = arrivals(b)
  return [...arrivals(a)].some(([end, altered]) =>
    altered.some((x, i) => other.get(end)?.[i] !== undefined && other.get(end)?.[i] !== x),
  )
}

/** Plays a schedule on both. Throws what making a party throws. */
export const compare = (asked: Schedule, p: Pair): Compared => {
  const [left, right] = p.systems
  // A generator of its own cannot be put into an earlier state.
  const known = p.tracked ? asked.actions : asked.actions.filter((a) => a.do !== 'seal' && a.do !== 'leak')
  const actions = p.sameBytes ? known : known.map((a) => (a.do === 'restart' ? { ...a, sameRng: false } : a))
  const schedule = expanded(playable({ ...asked, actions }, left), p)
  const names = newNames() // equal bytes have equal names in both worlds
  const all = [left, right].map((system) => played(schedule, system, names))
  const chance = p.sameBytes ? -1 : schedule.actions.findIndex((_, i) => byChance(all[0]![i]!, all[1]![i]!))
  const undecided = chance === -1 ? null : chance
  const world = (steps: readonly (readonly Event[])[]): readonly Event[] => {
    const decided = withoutChance(renaming(), schedule.setup.challenge === 'fresh')
    return steps.slice(0, undecided ?? steps.length).flatMap((events, step) => {
      const seen = (p.sameBytes ? events : garbage(events))
        .filter((e) => p.compared.has(e.on))
        .map((e) => reduced(p, e))
      const inOrder = p.ordered
        ? seen
        : seen.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : orderOf(a) > orderOf(b) ? 1 : 0))
      const marker: Event = { on: 'step', step, action: schedule.actions[step]!, target: null }
      return [marker, ...(p.sameBytes ? inOrder : inOrder.map(decided))]
    })
  }
  const worlds = [world(all[0]!), world(all[1]!)] as const
  const [a, b] = worlds
  const differs = a.findIndex((e, i) => !alike(e, b[i]))
  const at = differs >= 0 ? differs : b.length > a.length ? a.length : null
  const verdicts = a.filter((e) => e.on === 'accepted' || e.on === 'rejected').length
  if (at === null) return { schedule, worlds, verdicts, difference: null, undecided }
  const marker = a.slice(0, at).findLast((e) => e.on === 'step')
  const step = marker?.on === 'step' ? marker.step : 0
  const why = differText(p.names[0], a[at], p.names[1], b[at])
  return { schedule, worlds, verdicts, difference: { at, step, why }, undecided }
}
