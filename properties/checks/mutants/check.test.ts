import { describe, expect, it } from 'vitest'
import { MUTANTS } from '../../harness/mutants/catalogue.ts'
import { problemsOf } from './check.ts'
import { type Row, verdictOf } from './verdict.ts'

const mutant = MUTANTS.find((m) => m.equivalent === undefined && m.expect !== null)!
const row = (outcome: Row['outcome']): Row => ({ mutant, outcome, verdict: verdictOf(mutant, outcome, false) })
const silent = { kill: null, played: 7, fired: {}, first: {}, ms: 1 }
const kill = { schedules: 3, source: 'replay', invariant: 'A2', minimal: null }

describe('the outcome of a hunt', () => {
  it('is fine where the mutant was killed, in whichever world', () => {
    expect(problemsOf([row({ kind: 'hunted', hunts: { both: silent, one: { ...silent, kill } } })])).toEqual([])
    expect(problemsOf([row({ kind: 'stuck' })])).toEqual([])
  })

  it('is missing evidence where it survived, with the command that hunts it again', () => {
    const [p] = problemsOf([row({ kind: 'hunted', hunts: { both: silent, one: silent } })])
    expect(p).toMatchObject({ kind: 'survivor', replay: `npm run mutants -- --only ${mutant.id}` })
    expect(p!.text).toContain('nothing fired in 7 and 7 schedules')
  })

  it('is a failure where the text to replace is gone', () => {
    const why = 'occurs 0 times'
    expect(problemsOf([row({ kind: 'inapplicable', why })])).toMatchObject([{ kind: 'failed' }])
    expect(problemsOf([row({ kind: 'inapplicable', why })])[0]!.text).toContain(why)
  })
})
