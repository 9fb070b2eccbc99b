/** Which functions of an implementation in this process decided: by the branches that two plays took. */
import { type Profiler, Session } from 'node:inspector'
import type { Schedule } from '../../../spec/language.ts'
import { partyOf } from '../parties/src.ts'
import { loadVariant, variantFile } from '../process/variants.ts'
import { type System, systemOf } from '../world/system.ts'

/** Of the file and function, such as "checkHeader in src/checks.ts". */
export type Place = string

type Taken = ReadonlyMap<string, { readonly place: Place; readonly size: number; readonly blocks: string }>

const MOST = 3
const SOURCE = /\/(src\/[\w/-]+\.ts)$/

const fileOf = (url: string, offset: number): string | null => {
  const variant = /variant-\d+$/.exec(url)?.[0]
  const file = variant === undefined ? (SOURCE.exec(url.split('?')[0]!)?.[1] ?? null) : variantFile(variant, offset)
  return file?.startsWith('src/') ? file : null
}

/** What ran of src/ in `act`, by function, since it was last asked: `blocks` is the part of it that ran. */
const taken = (post: <T>(method: string, params?: object) => T, act: () => void): Taken => {
  act()
  const { result } = post<Profiler.TakePreciseCoverageReturnType>('Profiler.takePreciseCoverage')
  const all = new Map<string, { place: Place; size: number; blocks: string }>()
  for (const { url, functions } of result) {
    if (!/variant-\d+$/.test(url) && !SOURCE.test(url.split('?')[0]!)) continue
    for (const { functionName, ranges } of functions) {
      const [whole] = ranges
      if (whole === undefined || whole.count === 0 || functionName === '') continue
      const key = `${url} ${whole.startOffset}`
      const blocks = ranges.map((r) => `${r.startOffset}-${r.endOffset}:${r.count > 0}`).join()
      all.set(key, {
        place: `${functionName} ${url} ${whole.startOffset}`,
        size: whole.endOffset - whole.startOffset,
        blocks,
      })
    }
  }
  return all
}

const placeOf = (place: string): Place | null => {
  const [name, url, offset] = place.split(' ')
  const file = fileOf(url!, Number(offset))
  return file === null ? null : `${name} in ${file}`
}

/** Plays on a system that is made anew: only code that is compiled while branches are counted has them counted. */
export type Fresh = () => Promise<(s: Schedule) => void>

/**
 * The functions that ran in both and took other branches, the smallest first: what decides is called by what acts on it.
 * None where the two run the same code, or none of src/ in this process.
 */
export const decided = async (fresh: Fresh, one: Schedule, other: Schedule): Promise<readonly Place[]> => {
  const session = new Session()
  session.connect()
  const post = <T>(method: string, params?: object): T => {
    let answer: unknown
    session.post(method, params, (error: Error | null, result?: unknown) => {
      if (error !== null) throw error
      answer = result
    })
    return answer as T
  }
  try {
    post('Profiler.enable')
    post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
    const play = await fresh()
    play(one) // compiles
    post('Profiler.takePreciseCoverage') // forgets what ran before
    const [a, b] = [taken(post, () => play(one)), taken(post, () => play(other))]
    const odd = [...a].filter(([key, f]) => b.has(key) && b.get(key)!.blocks !== f.blocks).map(([, f]) => f)
    const places = odd.sort((x, y) => x.size - y.size).flatMap((f) => placeOf(f.place) ?? [])
    return [...new Set(places)].slice(0, MOST)
  } finally {
    session.disconnect()
  }
}

/** Another instance of the implementation, whose branches can be counted from the start. */
export const freshSrc = async (): Promise<System> => {
  const party = partyOf(await loadVariant([]))
  return systemOf('src', party, party)
}
