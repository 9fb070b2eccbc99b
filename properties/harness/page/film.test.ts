import { describe, expect, it } from 'vitest'
import { srcSystem } from '../parties/party-file.ts'
import { readText } from '../process/files.ts'
import { parseStored } from '../schedules/schedule-file.ts'
import { CORPUS } from '../schedules/stored.ts'
import { filmOf, filmsOf } from './film.ts'
import { ALTERED, fixture } from './page.fixture.ts'
import { together } from './parts.ts'

describe('a film', () => {
  const film = filmOf(ALTERED, srcSystem)
  const story = fixture().parts.stories![0]!
  const altered = Object.values(film.frames).find((f) => f.by === null)!

  it('marks the byte that an edit changed, and names the frame it was', () => {
    const tag = altered.hex.length / 2 - 32
    expect(altered).toMatchObject({ base: 'f2', changed: [[tag + 2, tag + 3]], sealed: null, body: '' })
  })

  it('shows the plaintext of every frame that was sent, and by which keys it opens', () => {
    const sent = Object.values(film.frames).filter((f) => f.by !== null)
    expect(sent.map((f) => f.label.split(' ')[0])).toEqual([
      'CLIENT_HELLO',
      'SERVER_CHALLENGE',
      'CLIENT_DATA',
      'KEY_DESYNC_ERROR',
    ])
    expect(sent.map((f) => f.sealed?.round)).toEqual([0, 0, 1, 1])
    for (const f of sent) expect(f.body).not.toBe('')
  })

  it('opens what was sent also where two sessions share a tag key alone', () => {
    const replayed = parseStored('A2', readText(new URL('model/A2.json', CORPUS)))
    if (replayed.kind === 'bad') throw new Error(replayed.why)
    const { frames } = filmOf(replayed.value.schedule, srcSystem)
    const answers = Object.values(frames).filter((f) => f.label.startsWith('SERVER_AGGR_RESPONSE'))
    expect(answers.map((f) => f.body)).toEqual(['sum 1 of 1, average 1', 'sum 1 of 1, average 1'])
  })

  it('says which session a step changed, and nothing of one that is not open', () => {
    const ended = film.steps.findLast((s) => s.kind === 'ended')!
    expect(ended.sessions).toMatchObject([{ end: 's0', ended: true }])
    const opens = film.steps.findIndex((s) => s.kind === 'opened')
    expect(
      film.steps
        .slice(0, opens)
        .flatMap((s) => s.sessions)
        .every((x) => x.end === 'c0'),
    ).toBe(true)
  })

  it('has a step for each invariant that breaks, in the action that breaks it; none in bound', () => {
    const broken = story.film!.steps.filter((s) => s.kind === 'broken')
    expect(broken.map((s) => s.invariant)).toContain('A2')
    expect(story.bound!.steps.filter((s) => s.kind === 'broken')).toEqual([])
    expect(story.bound!.steps.some((s) => s.kind === 'rejected' && s.reason === 'bad-tag')).toBe(true)
  })

  it('counts the values of a connection, until it is superseded', () => {
    const counted = story.film?.steps.flatMap((s) => s.sessions.filter((x) => x.end === 's0').map((x) => x.values))
    expect([Math.max(...counted!), counted!.at(-1)]).toEqual([1, 0])
  })

  it('ends with what no monitor saw, and has no second film of bound', () => {
    const { film: own, bound } = filmsOf({ schedule: ALTERED, invariant: 'TWIN', why: 'they differ' }, srcSystem)
    expect(own!.steps.at(-1)).toMatchObject({ kind: 'broken', invariant: 'TWIN', text: 'TWIN: they differ' })
    expect(bound).toBeNull()
  })
})

it('puts the lists of several checks together, and leaves out what nobody gave', () => {
  const row = { scope: 'a', states: 1, transitions: 1, depth: 1, stopped: null, holds: 1, tested: 1, broken: [] }
  expect(together([{ scopes: [row] }, { scopes: [row], fuzzCells: ['x'] }])).toEqual({
    scopes: [row, row],
    fuzzCells: ['x'],
  })
})
