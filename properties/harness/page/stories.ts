/** Schedules as stories of the page: played again in memory, in their own mode and in `bound`. */
import { CLAIMS } from '../../../spec/claim-list.ts'
import { INVARIANTS } from '../../../spec/invariants/index.ts'
import type { NamedAttack } from '../attack/perform.ts'
import type { Campaign } from '../campaign/figures.ts'
import { askSystem, type Means } from '../campaign/players.ts'
import { referenceSystem } from '../parties/reference.ts'
import { replayOf, storedNames } from '../schedules/stored.ts'
import { type Films, filmsOf, type Told } from './film.ts'
import type { InvariantRow, Story } from './parts.ts'

/** Where an invariant is said, and which claims rest on it. */
export const clauseOf = (id: string): string => {
  const claims = CLAIMS.filter((c) => c.holds.includes(id) || c.breaks[id] !== undefined).map((c) => c.n)
  return claims.length === 0 ? 'ADVERSARY §3' : `ADVERSARY §3; PROTOCOL §9, claim ${claims.join(', ')}`
}

/** A shortest attack of the model, on bytes of the reference, whatever src/ is. */
export const modelStory = (d: Told & Pick<Story, 'mode' | 'says'>): Story => ({
  kind: 'model',
  id: d.invariant,
  mode: d.mode,
  says: d.says,
  clause: clauseOf(d.invariant),
  outcome: d.why,
  red: false,
  replay: storedNames().includes(`model/${d.invariant}.json`) ? replayOf(`model/${d.invariant}.json`, null) : null,
  ...filmsOf(d, referenceSystem),
})

const NONE: Films = { film: null, bound: null }

/** In the order of `all`; the system plays in processes of its own, and over what it does not survive there is none. */
export const filmAll = async (all: readonly Told[], m: Means): Promise<readonly Films[]> => {
  const films = new Map<Told, Films>()
  // A run that was stopped still shows what it found.
  const means = { ...m, signal: new AbortController().signal }
  await askSystem('film', all, means, (answer, of) => films.set(of, answer.kind === 'ok' ? answer.value : NONE))
  return all.map((told) => films.get(told) ?? NONE)
}

const CHECKED = new Map(INVARIANTS.map((i) => [i.id, i.says]))

/** The counterexamples of a campaign. */
export const campaignStories = async (f: Campaign, m: Means): Promise<readonly Story[]> => {
  const films = await filmAll(f.counterexamples, m)
  return f.counterexamples.map((c, i): Story => {
    return {
      kind: 'counterexample',
      id: c.invariant,
      mode: c.mode,
      says: f.invariants.find((x) => x.id === c.invariant)?.says ?? CHECKED.get(c.invariant) ?? '',
      clause: clauseOf(c.invariant),
      outcome: [c.why, ...c.also.map((a) => `${a.invariant}: ${a.why}`)].join('; '),
      red: !c.expected,
      replay: c.replay,
      ...films[i]!,
      ladder: c.ladder,
      ...(c.explanation !== null && { explanation: c.explanation }),
    }
  })
}

/** What became of a stored attack, by mode; null: not played. */
export interface Attacked {
  readonly name: string
  readonly bound: string | null
  readonly literal: string | null
  readonly red: boolean
}

/** Stored attacks, shown in memory in `literal` (those of `bound` alone in it) and in `bound` beside it. */
export const attackStories = async (
  all: readonly NamedAttack[],
  came: readonly Attacked[],
  m: Means,
): Promise<readonly Story[]> => {
  const shown = came.flatMap((a) => all.filter((x) => x.name === a.name).map((attack) => ({ attack, a })))
  const told = shown.map(
    ({ attack, a }): Told => ({
      schedule: { ...attack.schedule, mode: a.literal === null ? 'bound' : 'literal' },
      invariant: '',
      why: '',
    }),
  )
  const films = await filmAll(told, m)
  return shown.map(({ attack: { attack, name, says }, a }, i): Story => {
    const modes = (['literal', 'bound'] as const).filter((m) => a[m] !== null)
    return {
      kind: 'attack',
      id: name,
      mode: told[i]!.schedule.mode,
      says,
      clause: `PROTOCOL §9, claim ${attack.claim}`,
      outcome: modes.map((m) => `${a[m]} in ${m} (${attack.expect[m].why})`).join('; '),
      red: a.red,
      replay: replayOf(`attacks/${name}.json`, m.party),
      ...films[i]!,
    }
  })
}

export const campaignInvariants = (f: Campaign, by: string): readonly InvariantRow[] =>
  f.invariants.map((i) => ({ ...i, by, clause: clauseOf(i.id) }))
