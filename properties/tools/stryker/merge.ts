/** What the shares of a run of `stryker` came to on several machines, as one run. */
import { type Shard, shareOf } from '../../harness/shards.ts'
import { commitHere, nodeHere, type Origin, readPieces, writePiece } from '../../harness/share-pieces.ts'
import { UsageError } from '../../harness/terminal/options.ts'
import type { Judgement } from './judge.ts'

/** What was found in each file, in the order in which they were mutated. */
export type Judged = ReadonlyMap<string, Judgement>

const originOf = (files: readonly string[]): Origin => ({
  commit: commitHere(),
  profile: 'stryker',
  seed: 0, // nothing is drawn
  stages: files,
  node: nodeHere,
  explain: false, // there is nothing to explain
})

/** `files`: those of all shares. Returns the path of the piece. */
export const leavePiece = (folder: string, shard: Shard, files: readonly string[], judged: Judged): string => {
  const gathered = [...judged].map(([name, value]) => ({ name, value, problems: [], seconds: 0 }))
  return writePiece(folder, { ...originOf(files), shard, gathered })
}

/** In the order of `files`. Throws a UsageError that names a piece that is missing, doubled, stale or broken. */
export const mergedOf = (folder: string, files: readonly string[]): Judged => {
  const pieces = readPieces(folder, originOf(files))
  const judged = new Map<string, Judgement>()
  for (const { shard, gathered } of pieces) {
    const [want, got] = [shareOf(files, shard), gathered.map((g) => g.name)]
    if (want.join() !== got.join())
      throw new UsageError(`--merge: expected piece ${shard.index} of ${shard.of} to judge ${want}, got ${got}`)
    for (const g of gathered) judged.set(g.name, g.value as Judgement)
  }
  return new Map(files.map((file) => [file, judged.get(file)!]))
}
