/** Every probe whose further plays are by the same system: F2, G6, L3. */
import { differText, fieldsText } from '../event-text.ts'
import { type Event, endName, sameEnd } from '../events.ts'
import { type Action, type End, type Num, type Pick, renamed, type Schedule } from '../language.ts'
import { carriedOut, opened, type Probe } from './probe.ts'

/** Adding these up in another order gives another sum, unless it is exact: 0.301 is lost beside 1e16. */
const AWKWARD: readonly (readonly Num[])[] = [
  [1e16, 0.1],
  [0.3, 1e-3],
  [-1e16, 0.7],
]
const IDS = [3, 4, 5] // of the demo keyring (PROTOCOL §1)
const ORDERS = [
  [0, 1, 2],
  [2, 0, 1],
  [2, 1, 0],
] as const

const submittedIn = (events: readonly Event[]): readonly (readonly number[])[] =>
  events.flatMap((e) => (e.on === 'submitted' && !e.refused ? [e.values] : []))

/** After everything in `first`: three clients open new sessions and submit in the same round; arrival in this order. */
const arriving = (s: Schedule, first: readonly Event[], order: readonly number[]): Schedule => {
  const { runs, connections } = opened(first)
  const run = (k: number): End => ({ side: 'client', n: runs + k })
  const connection = (k: number): End => ({ side: 'server', n: connections + k })
  const pass = (by: End, nth: number, to: End): Action => ({ do: 'deliver', frame: { by, nth }, to })
  const values = submittedIn(first)
  const entering = IDS.flatMap((_, k): Action[] => [
    { do: 'connect', client: s.setup.clients.length + k },
    pass(run(k), 0, connection(k)),
    pass(connection(k), 0, run(k)),
    { do: 'submit', run: runs + k, values: [...AWKWARD[k]!, ...(values.at(-1 - k) ?? []).slice(0, 20)] },
  ])
  const arrivals = order.map((k) => pass(run(k), 1, connection(k)))
  const setup = { ...s.setup, clients: [...s.setup.clients, ...IDS] }
  return { ...s, setup, actions: [...carriedOut(first), ...entering, ...arrivals] }
}

interface Answers {
  readonly count: number
  readonly last: string // the plaintext of the last one, exactly
}

const answers = (events: readonly Event[], connections: number): Answers => {
  const all = events.flatMap((e) =>
    e.on === 'sent' && e.at.side === 'server' && e.at.n >= connections && e.body.kind === 'aggregate' ? [e] : [],
  )
  const last = all.at(-1)
  // It does not show -0, which PROTOCOL §8 forbids here and G7 looks for.
  return { count: all.length, last: last ? `round ${last.header.round}: ${fieldsText(last.body)}` : 'none' }
}

export const G6: Probe = {
  id: 'G6',
  says: 'the result is the same to the last bit in whatever order the submissions of a round arrive',
  powers: 'NIL',
  needs: ['sent', 'accepted', 'submitted'],
  literal: 'holds',
  witness: { says: 'three submissions to one round were answered in another order', floor: 600 },
  check(s, first, play) {
    const { connections } = opened(first)
    const [forth, ...others] = ORDERS.map((order) => ({
      order,
      got: answers(play(arriving(s, first, order)), connections),
    }))
    const odd = others.find((o) => o.got.last !== forth!.got.last)
    const reached = others.filter((o) => o.got.count === IDS.length).length
    if (odd === undefined) return { reached, violated: null }
    const name = (order: readonly number[]): string =>
      order.map((k) => endName({ side: 'server', n: connections + k })).join(', ')
    const why = `arrival at ${name(forth!.order)} ends with ${forth!.got.last}; at ${name(odd.order)} with ${odd.got.last}`
    return { reached, violated: { step: s.actions.length - 1, why } }
  },
}

type Deliver = Extract<Action, { do: 'deliver' }>

const SINGLE = 24 // bytes that come alone
/**
 * Inside and around the length prefix, the header, the IV, the tag, the last byte; and where a run of single bytes wanders.
 * Taken modulo the length.
 */
const cutsFor = (i: number): readonly number[] => [
  ...[1, 3, 4, 5, 11, 27, -33, -32, -1],
  ...Array.from({ length: SINGLE + 1 }, (_, at) => 17 * i + 40 + at),
]

const recut = (actions: readonly Action[]): readonly Action[] =>
  actions.map((a, i) => (a.do === 'deliver' ? { ...a, cuts: cutsFor(i) } : a))

/** For each action, how many frames every endpoint had sent before it. */
const sentBefore = (events: readonly Event[]): readonly ReadonlyMap<string, number>[] => {
  const before: ReadonlyMap<string, number>[] = []
  const sent = new Map<string, number>()
  for (const e of events) {
    if (e.on === 'sent') sent.set(endName(e.at), (sent.get(endName(e.at)) ?? 0) + 1)
    if (e.on === 'step') before.push(new Map(sent))
  }
  return before
}

/** Every delivery in one piece, and successive ones to the same endpoint in one chunk, where the frames exist already. */
const joined = (actions: readonly Action[], before: readonly ReadonlyMap<string, number>[]): readonly Action[] => {
  const out: Action[] = []
  let since = 0 // index of the action that the open chunk stands for
  const existed = (p: Pick): boolean =>
    typeof p === 'object' && 'by' in p && p.nth < (before[since]!.get(endName(p.by)) ?? 0)
  for (const [i, a] of actions.entries()) {
    const open = out.at(-1)
    if (a.do !== 'deliver' || a.upTo !== undefined) {
      out.push(a)
      continue
    }
    const frames = [a.frame, ...(a.with ?? [])]
    if (
      open?.do === 'deliver' &&
      open.upTo === undefined &&
      sameEnd(open.to, a.to) &&
      a.edit === undefined &&
      frames.every(existed)
    ) {
      out[out.length - 1] = { ...open, with: [...(open.with ?? []), ...frames] }
      continue
    }
    const { cuts: _, ...whole } = a
    out.push(whole satisfies Deliver)
    since = i
  }
  return out
}

/** Not part of the trace: where actions and macros begin and end, and what is held in memory meanwhile. */
const OUTSIDE: ReadonlySet<Event['on']> = new Set(['step', 'settled', 'conversed', 'memory'])

interface Trace {
  readonly events: readonly Event[]
  readonly lines: readonly string[]
  readonly steps: readonly number[] // of each line, the action it belongs to
}

const traces = new WeakMap<readonly Event[], Trace>() // a play that was asked for before is the same object

const traceOf = (events: readonly Event[]): Trace => {
  const known = traces.get(events)
  if (known !== undefined) return known
  const trace = { events: [] as Event[], lines: [] as string[], steps: [] as number[] }
  let step = 0
  for (const e of events) {
    if (e.on === 'step') step = e.step
    if (OUTSIDE.has(e.on)) continue
    trace.events.push(e)
    trace.lines.push(JSON.stringify(e))
    trace.steps.push(step)
  }
  traces.set(events, trace)
  return trace
}

/** F2: how the byte stream is cut into chunks never matters (PROTOCOL §2). */
export const F2: Probe = {
  id: 'F2',
  says: 'what happens is a function of the byte stream, not of how it is cut into chunks',
  powers: 'NIL',
  needs: ['accepted', 'rejected', 'ended'],
  asks: ['rng'],
  literal: 'holds',
  witness: { says: 'a delivery to a live endpoint was played cut up and in one piece', floor: 3_500 },
  check(s, first, play) {
    const actions = carriedOut(first)
    const expected = traceOf(first)
    const variations: readonly (readonly [string, Schedule])[] = [
      ['cut up', { ...s, actions: recut(actions) }],
      ['in one piece', { ...s, actions: joined(actions, sentBefore(first)) }],
    ]
    const reached = first.filter((e) => e.on === 'delivered').length
    for (const [how, variation] of variations) {
      const got = traceOf(play(variation))
      const at = expected.lines.findIndex((line, i) => line !== got.lines[i])
      if (at >= 0 || got.lines.length !== expected.lines.length) {
        const i = at < 0 ? expected.lines.length : at
        const step = expected.steps[i] ?? s.actions.length - 1
        const why = differText(how, got.events[i], 'otherwise', expected.events[i])
        return { reached, violated: { step, why } }
      }
    }
    return { reached, violated: null }
  },
}

const DEMO_IDS = [5, 4, 3] // of the demo keyring (PROTOCOL §1)

/** The same action when one run and one connection were opened before everything else. */
const shifted = (a: Action): Action => renamed(a, ({ side, n }) => ({ side, n: n + 1 }))!

const MANY = 8 // clients; of more, those that took part, and no more than these

/** A bystander converses, the batch of attacks follows, then every client converses: `after` of them. */
const surrounded = (s: Schedule, first: readonly Event[]): { readonly around: Schedule; readonly after: number } => {
  const bystander = DEMO_IDS.find((id) => !s.setup.clients.includes(id)) ?? DEMO_IDS[0]!
  const clients = [...s.setup.clients, bystander]
  const took = new Set(first.map((e) => (e.on === 'opened' ? e.id : null)))
  const all = clients.map((_, i) => i)
  const last = clients.length - 1
  const asked = clients.length <= MANY ? all : [...all.filter((i) => took.has(clients[i]!)).slice(0, MANY), last]
  const talk = (client: number): Action => ({ do: 'converse', client, rounds: 1 })
  const actions = [talk(last), ...carriedOut(first).map(shifted), ...asked.map(talk)]
  const { connections: _, ...limits } = s.setup.limits // whether a full server takes somebody in is not the question
  return { around: { ...s, setup: { ...s.setup, clients, limits }, actions }, after: asked.length }
}

/** L3: attacks prove nothing unless faithful conversations pass around them. */
export const L3: Probe = {
  id: 'L3',
  says: 'the faithful conversation passes before the batch of attacks and, for every client, after it',
  powers: 'NIL',
  needs: ['accepted', 'rejected', 'conversed'],
  literal: 'holds',
  witness: { says: 'a faithful round was completed after an attack was rejected', floor: 900 },
  check(s, first, play) {
    const { around, after } = surrounded(s, first)
    const asked = around.actions.flatMap((a, i) => (a.do === 'converse' ? [{ i, client: a.client }] : []))
    const events = play(around)
    const talks = events.filter((e) => e.on === 'conversed') // one for each that was asked for, in order
    const attacked = events.some((e) => e.on === 'rejected')
    let reached = 0
    for (const [k, { i, client }] of asked.entries()) {
      if (i > 0 && i < around.actions.length - after) continue // part of what is probed
      const talk = talks[k]
      if (talk !== undefined && talk.done === talk.asked) {
        if (i > 0 && attacked && talk.asked > 0) reached++
        continue
      }
      const when = i === 0 ? 'before' : 'after'
      const what = talk === undefined ? 'no session came about' : `${endName(talk.run)} did not complete its round`
      const why = `the faithful conversation of client ${around.setup.clients[client]} ${when} the attacks failed: ${what}`
      return { reached, violated: { step: s.actions.length - 1, why } }
    }
    return { reached, violated: null }
  },
}

/** Not what a party does: how it works inside. */
const INSIDE: ReadonlySet<Event['on']> = new Set([...OUTSIDE, 'primitive'])

/** S8: a snapshot holds everything, and shares nothing with what it was taken of. */
export const S8: Probe = {
  id: 'S8',
  says: 'a system that goes on from snapshots of itself does what it would have done',
  powers: 'NIL',
  needs: ['accepted', 'rejected', 'committed', 'ended'],
  asks: ['fork', 'order'],
  literal: 'holds',
  witness: { says: 'a frame was judged by a party restored from a snapshot', floor: 3_500 },
  check(s, first, play) {
    const seen = (events: readonly Event[]): readonly Event[] => events.filter((e) => !INSIDE.has(e.on))
    const [expected, got] = [seen(first), seen(play(s, { client: 'restored', server: 'restored' }))]
    const reached = expected.filter((e) => e.on === 'delivered').length
    const at = expected.findIndex((e, i) => JSON.stringify(e) !== JSON.stringify(got[i]))
    if (at < 0 && got.length === expected.length) return { reached, violated: null }
    const i = at < 0 ? expected.length : at
    const why = differText('restored', got[i], 'otherwise', expected[i])
    return { reached, violated: { step: s.actions.length - 1, why } }
  },
}

export * from './probe.ts'

/** Every probe whose further plays are by the same system. */
export const PROBES: readonly Probe[] = [F2, G6, L3, S8]
