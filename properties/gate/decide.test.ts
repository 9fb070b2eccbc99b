import { describe, expect, it } from 'vitest'
import { PROBLEM_KINDS, type Problem, type ProblemKind } from '../harness/report/outcome.ts'
import { decide } from './decide.ts'

const problem = (kind: ProblemKind, replay?: string): Problem => ({
  kind,
  text: 'x',
  ...(replay === undefined ? {} : { replay }),
})

describe('the decision', () => {
  it('is 0 without problems, and says what to read', () => {
    expect(decide([], 'again')).toMatchObject({ exit: 0, next: 'less REPORT.md' })
  })

  it.each(PROBLEM_KINDS)('%s is red', (kind) => {
    expect(decide([problem(kind)], 'again').exit).not.toBe(0)
  })

  it.each([
    ['violation', 1],
    ['expectation-missing', 1],
    ['claim', 1],
    ['open-finding', 1],
    ['floor', 3],
    ['cell', 3],
    ['coverage', 3],
    ['counts-moved', 3],
    ['stale-report', 3],
    ['error', 4],
  ] as const)('%s exits with %i', (kind, exit) => {
    expect(decide([problem(kind)], 'again').exit).toBe(exit)
  })

  it('puts a broken harness before a violation, and that before missing evidence', () => {
    expect(decide([problem('floor'), problem('violation')], 'again').exit).toBe(1)
    expect(decide([problem('violation'), problem('error')], 'again').exit).toBe(4)
  })

  it('points at the replay of the problem that decided', () => {
    expect(decide([problem('floor', 'other'), problem('violation', 'this')], 'again').next).toBe('this')
    expect(decide([problem('floor')], 'again').next).toBe('again')
  })
})
