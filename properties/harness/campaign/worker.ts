/** A forked process that plays the system of the party file it was started with, or src, and answers questions on it. */
import { attackProblem } from '../attack/attack-file.ts'
import { examine } from '../examine.ts'
import { systemFor } from '../parties/party-file.ts'
import { type Beat, type Mark, serve } from '../pool.ts'
import { sealRealm } from '../realm.ts'
import { replay } from '../replay.ts'
import type { Stored } from '../schedule-file.ts'
import { defended, difference } from '../stored.ts'
import type { System } from '../system.ts'
import { painter } from '../terminal/text.ts'
import { runChunk } from './campaign.ts'
import { minimalOf } from './minimal.ts'
import type { Found, Question, Work } from './players.ts'

/** How a schedule of the corpus differs from what it must show. */
const oddity = (name: string, stored: Stored, system: System, own: boolean): string | null => {
  if (!own) return defended(stored, system)
  if (stored.attack !== undefined) return attackProblem(name, stored, system)
  const asStored = difference(stored, examine(stored.schedule, system))
  return asStored ?? (stored.schedule.mode === 'literal' ? defended(stored, system) : null)
}

type Answering = {
  readonly [K in keyof Work]: (asked: Work[K][0], system: System, mark: Mark, note: (n: Found) => void) => Work[K][1]
}

const ANSWERS: Answering = {
  facts: (_, { name, emits, lacks }) => ({ name, emits, lacks }),
  chunk: ({ chunk, only }, system, mark, note) =>
    runChunk(chunk, system, only, { mark, found: (id, schedule) => note({ id, schedule }) }),
  minimal: ({ columns, ...suspected }, system, mark) => minimalOf(suspected, system, () => mark(null), columns),
  replay: ({ name, colour, columns }, system) => replay(name, system, painter({ isTTY: colour }), columns),
  compare: ({ name, stored, own }, system) => oddity(name, stored, system, own),
  open: ({ stored }, system) => difference({ ...stored, violates: [] }, examine(stored.schedule, system)),
}

const answer = <K extends keyof Work>({ ask, of }: Question<K>, system: System, mark: Mark, beat: Beat): Work[K][1] =>
  ANSWERS[ask](of, system, mark, (found) => void beat(found))

const [party] = process.argv.slice(2)
let system: ReturnType<typeof systemFor> | undefined

serve(async (question: Question<keyof Work>, beat, mark) => {
  system ??= systemFor(party ?? null)
  const loaded = await system
  return loaded.kind === 'bad' ? loaded : { kind: 'ok', value: answer(question, loaded.value, mark, beat) }
})
sealRealm() // before anybody's party is loaded, which the first question does
