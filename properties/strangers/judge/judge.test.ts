import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { INVARIANTS } from '../../../spec/invariants/index.ts'
import type { Mode, Schedule } from '../../../spec/language.ts'
import { schedules } from '../../harness/generate/arbitraries.ts'
import { BIASES } from '../../harness/generate/biases.ts'
import { dataHex } from '../../harness/generate/payloads.ts'
import { MUTANTS } from '../../harness/mutants/catalogue.ts'
import { srcSystem } from '../../harness/parties/party-file.ts'
import { partyOf, srcParty } from '../../harness/parties/src.ts'
import { loadVariant } from '../../harness/process/variants.ts'
import { CORPUS, readStored, storedNames } from '../../harness/schedules/stored.ts'
import { type Played, play } from '../../harness/world/play.ts'
import { keyringOf } from '../../harness/world/rng.ts'
import { captured, capturedHere, type Judged, judged } from './captured.testkit.ts'
import { hidden } from './observable.ts'

const MODES = ['bound', 'literal'] as const

/** What no capture can be made of: what reaches into a server, and settings that a capture does not show. */
const isOnTheWire = ({ actions, setup }: Schedule): boolean =>
  actions.every((a) => a.do !== 'restart' && a.do !== 'failSend' && a.do !== 'leak') &&
  setup.startRound === 1 &&
  setup.limits.retainedRounds === undefined

const idsOf = (all: readonly { readonly invariant: string }[], among: ReadonlySet<string>): readonly string[] =>
  [...new Set(all.map((f) => f.invariant))].filter((id) => among.has(id)).sort()

/** What the judge and the monitors in memory say of the invariants that both judge. */
const bothSay = ({ judge, found }: Judged, { monitorSet, findings }: Played) => {
  const both = new Set(monitorSet.invariants.map((i) => i.id).filter((id) => judge.telling.judged.has(id)))
  return { seen: idsOf(found, both), inMemory: idsOf(findings, both), judged: both.size }
}

const judgedOf = (s: Schedule, capture: Uint8Array, plain = false): Promise<Judged> =>
  judged(capture, s.mode, keyringOf(s.setup.clients, s.setup.insiders), plain)

it('which invariants a capture shows is in the table of properties/README.md, and for all others there is a reason', () => {
  const rows = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    .split('\n')
    .flatMap((line) => /^\| ((?:[A-Z]\w+ ?)+) \| (judged|that|not)\b/.exec(line)?.slice(1, 3).join(' ') ?? [])
  const idsIn = (wanted: (row: string) => boolean) =>
    rows
      .filter(wanted)
      .flatMap((row) => row.split(' ').slice(0, -1))
      .sort()
  const isJudged = (id: string) => hidden(INVARIANTS.find((i) => i.id === id)!, null) === null
  const all = INVARIANTS.map((i) => i.id).sort()
  expect(idsIn(() => true)).toEqual(all)
  expect(idsIn((row) => !row.endsWith('not'))).toEqual(all.filter(isJudged))
})

describe('every schedule of the corpus, played over sockets and captured, is judged as in memory', () => {
  const cases = storedNames().flatMap((name) => {
    const stored = readStored(name, new URL(name, CORPUS))
    if (stored.kind === 'bad') throw new Error(stored.why)
    const { schedule } = stored.value
    return isOnTheWire(schedule) ? MODES.map((mode) => [name, mode, { ...schedule, mode }] as const) : []
  })
  it('which are nearly all', () => expect(cases.length).toBeGreaterThanOrEqual(70))

  it.each(cases)('%s in %s', async (_, __, s) => {
    const j = await judgedOf(s, await captured(s))
    const { seen, inMemory, judged: both } = bothSay(j, play(s, srcSystem))
    expect(j.troubles).toEqual([])
    expect(seen, JSON.stringify(j.found)).toEqual(inMemory)
    expect(both).toBeGreaterThan(10)
  })
})

const sample = (mode: Mode, numRuns: number): readonly Schedule[] =>
  Object.values(BIASES)
    .flatMap((bias) => fc.sample(schedules(bias, mode), { numRuns, seed: 11 }))
    .filter((s) => isOnTheWire(s) && s.actions.length > 2)

describe('random schedules of every bias', () => {
  it.each(MODES)(
    'raise no alarm that they do not raise in memory, in %s, and the fast form finds what the plain one does',
    async (mode) => {
      let judgedSome = 0
      for (const s of sample(mode, 3)) {
        const { played, capture } = capturedHere(s, { client: srcParty, server: srcParty })
        const j = await judgedOf(s, capture)
        const { seen, inMemory } = bothSay(j, played)
        expect(seen, JSON.stringify(s)).toEqual(inMemory)
        const plain = await judgedOf(s, capture, true)
        expect(plain.found).toEqual(j.found)
        expect(plain.judge.tally().hits.find(([id]) => id === 'A1')).toEqual(
          j.judge.tally().hits.find(([id]) => id === 'A1'),
        )
        judgedSome += j.judge.followed
      }
      expect(judgedSome).toBeGreaterThan(30)
    },
  )
})

const STEP_MS = 100 // so that the end of a session and what comes after it are told apart

/** A bug in the server, and what must be said of a capture of it. */
const BUGS: readonly (readonly [mutant: string, invariant: string])[] = [
  ['others-missing', 'G1'],
  ['departed-kept', 'G3'],
  ['average-of-clients', 'G7'],
  ['nan-accepted', 'G5'],
  ['tag-unchecked', 'C1'],
  ['iv-of-data-in-response', 'C4'],
  ['error-in-round-zero', 'O3'],
]

/** An insider submits NaN: rare among random schedules. */
const NO_NUMBERS = (mode: Mode): Schedule => ({
  version: 1,
  seed: 1,
  mode,
  powers: 'NI',
  setup: { clients: [1, 2], insiders: [1], challenge: 'fresh', startRound: 1, limits: {} },
  actions: [
    { do: 'converse', client: 1, rounds: 1 },
    { do: 'converse', client: 0, rounds: 0 },
    {
      do: 'seal',
      power: 'I',
      as: { side: 'client', n: 1 },
      under: 'current',
      to: { side: 'server', n: 1 },
      opcode: 30,
      id: 0,
      round: 0,
      direction: 1,
      body: dataHex([Number.NaN, 1]),
    },
  ],
})

describe('a server with a bug', () => {
  it.each(BUGS)('%s is found, by %s', async (id, invariant) => {
    const mutant = MUTANTS.find((m) => m.id === id)!
    const server = partyOf(await loadVariant(mutant.replacements))
    for (const mode of MODES)
      for (const s of [NO_NUMBERS(mode), ...sample(mode, 8)]) {
        const { played, capture } = capturedHere(s, { client: srcParty, server }, STEP_MS)
        if (!played.findings.some((f) => f.invariant === invariant)) continue
        const { found } = await judgedOf(s, capture)
        const of = found.find((f) => f.invariant === invariant)
        if (of === undefined) continue // it cannot be followed, or too little time passed to tell
        expect(of.frames.length).toBeGreaterThan(0)
        return
      }
    throw new Error('no capture shows it')
  })
})
