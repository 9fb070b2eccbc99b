/** What a run of the gate tells that an earlier report.json does not. */
import { z } from 'zod'
import { readText } from '../harness/process/files.ts'
import { parseWith } from '../harness/schedules/schedule-file.ts'
import { expecting, UsageError } from '../harness/terminal/options.ts'
import { printable } from '../harness/terminal/text.ts'

const verdict = z.object({ verdict: z.string() })

/** Of report.json, whatever its version, what is compared. */
const schema = z.object({
  profile: z.string(),
  verdict: z.string(),
  problems: z.array(z.object({ kind: z.string(), text: z.string() })),
  stages: z.array(z.object({ name: z.string(), status: z.string(), summary: z.string().nullable() })),
  figures: z.object({
    prop: z.object({ invariants: z.array(z.object({ id: z.string(), bound: verdict, literal: verdict })) }).optional(),
    mutants: z.object({ mutants: z.array(z.object({ id: z.string(), verdict: z.string() })) }).optional(),
    attacks: z
      .object({
        attacks: z.array(z.object({ name: z.string(), bound: z.string().nullish(), literal: z.string().nullish() })),
      })
      .optional(),
  }),
})
export type Earlier = z.infer<typeof schema>

/** Throws a UsageError. */
export const readEarlier = (file: string): Earlier => {
  const text = expecting(`--since ${printable(file)}: expected a report.json of the gate`, () => readText(file))
  const read = parseWith(schema, file, text)
  if (read.kind === 'bad') throw new UsageError(`--since: expected a report.json of the gate, got ${read.why}`)
  return read.value
}

type Named = ReadonlyMap<string, string>

/** What is other, a line each; what is new, and what is gone. */
const moved = (what: string, before: Named, now: Named): readonly string[] => {
  const only = (a: Named, b: Named): readonly string[] => [...a.keys()].filter((name) => !b.has(name))
  const listed = (names: readonly string[], says: string): readonly string[] =>
    names.length === 0 ? [] : [`${names.length} ${what}s ${says}: ${names.join(', ')}`]
  const other = [...now].filter(([name, is]) => before.has(name) && before.get(name) !== is)
  return [
    ...other.map(([name, is]) => `${what} ${name}: ${is}; was: ${before.get(name)}`),
    ...listed(only(now, before), 'that were not in it'),
    ...listed(only(before, now), 'of it are not here'),
  ]
}

const stagesOf = (r: Earlier): Named =>
  new Map(r.stages.map((s) => [s.name, `${s.status}, ${s.summary ?? 'no answer'}`]))
const invariantsOf = (r: Earlier): Named =>
  new Map(r.figures.prop?.invariants.map((i) => [i.id, `${i.bound.verdict} in bound, ${i.literal.verdict} in literal`]))
const mutantsOf = (r: Earlier): Named => new Map(r.figures.mutants?.mutants.map((m) => [m.id, m.verdict]))
const attacksOf = (r: Earlier): Named =>
  new Map(
    r.figures.attacks?.attacks.map((a) => [
      a.name,
      `${a.bound ?? 'not played'} in bound, ${a.literal ?? 'not played'} in literal`,
    ]),
  )

/** A line for each difference; where a stage has no figures on one side, its status says so. `report`: report.json of now. */
export const changesSince = (before: Earlier, report: unknown): readonly string[] => {
  const now = schema.parse(report)
  const texts = (r: Earlier): ReadonlySet<string> => new Set(r.problems.map((p) => `${p.kind}: ${p.text}`))
  const [old, fresh] = [texts(before), texts(now)]
  const both = (of: (r: Earlier) => Named, what: string): readonly string[] =>
    of(before).size === 0 || of(now).size === 0 ? [] : moved(what, of(before), of(now)) // the stage did not run
  return [
    ...(before.verdict === now.verdict ? [] : [`verdict: ${now.verdict}; was: ${before.verdict}`]),
    ...(before.profile === now.profile ? [] : [`profile: ${now.profile}; was: ${before.profile}`]),
    ...[...fresh].filter((t) => !old.has(t)).map((t) => `new problem: ${t}`),
    ...[...old].filter((t) => !fresh.has(t)).map((t) => `no longer a problem: ${t}`),
    ...moved('stage', stagesOf(before), stagesOf(now)),
    ...both(invariantsOf, 'invariant'),
    ...both(attacksOf, 'attack'),
    ...both(mutantsOf, 'mutant'),
  ]
}
