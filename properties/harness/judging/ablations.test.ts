import { expect, test } from 'vitest'
import { ABLATIONS, type Ablation, type Rule } from '../../../spec/checker/ablations.ts'
import { brief } from '../../../spec/checker/paths.ts'
import { scope } from '../../../spec/checker/scope.ts'
import { EXPERIMENTS } from '../../../spec/proof/experiments.ts'
import { loadVariant, type Replacement } from '../process/variants.ts'

/** Small scopes, each with something that the ones before it lack. */
const SCOPES = {
  one: scope('1x1x1x1'),
  twice: scope('1x2x2x1'),
  faulty: scope('1x1x1x1', { powers: 'NF' }),
  insider: scope('2x1x2x1', { powers: 'NI' }),
  rounds: scope('2x1x2x2', { powers: 'NI' }),
  leaky: scope('1x2x1x1', { powers: 'NL' }),
  crowded: scope('1x1x2x1', { unconfirmedPerId: 1 }),
  hasty: scope('1x1x1x2', { powers: 'NLF' }),
  idle: scope('1x1x1x2', { powers: 'NLF', idle: true }),
}

/** Each rule switched off: the first scope that shows it, and what breaks there. */
const SHOWN: Readonly<Record<Rule, readonly [keyof typeof SCOPES, string]>> = {
  'hello-step': ['one', 'C2 KAT S5 R1 R4 R6 O1 O3'],
  'bind-step': ['one', 'C2 KAT S5 R1 R4 R6 A1 O1 O3'],
  'c2s-keys-at-hello': ['leaky', 'C5 KAT R5'],
  'evolve-c2s-enc': ['one', 'C5 KAT R1 R3 A1 O3'],
  'evolve-c2s-mac': ['one', 'C2 C5 KAT S5 R1 R3 R6 A1 O3'],
  'evolve-s2c-enc': ['one', 'C5 KAT R1 R3 R4 O1 O3'],
  'evolve-s2c-mac': ['one', 'C2 C5 KAT S5 R1 R3 R4 R6 O1 O3'],
  'commit-on-hand-over': ['faulty', 'R3'],
  'client-commits-late': ['one', 'C5 KAT S6 R1 R2 R3'],
  'errors-under-current-keys': ['one', 'KAT R4 O1 O3'],
  'wrong-client': ['insider', 'S2'],
  'wrong-direction': ['insider', 'S2'],
  'stale-round': ['insider', 'S2 A1 G1'],
  'future-round': ['insider', 'S2 A1 G1'],
  'out-of-phase': ['insider', 'S1'],
  'bad-tag': ['one', 'C1 C2 KAT R1 R6 A8 O4'],
  'bad-padding': ['insider', 'C3 A1'],
  'bad-payload': ['insider', 'A1 G1 G5'],
  superseded: ['twice', 'I5'],
  'rejection-ends': ['one', 'S4'],
  'one-answer': ['one', 'O1'],
  'control-unanswered': ['one', 'S5 O1'],
  'client-silent': ['one', 'S5 O1'],
  'control-obeyed': ['one', 'S4'],
  'one-outstanding': ['one', 'S7'],
  'hello-touches-nothing': ['twice', 'I2 I4'],
  'first-data-confirms': ['twice', 'I4 G2'],
  supersede: ['twice', 'G2'],
  'half-open-cap': ['crowded', 'B1'],
  'withdraw-values': ['twice', 'G1 G3'],
  'same-round-only': ['rounds', 'G1 G4'],
  'own-included': ['one', 'G1'],
}

/** Without the rule that ends a session the space is endless. */
const limits = { states: 4_000, bytes: 2 ** 31 }

type Cut = Ablation['cuts'][number]
type Explorer = typeof import('../../../spec/checker/explore.ts')

const inModel = (cuts: readonly Cut[]): readonly Replacement[] =>
  cuts.map((c) => ({ ...c, file: `spec/model/${c.file}` }))

const brokenBy = async (
  name: keyof typeof SCOPES,
  replacements: readonly Replacement[],
): Promise<readonly string[]> => {
  const variant: unknown = await loadVariant(replacements, 'spec/checker/explore.ts')
  return (variant as Explorer)
    .explore(SCOPES[name], { limits })
    .judged.filter((j) => j.verdict === 'violated')
    .map((j) => j.invariant.id)
}
const broken = (name: keyof typeof SCOPES, without: Rule | null): Promise<readonly string[]> =>
  brokenBy(name, inModel(without === null ? [] : ABLATIONS[without].cuts))

test.each(Object.keys(SCOPES) as (keyof typeof SCOPES)[])(
  'nothing breaks in scope "%s" with every rule in force',
  async (s) => {
    expect(await broken(s, null)).toEqual([])
  },
)

test.each(Object.keys(ABLATIONS) as Rule[])('a model without the rule "%s" is found out', async (rule) => {
  const [name, ids] = SHOWN[rule]
  expect(await broken(name, rule)).toEqual(expect.arrayContaining(ids.split(' ')))
})

/** What is forgotten of a client that is idle in its first round. */
const IDLY: Readonly<Record<string, readonly [string, Cut]>> = {
  'a response is taken that nobody waits for': [
    'S7',
    {
      file: 'checks.ts',
      find: 'RESPONSE && outstanding !== null &&',
      replace: 'RESPONSE && (outstanding !== null || round === 1) &&',
    },
  ],
  'a KEY_DESYNC_ERROR or TERMINATE is not obeyed': [
    'S4',
    {
      file: 'client.ts',
      find: "return end(so, run, 'peer') // §6",
      replace: "return run.round === 1 && run.outstanding === null ? so : end(so, run, 'peer') // §6",
    },
  ],
}

test.each(Object.entries(IDLY))(
  'idle in round 1, %s: found where clients may be idle, and only there',
  async (_, x) => {
    const [id, cut] = x
    const late = {
      file: 'client.ts',
      find: 'run.outstanding!, f',
      replace: 'run.outstanding ?? run.hello!, f',
    } as const
    const found = (name: keyof typeof SCOPES): Promise<readonly string[]> =>
      brokenBy(name, inModel(cut.file === 'checks.ts' ? [cut, late] : [cut]))
    expect(await found('hasty')).toEqual([])
    expect(await found('idle')).toContain(id)
  },
)

/** Ways in which a client is kept out for good; none of them takes a rule away that another invariant rests on. */
const KEPT_OUT: Readonly<Record<string, readonly [keyof typeof SCOPES, Cut]>> = {
  'a half-open session never gives way': [
    'crowded',
    {
      file: 'server.ts',
      find: "bye(symbols, so, halfOpen[0]!, 'evicted')",
      replace: "bye(symbols, so, newcomer, 'evicted')",
    },
  ],
  'the slot of a half-open session is never freed': [
    'crowded',
    {
      file: 'server.ts',
      find: "const others = so.after.filter((e) => e.phase === 'ACTIVE' &&",
      replace:
        "if (so.after.some((e) => e.phase !== 'ACTIVE' && e.id === newcomer.id && e.exchanges.length === 0)) return end(so, newcomer, 'evicted')\n  const others = so.after.filter((e) => e.phase === 'ACTIVE' &&",
    },
  ],
  'no client is taken back after a KEY_DESYNC_ERROR': [
    'one',
    {
      file: 'server.ts',
      find: 'const id = f.header.id\n',
      replace:
        "const id = f.header.id\n  if (so.after.some((e) => e.id === id && e.sent.some((x) => x.header.opcode === OP.DESYNC))) return end(so, conn, 'close')\n",
    },
  ],
  'no client is taken back while its session lives': [
    'one',
    { file: 'server.ts', find: 'rival.order! > conn.order!', replace: 'rival.order! >= 0' },
  ],
  'a client that was refused once starts no more': [
    'one',
    {
      file: 'client.ts',
      find: 'const idle: ClientRun = { ...SILENT,',
      replace:
        "const idle: ClientRun = { ...SILENT, phase: runs.some((r) => r.phase === 'TERMINATED' && r.outstanding === null && r.exchanges.length === 0) ? 'TERMINATED' : 'INIT',",
    },
  ],
}

test.each(Object.entries(KEPT_OUT))('%s: then no fresh run completes (L2)', async (_, [name, cut]) => {
  expect(await brokenBy(name, inModel([cut]))).toContain('L2')
})

test('only a server full of confirmed sessions is excused from taking a fresh run', async () => {
  const small = {
    file: 'spec/checker/scope.ts',
    find: '{ ...LIMITS, unconf',
    replace: '{ ...LIMITS, connections: 1, unconf',
  }
  const strict = { file: 'spec/checker/fresh-run.ts', find: 'full ? null : remembered', replace: 'remembered' }
  expect(await brokenBy('one', [small])).not.toContain('L2')
  expect(await brokenBy('one', [small, strict])).toContain('L2')
})

const SHOWN_BESIDE = Object.entries(EXPERIMENTS).flatMap(([name, { explorer }]) =>
  typeof explorer === 'string' ? [] : [[name, explorer] as const],
)
test.each(SHOWN_BESIDE)('what stands beside experiment %s of the proof is what the explorer finds', async (_, x) => {
  const variant: unknown = await loadVariant(inModel(x.cuts), 'spec/checker/explore.ts')
  const { judged } = (variant as Explorer).explore(x.scope, { limits, until: x.breaks })
  const found = judged.find((j) => j.invariant.id === x.breaks)!
  expect(brief(found.counterexample ?? [])).toBe(x.moves)
})
