import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Event, endName } from '../../../spec/events.ts'
import type { Action, End, Pick, Schedule } from '../../../spec/language.ts'
import { schedules } from '../generate/arbitraries.ts'
import { BIASES } from '../generate/biases.ts'
import { srcSystem } from '../parties/party-file.ts'
import { normalise, Player } from './play.ts'
import { toHex } from './wire.ts'

interface Run {
  readonly events: readonly Event[]
  /** By endpoint: every frame it sent, and the action in which it did. */
  readonly frames: ReadonlyMap<string, readonly { readonly hex: string; readonly step: number }[]>
}

const run = (s: Schedule): Run => {
  const events: Event[] = []
  const frames = new Map<string, { hex: string; step: number }[]>()
  const player: Player = new Player(s, srcSystem, (e) => {
    events.push(e)
    if (e.on !== 'sent') return
    const { world } = player
    const mine = frames.get(endName(e.at)) ?? []
    mine.push({ hex: toHex(world.wire.frameNames.bytes(e.frame)), step: world.ledger.step })
    frames.set(endName(e.at), mine)
  })
  for (const _ of player.play());
  return { events, frames }
}

const PER_CELL = 13 // 8 profiles, 2 modes: 208 schedules
const CELLS = Object.values(BIASES).flatMap((p) =>
  (['bound', 'literal'] as const).flatMap((mode) => fc.sample(schedules(p, mode), { numRuns: PER_CELL, seed: 21 })),
)

it('200 schedules played twice give the same events and the same bytes', () => {
  expect(CELLS.length).toBeGreaterThanOrEqual(200)
  let frames = 0
  for (const s of CELLS) {
    const [a, b] = [run(s), run(s)]
    expect(JSON.stringify(b.events)).toBe(JSON.stringify(a.events))
    expect(b.frames).toEqual(a.frames)
    for (const sent of a.frames.values()) frames += sent.length
  }
  expect(frames).toBeGreaterThan(2_000)
})

const targetOf = (a: Action): End | null => {
  switch (a.do) {
    case 'deliver':
    case 'continue':
    case 'inject':
    case 'seal':
      return a.to
    case 'submit':
    case 'finish':
      return { side: 'client', n: a.run }
    case 'close':
    case 'failSend':
    case 'leak':
      return a.at
    case 'connect':
    case 'converse':
    case 'advance':
    case 'restart':
      return null
  }
}

/** Whose frames, states and keys an action in normal form uses. */
const sourcesOf = (a: Action): readonly End[] => {
  const by = (p: Pick): readonly End[] => (typeof p === 'object' && 'by' in p ? [p.by] : [])
  if (a.do === 'seal') return [a.as]
  if (a.do !== 'deliver') return []
  const spliced = a.edit?.do === 'splice' ? by(a.edit.from) : []
  return [...by(a.frame), ...(a.with ?? []).flatMap(by), ...spliced]
}

/** The endpoints that the removal of action `k` can touch; a server is one thing, with all its connections. */
const touchedBy = (actions: readonly Action[], k: number): ((e: string) => boolean) => {
  const touched = new Set<string>()
  const touch = (e: End): unknown => touched.add(e.side === 'server' ? 'server' : endName(e))
  const isTouched = (e: End): boolean => touched.has(e.side === 'server' ? 'server' : endName(e))
  touch(targetOf(actions[k]!)!)
  for (const a of actions.slice(k + 1)) {
    const to = targetOf(a)
    if (to !== null && sourcesOf(a).some(isTouched)) touch(to)
  }
  return (name) => touched.has(name.startsWith('s') ? 'server' : name)
}

/** Whether it can go without another endpoint getting its number. */
const removable = (actions: readonly Action[], k: number): boolean => {
  const to = targetOf(actions[k]!)
  if (to === null) return false
  const opens = (a: Action): boolean => {
    const t = targetOf(a)
    return t !== null && endName(t) === endName(to)
  }
  return to.side === 'client' || actions.slice(0, k).some(opens)
}

it('without one action, whatever that cannot touch stays the same to the byte', () => {
  let removals = 0
  let later = 0
  for (const s of CELLS) {
    const normal = normalise(s, srcSystem)
    const whole = run(normal)
    for (let k = 0; k < normal.actions.length; k++) {
      if (!removable(normal.actions, k)) continue
      const isTouched = touchedBy(normal.actions, k)
      const beyond = [...whole.frames].filter(([e, sent]) => !isTouched(e) && sent.at(-1)!.step > k)
      if (beyond.length === 0) continue // nothing after it that would show anything
      const less = run({ ...normal, actions: normal.actions.toSpliced(k, 1) })
      for (const [e, sent] of whole.frames) {
        const kept = isTouched(e) ? sent.filter((f) => f.step < k) : sent
        const got = less.frames.get(e)?.map((f) => f.hex) ?? []
        expect(got.slice(0, kept.length), `${e} without action ${k}`).toEqual(kept.map((f) => f.hex))
        if (!isTouched(e)) expect(got).toHaveLength(kept.length)
      }
      removals++
      later += beyond.length
      break // one action a schedule
    }
  }
  expect(removals).toBeGreaterThan(100)
  expect(later).toBeGreaterThan(removals)
})
