/** The ten claims of PROTOCOL §9. */
import { z } from 'zod'
import { ATTACKS } from '../../../spec/checker/attacks.ts'
import { type Explored, explore, type Judged, LIMITS } from '../../../spec/checker/explore.ts'
import { scheduleOf } from '../../../spec/checker/paths.ts'
import { sizeOf } from '../../../spec/checker/scope.ts'
import { CLAIM_SCOPES, CLAIMS } from '../../../spec/claims.ts'
import type { Mode } from '../../../spec/language.ts'
import { drawnSchema, exploreClaims, verdictSchema } from '../../harness/model/figures.ts'
import { modelStory } from '../../harness/page/stories.ts'
import { cell, details, fence, table } from '../../harness/report/markdown.ts'
import type { Problem, Section } from '../../harness/report/outcome.ts'
import type { Stored } from '../../harness/schedules/schedule-file.ts'
import { flag, someOf } from '../../harness/terminal/options.ts'
import { type Paint, right, wrap } from '../../harness/terminal/text.ts'
import { play } from '../../harness/world/play.ts'
import type { System } from '../../harness/world/system.ts'
import { check } from '../check.ts'

const schema = z.strictObject({ verdicts: z.array(verdictSchema), drawn: z.array(drawnSchema) })
type Figures = z.infer<typeof schema>
type Verdict = Figures['verdicts'][number]

const shown = (v: Verdict | undefined): string => {
  if (v === undefined) return 'not judged'
  if (v.differs.length > 0) return `**differs**: ${cell(v.differs.join('; '))}`
  return v.holds ? 'holds' : `**false**: ${cell(v.evidence)} (${v.counterexamples.join(', ')})`
}

const claimTable = (f: Figures): Section => {
  const numbers = [...new Set(f.verdicts.map((v) => v.claim))]
  const of = (claim: number, mode: Mode): Verdict | undefined =>
    f.verdicts.find((v) => v.claim === claim && v.mode === mode)
  const rows = numbers.map((claim) => {
    const [literal, bound] = [of(claim, 'literal'), of(claim, 'bound')]
    return [String(claim), cell((literal ?? bound)!.says), shown(literal), shown(bound)]
  })
  const head = [...right('#'), 'claim', 'literal', 'bound']
  const where = f.verdicts.find((v) => v.mode === 'bound' && v.holds)?.evidence
  const body = [
    table(head, rows),
    ...(where === undefined
      ? []
      : [`Each claim of \`bound\` ${cell(where)}; the counterexamples of \`literal\` are drawn below.`]),
  ]
  return { title: 'The ten claims', body: body.join('\n\n') }
}

const attacks = (f: Figures): readonly Section[] => {
  const named = f.drawn.filter((d) => d.attack)
  if (named.length === 0) return []
  const drawn = named.map((d) =>
    details(`<b>${d.invariant}</b> in literal, ${d.moves} moves: ${cell(d.why)}`, fence('mermaid', d.diagram)),
  )
  const intro =
    'The named attacks behind the claims that are false in `literal`, each the shortest path through the model, played here on the bytes of the reference.'
  return [{ title: 'Shortest attacks of the model', body: [intro, ...drawn].join('\n\n') }]
}

const SAYS = 12 // columns before what a claim says

/** The claim, and below it, where it does not fit beside it, what it came to. */
const verdictText = (v: Verdict, paint: Paint, columns = Number.POSITIVE_INFINITY): readonly string[] => {
  const name = `${String(v.claim).padStart(2)} ${v.mode.padEnd(8)} ${v.says}:`
  const verdict = v.holds ? v.evidence : `false: ${v.evidence}`
  const painted = (text: string): string =>
    v.holds ? paint(text, 'green') : text.replace('false', paint('false', 'yellow'))
  const differs = v.differs.map((d) => paint(wrap(`   ${d}`, columns, 3), 'red'))
  if (name.length + 1 + verdict.length <= columns) return [`${paint(name, 'bold')} ${painted(verdict)}`, ...differs]
  const below = wrap(' '.repeat(SAYS) + verdict, columns, SAYS)
  return [paint(wrap(name, columns, SAYS), 'bold'), painted(below), ...differs]
}

const caseName = (v: Verdict): string => `claim ${v.claim} in ${v.mode}`

export const claims = check({
  name: 'claims',
  asks: 'Are the ten claims of PROTOCOL §9 true and false where it says so',
  options: z.strictObject({
    mode: someOf(['literal', 'bound'], {
      value: 'M',
      says: 'literal or bound (default both)',
      default: ['literal', 'bound'],
    }),
    export: flag("store the model's shortest attacks on literal in corpus/schedules/model instead"),
  }),
  notes: 'Exit codes: 0 as PROTOCOL says, 1 not so, 2 usage, 130 stopped (Ctrl-C), with the modes that were judged.',
  stoppable: true,
  schema,
  async run(o, c) {
    const { verdicts, drawn, stopped } = await exploreClaims(o.mode, LIMITS, c)
    const judged = [...new Set(verdicts.map((v) => v.mode))].join(' and ') || 'none'
    const problems = verdicts.flatMap((v): readonly Problem[] =>
      v.differs.map((d) => ({
        kind: 'claim',
        text: `claim ${v.claim} in ${v.mode}, ${v.says}: ${d}`,
        at: 'spec/claims.ts',
        replay: 'npm run claims',
        about: caseName(v),
      })),
    )
    const interrupted = { kind: 'interrupted', text: `${stopped}; modes judged: ${judged}` } as const
    return {
      figures: { verdicts: [...verdicts], drawn: [...drawn] },
      problems: stopped === undefined ? problems : [...problems, interrupted],
    }
  },
  summary(f) {
    const differing = f.verdicts.filter((v) => v.differs.length > 0).length
    return differing === 0
      ? `${f.verdicts.length} verdicts, all as PROTOCOL §9 has them`
      : `${differing} verdicts differ`
  },
  /** Each counterexample is drawn below the first claim that it makes false. */
  text(f, paint, columns) {
    const shown = new Set<string>()
    const fresh = (v: Verdict): readonly string[] =>
      v.counterexamples.flatMap((id) => {
        const d = f.drawn.find((x) => x.invariant === id && x.mode === v.mode)
        if (d === undefined || shown.has(`${v.mode} ${id}`)) return []
        shown.add(`${v.mode} ${id}`)
        return [wrap(`${id} (${d.moves} moves): ${d.why}`, columns), ...d.ladder]
      })
    return f.verdicts.flatMap((v) => [...verdictText(v, paint, columns), ...fresh(v)]).join('\n')
  },
  verdict(_, red, cut) {
    const differing = red - (cut ? 1 : 0)
    const told = differing === 0 ? 'every claim as PROTOCOL §9 has it' : `${differing} verdicts differ from PROTOCOL §9`
    return cut ? `interrupted; of what was judged, ${told}` : told
  },
  cases: (f) =>
    f.verdicts.map((v) => ({ name: caseName(v), red: v.differs.length === 0 ? null : v.differs.join('; ') })),
  page: (f) => ({ claims: f.verdicts, stories: f.drawn.map(modelStory) }),
  sections: (f) => [claimTable(f), ...attacks(f)],
})

/** Which invariant an attack of PROTOCOL §9 breaks; the others are invariants themselves. */
const BREAKS: Readonly<Record<string, string>> = {
  'foreign-desync': 'A10',
  'foreign-terminate': 'A10',
  'sibling-response': 'O4',
  'replay-supersedes': 'A2',
}

/** The model's shortest attacks on `literal`, as schedules for bytes: corpus/schedules/model. */
interface ModelAttack {
  readonly name: string
  readonly breaks: string
  readonly stored: Stored
}

const claimsOf = (id: string): string =>
  CLAIMS.filter((c) => id in c.breaks)
    .map((c) => c.n)
    .join(', ')

const attackOf = (r: Explored, j: Judged): ModelAttack => {
  const name = j.invariant.id
  const breaks = BREAKS[name] ?? name
  const claims = claimsOf(name)
  const says = `the model's shortest way to break ${name} in scope ${sizeOf(r.scope)}${claims === '' ? '' : ` (claims ${claims})`}`
  return { name, breaks, stored: { says, violates: [breaks], schedule: scheduleOf(r.scope, j.counterexample!) } }
}

/** From the first scope of the claims, in which every attack of `literal` is there. */
export const modelAttacks = (): readonly ModelAttack[] => {
  const r = explore(CLAIM_SCOPES.literal[0]!, { also: ATTACKS })
  return r.judged.filter((j) => j.counterexample !== null).map((j) => attackOf(r, j))
}

/** The invariants that playing it breaks, as the attack is and in `bound`. */
export const tried = (
  a: ModelAttack,
  system: System,
): { readonly literal: readonly string[]; readonly bound: readonly string[] } => {
  const broken = (mode: 'literal' | 'bound') =>
    play({ ...a.stored.schedule, mode }, system).findings.map((f) => f.invariant)
  return { literal: broken('literal'), bound: broken('bound') }
}
