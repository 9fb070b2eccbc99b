import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Event } from '../../../spec/events.ts'
import type { Action, Schedule } from '../../../spec/language.ts'
import { askOnce } from '../campaign/players.ts'
import { CHECKS, examine, violation } from '../judging/examine.ts'
import { MUTANTS } from '../mutants/catalogue.ts'
import { AdapterError } from '../parties/child.ts'
import { changed } from '../parties/party.ts'
import { partyOf, srcParty } from '../parties/src.ts'
import { loadVariant, type Replacement } from '../process/variants.ts'
import { CORPUS, readStored, storedNames } from '../schedules/stored.ts'
import { play } from '../world/play.ts'
import { systemOf } from '../world/system.ts'
import { breaking } from './essential.ts'
import { explain } from './explain.ts'
import { omissions } from './omitted.ts'
import { rank } from './ranking.ts'
import { BY_INVARIANT, RULE_IDS, RULES, type RuleId } from './rules.ts'
import { explanationText, shortText } from './text.ts'
import { dimensionsOf } from './variations.ts'

const src = systemOf('src', srcParty, srcParty)
const planted = async (...replacements: readonly Replacement[]) => {
  const party = partyOf(await loadVariant(replacements))
  return systemOf('planted', party, party)
}

const s0 = { side: 'server', n: 0 } as const
const c0 = { side: 'client', n: 0 } as const
const deliver = (by: typeof s0 | typeof c0, nth: number, to: typeof s0 | typeof c0): Action => ({
  ...{ do: 'deliver', frame: { by, nth }, to },
})
const HANDSHAKE: readonly Action[] = [{ do: 'connect', client: 0 }, deliver(c0, 0, s0), deliver(s0, 0, c0)]
const schedule = (...actions: readonly Action[]): Schedule => ({
  ...{ version: 1, seed: 7, mode: 'bound', powers: 'N' },
  setup: { clients: [1, 2], insiders: [], challenge: 'fresh', startRound: 1, limits: {} },
  actions,
})

const stored = (name: string): { schedule: Schedule; violates: readonly string[] } => {
  const file = readStored(name, new URL(name, CORPUS))
  if (file.kind === 'bad') throw new Error(file.why)
  return file.value
}

describe('the rules', () => {
  const text = readFileSync(new URL('../../../spec/PROTOCOL.md', import.meta.url), 'utf8')

  it.each(RULE_IDS)('%s is quoted from its section', (id) => {
    const { clause, quote } = RULES[id]
    const section = text.split(/^## /m).find((s) => s.startsWith(`${clause.slice(1)}.`))
    expect(section).toContain(quote)
  })

  it('are those that mutants break, that invariants rest on, and that the reference is played without', async () => {
    const known = new Set<string>(RULE_IDS)
    for (const m of MUTANTS) for (const id of m.breaks ?? []) expect([...known], m.id).toContain(id)
    expect(CHECKS.map((c) => c.id).filter((id) => BY_INVARIANT[id] === undefined)).toEqual(['SPEC', 'TWIN'])
    for (const o of await omissions()) for (const id of o.rules) expect([...known], o.id).toContain(id)
  })
})

describe('a planted defect is traced to its rule', () => {
  const TAG = {
    file: 'src/primitives.ts',
    find: '  return difference === 0',
    replace: '  return difference < 9 || true',
  }
  const ROUND = {
    file: 'src/checks.ts',
    find: "  if (header.round < expected.round) return 'stale-round'\n",
    replace: '',
  }
  const ANSWER = { file: 'src/server-session.ts', find: 'return silent ? null : OPCODE.desync', replace: 'return null' }
  const SUM = {
    file: 'src/server.ts',
    find: 'aggregateOf([...this.#submissions(round, rival), submission])',
    replace: 'aggregateOf([...this.#submissions(round, rival), submission, submission, submission])',
  }
  const flipped: Action = { ...deliver(c0, 1, s0), edit: { do: 'flip', at: 'tag', pos: 3, xor: 4 } } as Action
  const submit: Action = { do: 'submit', run: 0, values: [1] }
  const again = schedule(...HANDSHAKE, deliver(c0, 0, s0))

  it.each<[RuleId, string, Replacement, Schedule]>([
    ['tag', 'C1', TAG, schedule(...HANDSHAKE, submit, flipped)],
    ['own-round', 'TWIN', ROUND, again],
    ['alarm', 'O1', ANSWER, again],
    ['counted', 'G1', SUM, schedule(...HANDSHAKE, submit, deliver(c0, 1, s0))],
  ])('%s', async (rule, invariant, replacement, s) => {
    const system = await planted(replacement)
    expect(examine(s, system).map((f) => f.invariant)).toContain(invariant)
    const { step, rules } = await rank(s, system, invariant)
    expect(rules[0]!.rule).toBe(rule)
    expect(step).toBe(s.actions.length - 1)
    expect((await rank(s, src, invariant)).step).toBeNull() // the system itself does what the reference does
  })

  it('with what is essential, in the same words each time', async () => {
    const system = await planted(TAG)
    const s = schedule(...HANDSHAKE, submit, flipped)
    const e = await explain(s, system, 'C1')
    const said = (step: number | null) => e.notes.filter((n) => n.step === step).map((n) => n.text)
    expect(said(null)).toEqual(
      expect.arrayContaining(['any client (7 tried)', 'any random bytes (4 tried)', 'in both modes']),
    )
    expect(said(2).join()).toMatch(/^frame: also .*with another tag, not every other/)
    expect(said(3)).toContain('any values (4 tried)')
    expect(said(4).join()).toMatch(/any byte of the tag( \(\d+ tried\))?/)
    expect(e.rules[0]).toMatchObject({ rule: 'tag', clause: '§3', explained: 1 })
    const text = explanationText(e, 80).join('\n')
    expect(text).toContain(RULES.tag.quote.slice(0, 40))
    expect(text.split('\n').filter((l) => l.length > 80)).toEqual([])
    expect(shortText(e)).toContain('PROTOCOL §3, tag')
    expect(await explain(s, system, 'C1')).toEqual(e)
  })
})

describe('a variation', () => {
  const flipped: Action = { ...deliver(c0, 1, s0), edit: { do: 'flip', at: 'tag', pos: 3, xor: 4 } } as Action
  const s = schedule(...HANDSHAKE, { do: 'submit', run: 0, values: [1] }, flipped)
  const replacement = { file: 'src/primitives.ts', find: '  return difference === 0', replace: '  return true' }

  it('breaks, from where it differs, what it breaks when it is played whole', async () => {
    const system = await planted(replacement)
    const events: Event[] = []
    play(s, system, (e) => events.push(e))
    const breaks = breaking(s, system, 'C1', () => {})
    const all = dimensionsOf(s, system, events).flatMap((d) => d.others.map((o) => o.schedule))
    const verdicts = all.map((v) => breaks(v))
    expect(verdicts).toEqual(all.map((v) => violation('C1', v, system) !== undefined))
    expect(new Set(verdicts)).toEqual(new Set([true, false]))
    const long = schedule(...HANDSHAKE, { do: 'submit', run: 0, values: Array(500).fill(1e300) })
    const shown = dimensionsOf(long, system, events).map((d) => d.none ?? '')
    expect(shown.find((text) => text.startsWith('must be values '))).toMatch(
      /^.{15}\[1e\+300,.{50,60}… \(3501 characters\)$/,
    )
  })

  it('that cannot be played to the end counts neither as breaking nor as not, and is said', async () => {
    const { client, server } = await planted(replacement)
    const odd = systemOf('odd', client, (host, setup) => {
      if (setup.mode === 'literal') throw new Error('not in this mode')
      return server(host, setup)
    })
    const notes = (await explain(s, odd, 'C1')).notes.map((n) => n.text)
    expect(notes).toContain('1 variation could not be played to the end')
    expect(notes.filter((text) => text.includes('mode') || text.includes('only'))).toEqual([])
  })
})

it.each([
  [new AdapterError('line 3: expected the answer to open, got "?"'), /^not explained: the adapter .*adapter-check/],
  [new TypeError('told: expected opcode'), /^not explained: an exception escaped/],
])('no rule of PROTOCOL is blamed for %s', async (error, says) => {
  const throwing = systemOf('throwing', srcParty, (host, setup) =>
    changed(srcParty(host, setup), {
      open() {
        throw error
      },
    }),
  )
  const explanation = await explain(schedule(...HANDSHAKE.slice(0, 2)), throwing, 'F1')
  expect(explanation.rules).toEqual([])
  expect(shortText(explanation)).toMatch(says)
})

describe('what literal is known for', () => {
  const LITERAL = storedNames().filter((name) => {
    const { schedule, violates } = stored(name)
    return schedule.mode === 'literal' && violates.length > 0
  })

  it.each(LITERAL)('%s: the two binding steps', async (name) => {
    const { schedule, violates } = stored(name)
    const { rules } = await rank(schedule, src, violates[0]!)
    expect(
      rules
        .slice(0, 2)
        .map((r) => r.rule)
        .sort(),
    ).toEqual(['bind-step', 'hello-step'])
  })

  it.each([
    ['model/A2.json', 'bind-step'],
    ['model/A8.json', 'hello-step'],
  ])('%s needs no more than the lack of the %s', async (name, step) => {
    const { schedule, violates } = stored(name)
    const { rules } = await rank(schedule, src, violates[0]!)
    expect(rules[0]).toMatchObject({ rule: step, explained: 1 })
  })
})

describe('in a process of its own', { timeout: 60_000 }, () => {
  const means = { party: null, processes: 1, signal: new AbortController().signal }
  const name = fileURLToPath(new URL('model/A8.json', CORPUS))

  it('it is said too which functions decided', async () => {
    const { schedule } = stored('model/A8.json')
    const answer = await askOnce('explanation', { schedule, invariant: 'A8' }, means)
    const where = answer.kind === 'ok' ? (answer.value?.where ?? []) : []
    expect(where.length).toBeGreaterThan(0)
    for (const place of where) expect(place).toMatch(/^[\w#]+ in src\/[\w-]+\.ts$/)
  })

  it('nothing is explained where nothing broke', async () => {
    const answer = await askOnce('explain', { name, invariant: 'G7' }, means)
    expect(answer).toMatchObject({ kind: 'ok', value: { code: 1 } })
    expect(JSON.stringify(answer)).toContain('nothing to explain: G7 is violated by it')
  })
})
