/** Which rule a failed case shows to be missing: by what the reference does in the same case without it. */
import { BY_INVARIANT, RULES, type RuleId } from '../../harness/explain/rules.ts'
import { alike, type Candidate } from './card.ts'
import { FAILED_WITHOUT } from './omitted/table.ts'

const MOST = 3

interface Omitted {
  readonly rules: readonly RuleId[]
  readonly seen: string
}

const parsed = (table: string): ReadonlyMap<string, readonly Omitted[]> => {
  const all = new Map<string, Omitted[]>()
  let rows: Omitted[] = []
  for (const line of table.trim().split('\n')) {
    const [, rules, seen] = /^ {2}(\S+): (.+)$/.exec(line) ?? []
    if (rules !== undefined) rows.push({ rules: rules.split('+') as RuleId[], seen: seen! })
    else {
      rows = []
      for (const id of line.split(' ')) all.set(id, rows)
    }
  }
  return all
}

/** Of each case of a side: what was left out of the reference that failed it, and what was then observed. */
export const OMITTED = { server: parsed(FAILED_WITHOUT.server), client: parsed(FAILED_WITHOUT.client) } as const

/** The most likely first. `invariant`: what the case failed. */
export const whyOf = (
  side: keyof typeof OMITTED,
  { id, invariant, observed }: { readonly id: string; readonly invariant: string; readonly observed: string },
): Candidate[] => {
  const rests = BY_INVARIANT[invariant] ?? []
  const known = OMITTED[side].get(id) ?? []
  const place = ({ rules }: Omitted): number => {
    const at = rests.findIndex((r) => rules.includes(r))
    return at < 0 ? rests.length : at
  }
  const same = (o: Omitted): boolean => o.seen === alike(observed)
  const rows = [...known].sort((a, b) => Number(same(b)) - Number(same(a)) || place(a) - place(b))
  const candidate = (rules: readonly RuleId[], shown: Candidate['shown']): Candidate => ({
    rules: rules.map((rule) => ({ rule, ...RULES[rule] })),
    shown,
  })
  const found = new Map<string, Candidate>()
  for (const o of rows) {
    const name = o.rules.join('+')
    if (!found.has(name)) found.set(name, candidate(o.rules, same(o) ? 'alike' : 'otherwise'))
  }
  return (found.size > 0 ? [...found.values()] : rests.map((r) => candidate([r], 'rests'))).slice(0, MOST)
}
