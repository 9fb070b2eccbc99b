/** Asks processes of their own what they learn, so that nothing a party does ends the run. */
import { runPool } from '../../harness/process/pool.ts'
import { beside } from '../../harness/process/programs.ts'
import { Ended } from './asking.ts'
import { NotLearned } from './study.ts'
import type { Limits } from './within.ts'
import type { Answered, Asked } from './worker.ts'

const PATIENCE_MS = 60_000
const STOPPED = 'stopped'

/** What became of each, in the order asked: an answer, or in words why there is none. */
export const learnAll = async (
  all: readonly Asked[],
  processes: number,
  { signal, progress }: Pick<Limits, 'signal' | 'progress'>,
): Promise<readonly (Answered | string)[]> => {
  const answers = new Map<Asked, Answered | string>()
  const words = new Map<Asked, number>()
  // Whoever loads TypeScript there has to know that it is (programs.ts).
  const args = all.flatMap((a) => a.party ?? [])
  const pool = {
    args,
    worker: beside('worker', import.meta.url),
    processes,
    patienceMs: PATIENCE_MS,
    ...(signal && { signal }),
  }
  try {
    await runPool<Asked, Answered>(all, pool, {
      done(fate, asked) {
        if (fate.kind === 'done') answers.set(asked, fate.result)
        else if (fate.kind === 'failed') answers.set(asked, fate.why)
        else
          answers.set(asked, fate.kind === 'stuck' ? `silent for ${PATIENCE_MS / 1_000} s` : `its process ${fate.how}`)
      },
      note(note, asked) {
        words.set(asked, note as number)
        progress?.([...words.values()].reduce((a, b) => a + b, 0))
      },
    })
  } catch (e) {
    if (!signal?.aborted) throw e
  }
  return all.map((a) => answers.get(a) ?? STOPPED)
}

/** Throws NotLearned where it cannot be learned, Ended where it is stopped. */
export const learnAside = async (asked: Asked, limits: Limits): Promise<Answered> => {
  const [answer = STOPPED] = await learnAll([asked], 1, limits)
  if (typeof answer === 'object') return answer
  if (answer === STOPPED) throw new Ended(answer)
  throw new NotLearned(answer.startsWith(`${asked.party}:`) ? answer : `${asked.party ?? 'src'}: ${answer}`)
}
