/** The symbolic model, exhausted in the scopes that the claims are judged in. */
import { z } from 'zod'
import { FROZEN } from '../frozen.ts'
import { exploredSchema, exploreOnce } from '../model.ts'
import { n, table } from '../report/markdown.ts'
import { type Problem, stage } from '../stage.ts'

const schema = z.strictObject({ scopes: z.array(exploredSchema) })
type Explored = z.infer<typeof exploredSchema>

const REPLAY = 'npm run explore'

const countsMoved = (s: Explored): readonly Problem[] => {
  const frozen = FROZEN[s.scope]
  const got = `${n(s.states)} states, ${n(s.transitions)} transitions, depth ${s.depth}`
  if (frozen === undefined)
    return [
      { kind: 'counts-moved', text: `${s.scope}: expected counts in properties/gate/frozen.ts, got none: ${got}` },
    ]
  const same = frozen.states === s.states && frozen.transitions === s.transitions && frozen.depth === s.depth
  if (same) return []
  const was = `${n(frozen.states)} states, ${n(frozen.transitions)} transitions, depth ${frozen.depth}`
  return [{ kind: 'counts-moved', text: `${s.scope}: expected ${was} (properties/gate/frozen.ts), got ${got}` }]
}

const judgedProblem = (j: Explored['judged'][number], scope: string): Problem | null => {
  const where = `${j.id} in the model, ${scope}`
  switch (j.standing) {
    case 'as expected':
      return null
    case 'unexpected':
      return { kind: 'violation', text: `${where}: ${j.says}; expected to hold, got: ${j.why}`, replay: REPLAY }
    case 'missing':
      return { kind: 'expectation-missing', text: `${where}: expected to be violated, and is not`, replay: REPLAY }
    case 'unwitnessed':
      return { kind: 'floor', text: `${where}: expected a witness, got none`, replay: REPLAY }
  }
}

export const problemsOf = (s: Explored): readonly Problem[] => {
  const stopped: Problem = {
    kind: 'floor',
    text: `${s.scope}: expected to be exhausted, was stopped by its bound on ${s.stopped}`,
    replay: REPLAY,
  }
  const judged = s.judged.map((j) => judgedProblem(j, s.scope)).filter((p) => p !== null)
  return [...(s.stopped === null ? countsMoved(s) : [stopped]), ...judged]
}

export const explore = stage({
  name: 'explore',
  asks: 'Does every invariant hold in all states of the model, in the scopes of the claims',
  schema,
  async run(c) {
    const { explored } = await exploreOnce(c)
    return { figures: { scopes: explored }, problems: explored.flatMap(problemsOf) }
  },
  summary(f) {
    const states = f.scopes.reduce((sum, s) => sum + s.states, 0)
    return `${n(states)} states in ${f.scopes.length} scopes, exhausted`
  },
  sections(f) {
    const rows = f.scopes.map((s) => {
      const broken = s.judged.filter((j) => j.moves !== null).map((j) => `${j.id} (${j.moves})`)
      const held = s.judged.filter((j) => j.moves === null)
      const witnessed = held.filter((j) => j.witnessed).length
      return [
        s.scope,
        n(s.states),
        n(s.transitions),
        n(s.depth),
        `${held.length}, ${witnessed} of them put to the test`,
        broken.length === 0 ? 'none' : broken.join(', '),
      ]
    })
    const head = [
      { head: 'scope: clients × runs × connections × rounds' },
      { head: 'states', right: true },
      { head: 'transitions', right: true },
      { head: 'depth', right: true },
      { head: 'invariants that hold' },
      { head: 'violated (in moves)' },
    ]
    const intro =
      'Every state that an adversary with these powers can reach in the symbolic model, with every monitor carried through it. The counts are frozen: a changed model changes them in the diff.'
    return [{ title: 'The model, exhausted', body: `${intro}\n\n${table(head, rows)}` }]
  },
})
