/** Mutants of PROTOCOL §8: what is counted, and the arithmetic. */
import { type Mutant, mutant } from './mutant.ts'

const SUBMISSIONS = 'aggregateOf([...this.#submissions(round, line, rival), submission])'
const FIND = 'const submission = submittedIn(round, line.state.submissions)'
const COUNT = '      if (submission !== null) all.push(submission)\n'
const SUM = '    sum = addExactly(sum, s.sum)\n'
const RETURN = 'return { sum: rounded, count, average: rounded / count + 0 }'

export const aggregation: readonly Mutant[] = [
  mutant('rounds-mixed', 'G4', 'an aggregate counts the values of all rounds', {
    server: [COUNT, '      all.push(...line.state.submissions)\n'],
    covers: ['rounds mixed'],
  }),
  mutant('latest-of-each', 'G1', 'an aggregate counts the latest values of each client, of whatever round', {
    server: [FIND, 'const submission = line.state.submissions.at(-1) ?? null'],
    covers: ['rounds mixed'],
  }),
  mutant('own-rounds-mixed', 'G4', 'an aggregate counts the earlier rounds of its own session too', {
    server: [SUBMISSIONS, 'aggregateOf([...this.#submissions(round, line, rival), ...state.submissions, submission])'],
  }),
  mutant('float-sum', 'G7', 'values are added up in floating point, in order of arrival', {
    aggregate: [
      ['sum: condense(addExactly([], values))', 'sum: [values.reduce((a, b) => a + b, 0)]'],
      [SUM, '    sum = [(sum[0] ?? 0) + (s.sum[0] ?? 0)]\n'],
    ],
    covers: ['arrival-order float sum'],
  }),
  mutant(
    'float-sum-of-submissions',
    'G7',
    'each submission is summed exactly, but their sums are added up in floating point',
    { aggregate: [SUM, '    sum = [roundOnce(sum) + roundOnce(s.sum)]\n'], covers: ['arrival-order float sum'] },
  ),
  mutant(
    'rounded-per-submission',
    'G7',
    'the sum of each submission is rounded before the submissions are added exactly',
    {
      aggregate: [
        'sum: condense(addExactly([], values))',
        'sum: [roundOnce(addExactly([], values))].filter((x) => x !== 0)',
      ],
    },
  ),
  mutant('sorted-sum', 'G7', 'values are added up in floating point, smallest first', {
    aggregate: [
      'sum: condense(addExactly([], values))',
      'sum: [values.toSorted((a, b) => Math.abs(a) - Math.abs(b)).reduce((a, b) => a + b, 0)]',
    ],
  }),
  mutant('half-even-ignored', 'G7', 'the last rounding ignores what lies below the second part of the sum', {
    aggregate: ['if (i > 0 && Math.sign(low)', 'if (i > 1e9 && Math.sign(low)'],
  }),
  mutant('own-missing', 'G1', 'the values of the asking client are missing in its aggregate', {
    server: [
      SUBMISSIONS,
      '((others) => aggregateOf(others.length > 0 ? others : [submission]))(this.#submissions(round, line, rival))',
    ],
    covers: ['own value missing'],
  }),
  mutant('others-missing', 'G1', 'an aggregate counts the values of the asking client only', {
    server: [SUBMISSIONS, 'aggregateOf([submission])'],
  }),
  mutant('own-twice', 'G1', 'the values of the asking client count twice', {
    server: [SUBMISSIONS, 'aggregateOf([...this.#submissions(round, line, rival), submission, submission])'],
  }),
  mutant('departed-kept', 'G3', 'values of sessions that ended still count', {
    server: [
      ['  #hellos: number //', '  #departed = []\n  #hellos: number //'],
      [
        "      if (next.phase === 'TERMINATED') this.#lines.delete(line)\n",
        "      if (next.phase === 'TERMINATED') {\n        this.#lines.delete(line)\n        this.#departed.push(...(changes.length === 1 ? (departing.get(line) ?? []) : []))\n      }\n",
      ],
      [
        '    const replaced = changes.map(([line]) => keysOf(line.state))\n',
        '    const replaced = changes.map(([line]) => keysOf(line.state))\n    const departing = new Map(changes.map(([line]) => [line, line.state.submissions]))\n',
      ],
      ['    const all: Submission[] = []\n', '    const all = this.#departed.filter((s) => s.round === round)\n'],
    ],
    covers: ['values of the departed kept'],
  }),
  mutant('departed-by-close-kept', 'B2', 'the values of a session whose connection closed still count', {
    server: [
      "    if (line) this.#end(line, 'closed', null)\n",
      "    if (line && line.state.phase === 'ACTIVE') {\n      line.port.report({ kind: 'ended', by: 'closed' })\n      line.stream.push = () => undefined\n    } else if (line) this.#end(line, 'closed', null)\n",
    ],
    covers: ['values of the departed kept'],
  }),
  mutant('zero-missing', 'G1', 'a submission whose sum is zero is not counted', {
    aggregate: ['    count += s.count\n', '    count += s.sum.length > 0 ? s.count : 0\n'],
    covers: ['zero treated as missing'],
  }),
  mutant('zero-values-missing', 'G1', 'values of zero are not counted', {
    aggregate: ['  count: values.length,\n', '  count: values.filter(Boolean).length || values.length,\n'],
    covers: ['zero treated as missing'],
  }),
  mutant('last-id-missing', 'G1', 'the values of client 255 are not counted by others', {
    server: [
      "line === rival || line.state.phase !== 'ACTIVE') continue",
      "line === rival || line.state.phase !== 'ACTIVE' || line.state.id >= 255) continue",
    ],
    covers: ['last id off by one'],
  }),
  mutant('id-255-refused', 'F1', 'a client id of 255 is refused', {
    checks: ['id < 1 || id > 255', 'id < 1 || id > 254'],
    covers: ['last id off by one'],
  }),
  mutant('count-of-submissions', 'G1', 'the count is that of the submissions, not of the values', {
    aggregate: ['    count += s.count\n', '    count += 1\n'],
  }),
  mutant('average-of-clients', 'G7', 'the average is the sum divided by the number of clients', {
    aggregate: [RETURN, 'return { sum: rounded, count, average: rounded / submissions.length + 0 }'],
  }),
  mutant('average-integer', 'G7', 'the average is rounded to an integer', {
    aggregate: [RETURN, 'return { sum: rounded, count, average: Math.round(rounded / count) + 0 }'],
  }),
  mutant('average-of-own', 'G7', 'the average is over the count of the last submission', {
    aggregate: [RETURN, 'return { sum: rounded, count, average: rounded / submissions.at(-1).count + 0 }'],
  }),
  mutant('minus-zero-average', 'G7', 'an average that underflows from below is -0', {
    aggregate: ['rounded / count + 0 }', 'rounded / count }'],
  }),
  mutant('minus-zero-sum', 'G7', 'a sum of nothing but -0 is -0', {
    aggregate: [RETURN, 'return { sum: rounded === 0 ? -0 : rounded, count, average: rounded / count + 0 }'],
  }),
  mutant('others-of-round-before', 'G1', 'of the other clients the values of the round before are counted', {
    server: [
      'this.#submissions(round, line, rival), submission]',
      'this.#submissions(round - 1, line, rival), submission]',
    ],
  }),
  mutant('first-value-only', 'G1', 'of several values only the first is summed', {
    aggregate: ['sum: condense(addExactly([], values))', 'sum: condense(addExactly([], values.slice(0, 1)))'],
  }),
  mutant('duplicates-merged', 'G1', 'equal values of one submission are summed once', {
    aggregate: ['sum: condense(addExactly([], values))', 'sum: condense(addExactly([], [...new Set(values)]))'],
  }),
  mutant('newest-round-only', 'G1', 'only the newest round of a session is kept', {
    aggregate: ['[...old.filter((s) => s.round > newest.round - retained), newest]', '[newest]'],
  }),
  mutant('retained-one-less', 'G1', 'one round less than the setting is kept', {
    aggregate: ['s.round > newest.round - retained', 's.round > newest.round - retained + 1'],
  }),
  mutant('retained-one-more', 'G1', 'one round more than the setting is kept', {
    aggregate: ['s.round > newest.round - retained', 's.round >= newest.round - retained'],
  }),
  mutant('rounds-kept-for-ever', 'B3', 'values of all rounds are kept for ever', {
    aggregate: ['[...old.filter((s) => s.round > newest.round - retained), newest]', '[...old, newest]'],
    covers: ['rounds kept for ever'],
  }),
  mutant('retained-setting-ignored', 'B3', 'the setting of retained rounds is ignored: always 64', {
    server: ['retainedRounds: this.#limits.retainedRounds', 'retainedRounds: 64'],
  }),
]
