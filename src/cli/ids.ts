/** Client ids as people write them: 1-5,7. */
import { UserError } from './options.ts'

/** The ids in ascending order; `name` is the option they come from. */
export const parseIds = (name: string, text: string): readonly number[] => {
  const bad = (): never => {
    throw new UserError(`${name}: expected ids 1..255 such as 1-5 or 1,3,7-9, none twice, got ${text}`)
  }
  const ids = text.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part.trim()) ?? bad()
    const [from, to] = [Number(first), Number(last)]
    if (from < 1 || to > 255 || from > to) bad()
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
  if (new Set(ids).size < ids.length) bad()
  return ids.sort((a, b) => a - b)
}

/** Ascending ids, runs of three and more as a range. */
export const formatIds = (ids: Iterable<number>): string => {
  const runs: number[][] = []
  for (const id of [...ids].sort((a, b) => a - b)) {
    const run = runs.at(-1)
    if (run !== undefined && run.at(-1) === id - 1) run.push(id)
    else runs.push([id])
  }
  return runs.map((run) => (run.length > 2 ? `${run[0]}-${run.at(-1)}` : run.join(','))).join(',')
}
