import { beforeAll, describe, expect, it } from 'vitest'
import { PROTOCOL } from '../../../spec/dialects/dialect.ts'
import type { Mode } from '../../../spec/language.ts'
import { srcParty } from '../../harness/parties/src.ts'
import { asked, judged, learnCheck } from './check.ts'
import { learnParty, modelMachine } from './within.ts'
import type { Answered, Asked } from './worker.ts'

const FOREVER = { until: Number.POSITIVE_INFINITY }
const ALPHABET = ['a.hello', 'a.data', 'b.hello-of-other', 'b.data-of-other']

/** The jobs of the check over few symbols, answered in this process. */
const answered = async (mode: Mode, server: Mode): Promise<readonly [Asked, Answered]> => {
  const job = asked(mode, 2)
  const plan = { ...job.plan, alphabet: ALPHABET }
  const expected = await modelMachine(PROTOCOL[mode], false, plan, FOREVER)
  return [
    { ...job, plan },
    { expected, learned: await learnParty(srcParty, server, true, { ...plan, expected }, FOREVER) },
  ]
}

describe('the machine of src', { timeout: 60_000 }, () => {
  let bound: readonly [Asked, Answered]
  let literal: readonly [Asked, Answered]
  beforeAll(async () => {
    bound = await answered('bound', 'bound')
    literal = await answered('literal', 'literal')
  }, 60_000)

  it('is as expected where both are those of the reference, and literal has the replay', () => {
    const { figures, problems } = judged([bound[0], literal[0]], [bound[1], literal[1]])
    expect(problems).toEqual([])
    expect(figures.rows.map((r) => r.differs)).toEqual([null, null])
    expect(figures.replays).toEqual(['a.hello a.data b.hello-of-other b.data-of-other: 40 instead of 50, closes'])
    expect(learnCheck.sections(figures)[0]!.body).toContain('| bound | 2 | 4 |')
  })

  it('is red where it is another, by its shortest word', () => {
    const { problems } = judged([bound[0]], [{ ...bound[1], learned: literal[1].learned }])
    expect(problems).toMatchObject([
      {
        kind: 'failed',
        text: expect.stringContaining('b.data-of-other: 40 instead of 50, closes'),
        replay: 'npm run learn -- --mode bound --connections 2',
      },
    ])
  })

  it('is red where it is not certain, where nobody answered, and where literal has lost its replay', () => {
    const cut = { ...bound[1], learned: { ...bound[1].learned, ended: 'the time was up' } }
    expect(judged([bound[0]], [cut]).problems).toMatchObject([
      { kind: 'failed', text: expect.stringContaining('not certain: the time was up') },
    ])
    expect(judged([bound[0]], ['its process ended']).problems).toMatchObject([{ kind: 'error' }])
    expect(
      judged([bound[0], literal[0]], [bound[1], { ...literal[1], learned: bound[1].learned }]).problems,
    ).toContainEqual(expect.objectContaining({ kind: 'expectation-missing' }))
  })
})
