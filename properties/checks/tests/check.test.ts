import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../../harness/process/programs.ts'
import { skips } from './check.ts'

const file = join(ROOT, 'a.test.ts')
const test = (title: string, status: string) => ({ title, fullName: `all ${title}`, status })
const report = (...tests: readonly ReturnType<typeof test>[]) => ({
  numTotalTests: tests.length,
  numFailedTests: 0,
  testResults: [{ name: file, status: 'passed', message: '', assertionResults: [...tests] }],
})

it('a test whose program is not installed is said, and no problem', () => {
  const skipped = ['a', 'b', 'c'].map((title) => ({
    file,
    title,
    note: `needs ${title === 'c' ? 'python3 -c x' : 'tshark --version'} to succeed`,
  }))
  expect(
    skips(report(test('a', 'skipped'), test('b', 'skipped'), test('c', 'pending'), test('d', 'passed')), skipped),
  ).toEqual({
    problems: [],
    notes: [
      'not run here: 2 tests need tshark, which is not installed',
      'not run here: 1 test needs python3, which is not installed',
    ],
  })
})

it.each(['skipped', 'todo', 'pending'])('a test that is %s for any other reason is a problem', (status) => {
  const { problems, notes } = skips(report(test('a', status)), [{ file, title: 'a', note: null }])
  expect(notes).toEqual([])
  expect(problems).toEqual([
    { kind: 'failed', text: 'test "all a": expected to run, was skipped: no reason', at: 'a.test.ts' },
  ])
})
