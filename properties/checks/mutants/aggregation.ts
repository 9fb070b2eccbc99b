/** Mutants of PROTOCOL §8: what is counted, and the arithmetic. */
import { type Mutant, swap } from './mutant.ts'

const SUBMISSIONS = 'aggregateOf([...this.#submissions(round, line, rival), submission])'
const FIND = 'const submission = submittedIn(round, line.state.submissions)'
const COUNT = '      if (submission !== null) all.push(submission)\n'
const SUM = '    sum = addExactly(sum, s.sum)\n'
const RETURN = 'return { sum: rounded, count, average: rounded / count + 0 }'

export const aggregation: readonly Mutant[] = [
  {
    id: 'rounds-mixed',
    bug: 'an aggregate counts the values of all rounds',
    covers: ['rounds mixed'],
    replacements: [swap('server', COUNT, '      all.push(...line.state.submissions)\n')],
    expect: 'G4',
  },
  {
    id: 'latest-of-each',
    bug: 'an aggregate counts the latest values of each client, of whatever round',
    covers: ['rounds mixed'],
    replacements: [swap('server', FIND, 'const submission = line.state.submissions.at(-1) ?? null')],
    expect: 'G1',
  },
  {
    id: 'own-rounds-mixed',
    bug: 'an aggregate counts the earlier rounds of its own session too',
    replacements: [
      swap(
        'server',
        SUBMISSIONS,
        'aggregateOf([...this.#submissions(round, line, rival), ...state.submissions, submission])',
      ),
    ],
    expect: 'G4',
  },
  {
    id: 'float-sum',
    bug: 'values are added up in floating point, in order of arrival',
    covers: ['arrival-order float sum'],
    replacements: [
      swap('aggregate', 'sum: condense(addExactly([], values))', 'sum: [values.reduce((a, b) => a + b, 0)]'),
      swap('aggregate', SUM, '    sum = [(sum[0] ?? 0) + (s.sum[0] ?? 0)]\n'),
    ],
    expect: 'G7',
  },
  {
    id: 'float-sum-of-submissions',
    bug: 'each submission is summed exactly, but their sums are added up in floating point',
    covers: ['arrival-order float sum'],
    replacements: [swap('aggregate', SUM, '    sum = [roundOnce(sum) + roundOnce(s.sum)]\n')],
    expect: 'G7',
  },
  {
    id: 'rounded-per-submission',
    bug: 'the sum of each submission is rounded before the submissions are added exactly',
    replacements: [
      swap(
        'aggregate',
        'sum: condense(addExactly([], values))',
        'sum: [roundOnce(addExactly([], values))].filter((x) => x !== 0)',
      ),
    ],
    expect: 'G7',
  },
  {
    id: 'sorted-sum',
    bug: 'values are added up in floating point, smallest first',
    replacements: [
      swap(
        'aggregate',
        'sum: condense(addExactly([], values))',
        'sum: [values.toSorted((a, b) => Math.abs(a) - Math.abs(b)).reduce((a, b) => a + b, 0)]',
      ),
    ],
    expect: 'G7',
  },
  {
    id: 'half-even-ignored',
    bug: 'the last rounding ignores what lies below the second part of the sum',
    replacements: [swap('aggregate', 'if (i > 0 && Math.sign(low)', 'if (i > 1e9 && Math.sign(low)')],
    expect: 'G7',
  },
  {
    id: 'own-missing',
    bug: 'the values of the asking client are missing in its aggregate',
    covers: ['own value missing'],
    replacements: [
      swap(
        'server',
        SUBMISSIONS,
        '((others) => aggregateOf(others.length > 0 ? others : [submission]))(this.#submissions(round, line, rival))',
      ),
    ],
    expect: 'G1',
  },
  {
    id: 'others-missing',
    bug: 'an aggregate counts the values of the asking client only',
    replacements: [swap('server', SUBMISSIONS, 'aggregateOf([submission])')],
    expect: 'G1',
  },
  {
    id: 'own-twice',
    bug: 'the values of the asking client count twice',
    replacements: [
      swap('server', SUBMISSIONS, 'aggregateOf([...this.#submissions(round, line, rival), submission, submission])'),
    ],
    expect: 'G1',
  },
  {
    id: 'departed-kept',
    bug: 'values of sessions that ended still count',
    covers: ['values of the departed kept'],
    replacements: [
      swap('server', '  #hellos: number //', '  #departed = []\n  #hellos: number //'),
      swap(
        'server',
        "      if (next.phase === 'TERMINATED') this.#lines.delete(line)\n",
        "      if (next.phase === 'TERMINATED') {\n        this.#lines.delete(line)\n        this.#departed.push(...(changes.length === 1 ? (departing.get(line) ?? []) : []))\n      }\n",
      ),
      swap(
        'server',
        '    const replaced = changes.map(([line]) => keysOf(line.state))\n',
        '    const replaced = changes.map(([line]) => keysOf(line.state))\n    const departing = new Map(changes.map(([line]) => [line, line.state.submissions]))\n',
      ),
      swap(
        'server',
        '    const all: Submission[] = []\n',
        '    const all = this.#departed.filter((s) => s.round === round)\n',
      ),
    ],
    expect: 'G3',
  },
  {
    id: 'departed-by-close-kept',
    bug: 'the values of a session whose connection closed still count',
    covers: ['values of the departed kept'],
    replacements: [
      swap(
        'server',
        "    if (line) this.#end(line, 'closed', null)\n",
        "    if (line && line.state.phase === 'ACTIVE') {\n      line.port.report({ kind: 'ended', by: 'closed' })\n      line.stream.push = () => undefined\n    } else if (line) this.#end(line, 'closed', null)\n",
      ),
    ],
    expect: 'B2',
  },
  {
    id: 'zero-missing',
    bug: 'a submission whose sum is zero is not counted',
    covers: ['zero treated as missing'],
    replacements: [swap('aggregate', '    count += s.count\n', '    count += s.sum.length > 0 ? s.count : 0\n')],
    expect: 'G1',
  },
  {
    id: 'zero-values-missing',
    bug: 'values of zero are not counted',
    covers: ['zero treated as missing'],
    replacements: [
      swap('aggregate', '  count: values.length,\n', '  count: values.filter(Boolean).length || values.length,\n'),
    ],
    expect: 'G1',
  },
  {
    id: 'last-id-missing',
    bug: 'the values of client 255 are not counted by others',
    covers: ['last id off by one'],
    replacements: [
      swap(
        'server',
        "line === rival || line.state.phase !== 'ACTIVE') continue",
        "line === rival || line.state.phase !== 'ACTIVE' || line.state.id >= 255) continue",
      ),
    ],
    expect: 'G1',
  },
  {
    id: 'id-255-refused',
    bug: 'a client id of 255 is refused',
    covers: ['last id off by one'],
    replacements: [swap('checks', 'id < 1 || id > 255', 'id < 1 || id > 254')],
    expect: 'F1',
  },
  {
    id: 'count-of-submissions',
    bug: 'the count is that of the submissions, not of the values',
    replacements: [swap('aggregate', '    count += s.count\n', '    count += 1\n')],
    expect: 'G1',
  },
  {
    id: 'average-of-clients',
    bug: 'the average is the sum divided by the number of clients',
    replacements: [
      swap('aggregate', RETURN, 'return { sum: rounded, count, average: rounded / submissions.length + 0 }'),
    ],
    expect: 'G7',
  },
  {
    id: 'average-integer',
    bug: 'the average is rounded to an integer',
    replacements: [
      swap('aggregate', RETURN, 'return { sum: rounded, count, average: Math.round(rounded / count) + 0 }'),
    ],
    expect: 'G7',
  },
  {
    id: 'average-of-own',
    bug: 'the average is over the count of the last submission',
    replacements: [
      swap('aggregate', RETURN, 'return { sum: rounded, count, average: rounded / submissions.at(-1).count + 0 }'),
    ],
    expect: 'G7',
  },
  {
    id: 'minus-zero-average',
    bug: 'an average that underflows from below is -0',
    replacements: [swap('aggregate', 'rounded / count + 0 }', 'rounded / count }')],
    expect: 'G7',
  },
  {
    id: 'minus-zero-sum',
    bug: 'a sum of nothing but -0 is -0',
    replacements: [
      swap('aggregate', RETURN, 'return { sum: rounded === 0 ? -0 : rounded, count, average: rounded / count + 0 }'),
    ],
    expect: 'G7',
  },
  {
    id: 'others-of-round-before',
    bug: 'of the other clients the values of the round before are counted',
    replacements: [
      swap(
        'server',
        'this.#submissions(round, line, rival), submission]',
        'this.#submissions(round - 1, line, rival), submission]',
      ),
    ],
    expect: 'G1',
  },
  {
    id: 'first-value-only',
    bug: 'of several values only the first is summed',
    replacements: [
      swap('aggregate', 'sum: condense(addExactly([], values))', 'sum: condense(addExactly([], values.slice(0, 1)))'),
    ],
    expect: 'G1',
  },
  {
    id: 'duplicates-merged',
    bug: 'equal values of one submission are summed once',
    replacements: [
      swap('aggregate', 'sum: condense(addExactly([], values))', 'sum: condense(addExactly([], [...new Set(values)]))'),
    ],
    expect: 'G1',
  },
  {
    id: 'newest-round-only',
    bug: 'only the newest round of a session is kept',
    replacements: [swap('aggregate', '[...old.filter((s) => s.round > newest.round - retained), newest]', '[newest]')],
    expect: 'G1',
  },
  {
    id: 'retained-one-less',
    bug: 'one round less than the setting is kept',
    replacements: [swap('aggregate', 's.round > newest.round - retained', 's.round > newest.round - retained + 1')],
    expect: 'G1',
  },
  {
    id: 'retained-one-more',
    bug: 'one round more than the setting is kept',
    replacements: [swap('aggregate', 's.round > newest.round - retained', 's.round >= newest.round - retained')],
    expect: 'G1',
  },
  {
    id: 'rounds-kept-for-ever',
    bug: 'values of all rounds are kept for ever',
    covers: ['rounds kept for ever'],
    replacements: [
      swap('aggregate', '[...old.filter((s) => s.round > newest.round - retained), newest]', '[...old, newest]'),
    ],
    expect: 'B3',
  },
  {
    id: 'retained-setting-ignored',
    bug: 'the setting of retained rounds is ignored: always 64',
    replacements: [swap('server', 'retainedRounds: this.#limits.retainedRounds', 'retainedRounds: 64')],
    expect: 'B3',
  },
]
