import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { shareOf } from '../../harness/process/shards.ts'
import { parseOptions } from '../../harness/terminal/options.ts'
import { FILES, OPTIONS } from './config.ts'
import type { Judgement } from './judge.ts'
import { leavePiece, mergedOf } from './judge.ts'

const SHARES = [1, 2, 3].map((index) => ({ index, of: 3 }))
const found = (file: string): Judgement => ({
  killed: FILES.indexOf(file as never),
  overdue: 0,
  equivalent: 2,
  survivors: [{ file, line: 'a', original: 'b', replacement: 'c', at: 1, status: 'Survived' }],
  wrong: [],
})
const judged = (files: readonly string[]) => new Map(files.map((f) => [f, found(f)]))

let folder = ''
const file = (index: number): string => join(folder, `piece-${index}-of-3.json`)
const merge = (files: readonly string[] = FILES) => mergedOf(folder, files)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-stryker-'))
  for (const shard of SHARES) leavePiece(folder, shard, FILES, judged(shareOf(FILES, shard)))
})

describe('the pieces of shares', () => {
  it('give the table that one machine gives, file by file in its order', () => {
    expect([...merge()]).toEqual([...judged(FILES)])
  })

  it.each<[string, () => void, RegExp]>([
    ['missing', () => rmSync(file(3)), /^--merge: expected piece-3-of-3.json below .* \(a missing piece\)$/],
    [
      'doubled',
      () => cpSync(file(1), join(mkdtempSync(join(folder, 'z')), 'piece-1-of-3.json')),
      /expected piece 1\/3 once, got it in .* too \(doubled\)$/,
    ],
    [
      'of other files',
      () => leavePiece(folder, SHARES[1]!, FILES.slice(1), judged(shareOf(FILES.slice(1), SHARES[1]!))),
      /piece-2-of-3.json: expected stages src.primitives.ts,.*, got src.keys.ts,.* \(a stale piece\)$/,
    ],
    [
      'without a file of its share',
      () => leavePiece(folder, SHARES[1]!, FILES, judged(shareOf(FILES, SHARES[1]!).slice(1))),
      /^--merge: expected piece 2 of 3 to judge src.keys.ts,.*, got src.client-state.ts,/,
    ],
    [
      'broken',
      () => writeFileSync(file(2), readFileSync(file(2), 'utf8').replace('stryker', 'striker')),
      /piece-2-of-3.json: expected what its sum says, got a broken piece$/,
    ],
  ])('one of which is %s are refused by name', (_, spoil, why) => {
    spoil()
    expect(() => merge()).toThrow(why)
  })

  it('are not put together by a run that makes one', () => {
    const options = { name: 'stryker', options: OPTIONS, notes: '' }
    expect(() => parseOptions(options, ['--merge', 'x', '--shard', '1/2'])).toThrow('expected none beside --shard')
    expect(() => parseOptions(options, ['--merge', 'x', '--again'])).toThrow('expected none beside --again')
  })
})
