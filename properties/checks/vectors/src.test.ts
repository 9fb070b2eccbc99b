/** The implementation against our own vectors, which the reference has made (corpus/vectors/README.md). */
import { describe, expect, it } from 'vitest'
import type { MakeParty } from '../../harness/parties/party.ts'
import { srcParty } from '../../harness/parties/src.ts'
import type { ConversationJson, SituationJson, StepJson } from './format.ts'
import { playConversation, playSituation, vectorFile, vectorNames } from './play.ts'

describe.each(vectorNames())('src on %s', (name) => {
  const { mode, conversations = [], situations = [] } = vectorFile(name)
  const titled = <T extends { name: string }>(all: readonly T[]) => all.map((c) => [c.name, c] as const)

  it.each(titled<ConversationJson>(conversations))('%s', (_, c) => {
    expect(playConversation(c, mode, srcParty)).toBeNull()
  })

  it.each(titled<SituationJson>(situations))('%s', (_, s) => {
    expect(playSituation(s, mode, srcParty)).toEqual([])
  })
})

describe('a vector that is wrong is noticed', () => {
  const { mode, conversations } = vectorFile('bound-sessions.json')
  const flip = (text: string): string => text.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))

  /** The step in which the server answers the first DATA. */
  it.each<[string, (step: StepJson) => Partial<StepJson>]>([
    ['sends', () => ({ sends: [] })],
    ['sends', ({ sends: [s] }) => ({ sends: [{ ...s!, frame_hex: flip(s!.frame_hex) }] })],
    ['ends', () => ({ ends: [0] })],
    ['outcome', () => ({ outcome: 'bad-tag' })],
    ['state of the server', ({ after }) => ({ after: { ...after, server: { ...after.server!, confirmed: false } } })],
    ['state of the client', ({ after }) => ({ after: { ...after, client: { ...after.client!, round: 9 } } })],
  ])('%s', (what, change) => {
    const c = conversations![0]!
    const steps = c.steps.with(4, { ...c.steps[4]!, ...change(c.steps[4]!) } as StepJson)
    expect(playConversation({ ...c, steps }, mode, srcParty)).toMatch(new RegExp(`^step 4: ${what}: expected `))
  })

  it('as is a party that reads the text of a HELLO wrongly', () => {
    const misreading: MakeParty = (host, setup) =>
      srcParty(
        {
          send: (at, frame) => host.send(at, frame),
          rng: (at) => host.rng(at),
          report: (r) => {
            const told = r.on === 'accepted' ? r.told : undefined
            const wrong = told && 'text' in told.body && { ...told, body: { ...told.body, text: `${told.body.text}?` } }
            host.report(r.on === 'accepted' && wrong ? { ...r, told: wrong } : r)
          },
        },
        setup,
      )
    expect(playConversation(conversations![0]!, mode, misreading)).toMatch(/^step 1: text: expected /)
  })

  it('as is a case', () => {
    const { situations, mode: m } = vectorFile('bound-rejected-by-server.json')
    const s = situations![0]!
    const wrong = { ...s, cases: s.cases.slice(0, 2).map((c) => ({ ...c, reason: 'bad-tag' as const })) }
    expect(playSituation(wrong, m, srcParty)).toHaveLength(2)
  })
})
