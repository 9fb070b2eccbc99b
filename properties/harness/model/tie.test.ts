import { expect, test } from 'vitest'
import { ABLATIONS } from '../../../spec/checker/ablations.ts'
import { scope } from '../../../spec/checker/scope.ts'
import { assumptions, tie } from '../../../spec/proof/tie.ts'
import { loadVariant, type Replacement } from '../process/variants.ts'

const ONE = scope('1x1x1x2')
const INSIDER = scope('2x1x1x1', { powers: 'NI' })
const TWICE = scope('1x1x2x1')
const LEAKY = scope('1x1x1x2', { powers: 'NLF' })
const IDLE = scope('1x1x1x1', { idle: true })

const planted = async (replacements: readonly Replacement[], s = ONE): Promise<ReturnType<typeof tie>> => {
  const variant: unknown = await loadVariant(replacements, 'spec/proof/tie.ts')
  return (variant as { tie: typeof tie }).tie(s)
}
const found = ({ differences }: ReturnType<typeof tie>): readonly string[] => differences.map((d) => d.what)
const never = ({ possible }: ReturnType<typeof tie>): readonly string[] =>
  Object.entries(possible).flatMap(([name, times]) => (times === 0 ? [name] : []))

test.each([ONE, TWICE, LEAKY, INSIDER, IDLE])('the model is as the proof says (%#)', (s) => {
  const t = tie(s)
  expect(t.differences).toEqual([])
  expect(t.stopped).toBeNull()
  expect(Object.keys(t.possible)).toEqual(assumptions())
})

/** Where every client submits or leaves at once, none is idle in round 1, so nothing says what holds of it there. */
test('an invariant that forgets idle clients is a difference where there are some', async () => {
  const hasty = proof(
    'invariants',
    'and(implies(w.active(c), w.started(c)),',
    'and(implies(and(w.active(c), not(w.ended(c)), eq(w.round(c), int(1))), w.waiting(c)),',
  )
  expect(found(await planted(hasty))).toEqual([])
  expect(found(await planted(hasty, IDLE))).toContain('invariant runStarted')
})

const proof = (file: string, find: string, replace: string): readonly Replacement[] => [
  { file: `spec/proof/${file}.ts`, find, replace },
]

/** No scope comes to round 0xFFFFFFFF; so here it is another one. */
test.each([
  ['the first', '1'],
  ['the second', '2'],
])('the model is as the proof says where %s round is the last one', async (_, last) => {
  const near = { file: 'spec/opcodes.ts', find: 'MAX_ROUND = 0xffffffff', replace: `MAX_ROUND = ${last}` }
  expect(found(await planted([near], LEAKY))).toEqual([])
})

test('a difference comes with the shortest path to it', async () => {
  const kind = 'is(f, OP.DATA), ...sealed(f, w.ce(c), w.cm(c))'
  const { differences } = await planted(proof('actions', kind, 'not(is(f, OP.DATA))'))
  expect(differences.map((d) => [d.what, d.path.map((m) => m.choice.do)])).toEqual([
    ['transition ClientData', ['connect', 'deliver', 'deliver']],
  ])
})

/** Wrong in the proof, or in what it takes the model for; what the comparison says of it first. */
test.each<[string, readonly Replacement[], string, typeof ONE?]>([
  [
    'an invariant that a round too few satisfies',
    proof('invariants', 'le(roundOf(mac), w.round(c))', 'lt(roundOf(mac), w.round(c))'),
    'invariant sentByRun',
  ],
  [
    'an invariant that forgets leaks',
    proof('vocabulary', 'le(w.leakRound(h, c), roundOf(k)))', 'lt(w.leakRound(h, c), roundOf(k)))'),
    'invariant knowledge',
  ],
  [
    'a guard that contradicts what runs',
    proof('actions', 'phase: living(c), idle: not(w.waiting(c)), kind: is(f, OP.DATA)', 'phase: FALSE, kind: TRUE'),
    'transition ClientData',
  ],
  [
    'an effect that stops short',
    proof('actions', "set('round', [c], plus(w.round(c), int(1)))", "set('round', [c], w.round(c))"),
    'transition ClientResponse',
  ],
  [
    'a law that keys do not follow',
    proof('vocabulary', '[roundOf, oneMore(roundOf, k)]', '[roundOf, roundOf(k)]'),
    'laws',
  ],
  [
    'an abstraction without ends',
    proof('abstraction', "(r) => r.phase === 'TERMINATED')", '() => false)'),
    'transition ClientEnd',
  ],
  [
    'an abstraction in which every HELLO is the first',
    proof('abstraction', "ofSession('order', (s) => s.order)", "ofSession('order', () => 0)"),
    'invariant ordered',
    TWICE,
  ],
  [
    'an abstraction in which insiders know nothing',
    proof('abstraction', 'this.#rigid.context.setup.insiders.includes(shows[1]) ||', ''),
    'transition ServerHello',
    INSIDER,
  ],
  [
    'an abstraction that forgets thefts',
    proof('abstraction', 'return forged ?', 'return forged && id === 0 ?'),
    'invariant acceptedWasSent',
    LEAKY,
  ],
  [
    'a model without the bind step',
    ABLATIONS['bind-step'].cuts.map((c) => ({ ...c, file: `spec/model/${c.file}` })),
    'invariant sessionKeys',
  ],
])('%s is a difference', async (_, replacements, what, s) => {
  const differences = found(await planted(replacements, s))
  expect(differences).toContain(what)
})

/** What nothing contradicts, because it is never so. */
test.each([
  [
    'a leak that cannot happen',
    proof(
      'actions',
      'guards: { phase: and(w.started(c), not(w.active(c)), not(w.ended(c))) }',
      'guards: { no: FALSE }',
    ),
    'LeakWaiting',
  ],
  [
    'an invariant that holds by contradiction',
    proof(
      'invariants',
      'and(w.active(c), w.open(s), cleanRun(w, c)',
      'and(w.active(c), not(w.started(c)), cleanRun(w, c)',
    ),
    'invariant step, assumption 1',
  ],
  [
    'a property of nothing',
    proof(
      'obligations',
      'and(w.active(c), w.open(s), cleanRun(w, c), together',
      'and(w.active(c), not(w.open(s)), cleanRun(w, c), together',
    ),
    'property R2, assumption 1',
  ],
])('%s is never seen to be possible', async (_, replacements, name) => {
  const t = await planted(replacements)
  expect(never(t)).toContain(name)
  expect(never(tie(ONE))).not.toContain(name)
})
