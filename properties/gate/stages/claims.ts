/** The ten claims of PROTOCOL §9. */
import { z } from 'zod'
import type { Mode } from '../../../spec/language.ts'
import { drawnSchema, exploreOnce, verdictSchema } from '../model.ts'
import { cell, details, fence, table } from '../report/markdown.ts'
import { type Section, stage } from '../stage.ts'

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
  const head = [{ head: '#', right: true }, { head: 'claim' }, { head: 'literal' }, { head: 'bound' }]
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
    'The named attacks behind the claims that are false in `literal`, each the shortest path through the model, played here on the bytes of `src/`.'
  return [{ title: 'Shortest attacks of the model', body: [intro, ...drawn].join('\n\n') }]
}

export const claims = stage({
  name: 'claims',
  asks: 'Are the ten claims of PROTOCOL §9 true and false where it says so',
  schema,
  async run(c) {
    const { verdicts, drawn } = await exploreOnce(c)
    const problems = verdicts.flatMap((v) =>
      v.differs.map((d) => ({
        kind: 'claim' as const,
        text: `claim ${v.claim} in ${v.mode}, ${v.says}: ${d}`,
        at: 'spec/claims.ts',
        replay: 'npm run claims',
      })),
    )
    return { figures: { verdicts, drawn }, problems }
  },
  summary(f) {
    const differing = f.verdicts.filter((v) => v.differs.length > 0).length
    return differing === 0
      ? `${f.verdicts.length} verdicts, all as PROTOCOL §9 has them`
      : `${differing} verdicts differ`
  },
  sections: (f) => [claimTable(f), ...attacks(f)],
})
