/** Everything kept, executed without mutation: bugs that were found once, and what the search is known to reach. */
import { describe } from './fault.ts'
import { judgeWith } from './judge.ts'
import { corpusFolder, readFolder, regressionFolder, shown } from './store.ts'
import type { Target } from './target.ts'

export interface Regression {
  readonly target: string
  readonly inputs: number
  /** What fails, a line each. */
  readonly failures: readonly string[]
}

/** Throws StoreError on a file that cannot be read. */
export const regress = async (target: Target): Promise<Regression> => {
  const judge = await judgeWith(target)
  const stored = [...readFolder(regressionFolder(target.name)), ...readFolder(corpusFolder(target.name))]
  const seeds = target.seeds().map((data, i) => ({ path: `seed ${i} of ${target.name}`, data }))
  const failures = [...seeds, ...stored].flatMap(({ path, data }) => {
    const { fault, detail } = judge(data)
    return fault === null ? [] : [`${shown(path)}: ${describe(fault)} (${detail.slice(0, 200)})`]
  })
  return { target: target.name, inputs: seeds.length + stored.length, failures }
}
