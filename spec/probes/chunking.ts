/** F2: how the byte stream is cut into chunks never matters (PROTOCOL §2). */
import { type Event, endName, sameEnd } from '../events.ts'
import type { Action, Pick, Schedule } from '../language.ts'
import { carriedOut, type Probe } from './probe.ts'

type Deliver = Extract<Action, { do: 'deliver' }>

/** Inside and around the length prefix, the header, the IV, the tag, the last byte; one that wanders. Taken modulo the length. */
const cutsFor = (i: number): readonly number[] => [1, 3, 4, 5, 11, 27, -33, -32, -1, 17 * i + 40]

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
    if (a.do !== 'deliver') {
      out.push(a)
      continue
    }
    const frames = [a.frame, ...(a.with ?? [])]
    if (open?.do === 'deliver' && sameEnd(open.to, a.to) && a.edit === undefined && frames.every(existed)) {
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
  readonly lines: readonly string[]
  readonly steps: readonly number[] // of each line, the action it belongs to
}

const traces = new WeakMap<readonly Event[], Trace>() // a play that was asked for before is the same object

const traceOf = (events: readonly Event[]): Trace => {
  const known = traces.get(events)
  if (known !== undefined) return known
  const lines: string[] = []
  const steps: number[] = []
  let step = 0
  for (const e of events) {
    if (e.on === 'step') step = e.step
    if (OUTSIDE.has(e.on)) continue
    lines.push(JSON.stringify(e))
    steps.push(step)
  }
  traces.set(events, { lines, steps })
  return { lines, steps }
}

export const F2: Probe = {
  id: 'F2',
  says: 'what happens is a function of the byte stream, not of how it is cut into chunks',
  powers: 'NIL',
  needs: ['accepted', 'rejected', 'ended'],
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
        const why = `${how}: ${got.lines[i] ?? 'nothing more happens'}; otherwise: ${expected.lines[i] ?? 'nothing more happens'}`
        return { reached, violated: { step, why } }
      }
    }
    return { reached, violated: null }
  },
}
