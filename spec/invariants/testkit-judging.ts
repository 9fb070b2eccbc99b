/** Runs the own tests of a file of monitors: clean histories that reach the witness, and one for every way to break it. */
import { describe, expect, test } from 'vitest'
import type { Event, Ledger } from '../events.ts'
import { INVARIANTS, type Invariant, isViolated, judges } from './index.ts'
import { Story } from './testkit.ts'

export interface OwnTests {
  /** Each must reach the witness; nobody may complain about them. */
  readonly holds: Readonly<Record<string, (s: Story) => void>>
  /** Each must be violated in its last step and not before; returns a part of what the monitor has to say. */
  readonly breaks: Readonly<Record<string, (s: Story) => string>>
}

/** One entry for every monitor of the file, or it does not compile. */
export const ownTests = <M extends Readonly<Record<string, Invariant>>>(
  monitors: M,
  tests: Readonly<Record<keyof M, OwnTests>>,
): void => {
  for (const [name, { holds, breaks }] of Object.entries<OwnTests>(tests)) {
    const invariant = monitors[name]!
    describe(`${invariant.id}: ${invariant.says}`, () => {
      for (const [title, tell] of Object.entries(holds)) {
        test(`holds: ${title}`, () => {
          const { story, hearings } = hear(tell)
          expect(judges(invariant, story.powers)).toBe(true)
          expect(hearings.get(invariant)!.hits).toBeGreaterThan(0)
          expect(complaints(hearings, story)).toEqual([])
        })
        test(`holds: ${title}, among parties that do not show their state`, () => {
          const { story, hearings } = hear(tell, { seen: false })
          const blind = new Map([...hearings].filter(([i]) => !i.needs.includes('committed')))
          expect(complaints(blind, story)).toEqual([])
        })
      }
      for (const [title, tell] of Object.entries(breaks))
        test(`is violated: ${title}`, () => {
          const { story, hearings, said } = hear(tell)
          expect(judges(invariant, story.powers)).toBe(true)
          expect(hearings.get(invariant)!.violated).toEqual({ step: story.step, why: expect.stringContaining(said) })
        })
    })
  }
}

/** What one monitor made of a history. */
interface Hearing {
  state: unknown
  hits: number
  violated: { readonly step: number; readonly why: string } | null
}

interface Audience {
  readonly seen?: boolean // whether the parties show their state
  readonly monitors?: readonly Invariant[]
}

/** Tells a history to monitors, each event to each. Throws where one is not pure, or reacts to what it does not need. */
export const hear = <T>(tell: (s: Story) => T, { seen = true, monitors = INVARIANTS }: Audience = {}) => {
  const hearings = new Map<Invariant, Hearing>(monitors.map((i) => [i, { state: i.start, hits: 0, violated: null }]))
  const story = new Story((e, l) => {
    for (const [i, h] of hearings) listen(i, h, e, l)
  }, seen)
  const said = tell(story)
  story.settles()
  return { story, hearings, said }
}

const listen = (i: Invariant, h: Hearing, e: Event, l: Ledger): void => {
  const hit = i.witness.hit(e, l)
  if (hit) h.hits++
  if (h.violated !== null) return
  const next = i.step(frozen(h.state), e, l)
  // else a party that cannot report this event would be judged by a monitor that depends on it
  if (!i.needs.includes(e.on) && (hit || next !== h.state))
    expect({ hit, next }, `${i.id} reacts to '${e.on}', which it does not need`).toEqual({ hit: false, next: h.state })
  if (isViolated(next)) h.violated = { step: l.step, why: next.violated }
  else h.state = next
}

const complaints = (hearings: ReadonlyMap<Invariant, Hearing>, l: Ledger): string[] =>
  [...hearings]
    .filter(([i]) => judges(i, l.powers) && (l.mode === 'bound' || i.literal === 'holds'))
    .flatMap(([i, h]) => (h.violated === null ? [] : [`${i.id}: ${h.violated.why}`]))

const immutable = (): never => {
  throw new TypeError('a monitor changed its state in place')
}

/** The same value, which throws when anyone changes it, however deep. */
const frozen = <T>(x: T): T => {
  if (typeof x !== 'object' || x === null || Object.isFrozen(x)) return x
  for (const part of x instanceof Map ? [...x].flat() : x instanceof Set ? x : Object.values(x)) frozen(part)
  if (x instanceof Map || x instanceof Set)
    for (const change of ['set', 'add', 'delete', 'clear']) Object.defineProperty(x, change, { value: immutable })
  return Object.freeze(x)
}
