import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Origin, type Piece, readPieces, writePiece } from './shards.ts'

const ORIGIN: Origin = {
  commit: 'c0ffee',
  profile: 'tiny',
  seed: 7,
  stages: ['prop', 'tests'],
  node: '20',
  explain: true,
}
const pieceOf = (index: number, more: Partial<Piece> = {}): Piece => ({
  ...ORIGIN,
  shard: { index, of: 3 },
  gathered: [{ name: 'prop', seconds: 1, problems: [], value: { index, odd: [-0, Number.NaN, new Set([1])] } }],
  ...more,
})

let folder = ''
const file = (index: number, of = 3): string => join(folder, `piece-${index}-of-${of}.json`)
const read = () => readPieces(folder, ORIGIN)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-pieces-'))
  for (const index of [3, 1, 2]) writePiece(folder, pieceOf(index))
})

describe('the pieces of a run', () => {
  it('come back in the order of the shares with every number as it was, from folders below too', () => {
    cpSync(file(2), join(mkdtempSync(join(folder, 'gate-')), 'piece-2-of-3.json'))
    rmSync(file(2))
    const values = [1, 2, 3].map((index) => ({ index, odd: [-0, Number.NaN, new Set([1])] }))
    expect(read().map((p) => p.gathered[0]!.value)).toEqual(values)
  })

  it('that are none are told from a folder that cannot be read', () => {
    expect(() => readPieces(mkdtempSync(join(tmpdir(), 'gauntlet-')), ORIGIN)).toThrow(/expected piece-I-of-N.json/)
    expect(() => readPieces(join(folder, 'nowhere'), ORIGIN)).toThrow(
      /^--merge: expected a folder of pieces, got ENOENT/,
    )
  })

  it.each<[string, () => void, RegExp]>([
    ['missing', () => rmSync(file(2)), /^--merge: expected piece-2-of-3.json below .*, got none \(a missing piece\)$/],
    [
      'doubled',
      () => cpSync(file(1), join(mkdtempSync(join(folder, 'z')), 'piece-1-of-3.json')),
      /piece-1-of-3.json: expected piece 1\/3 once, got it in .*piece-1-of-3.json too \(doubled\)$/,
    ],
    [
      'of another commit',
      () => writePiece(folder, pieceOf(2, { commit: 'decaf' })),
      /piece-2-of-3.json: expected commit c0ffee, got decaf \(a stale piece\)$/,
    ],
    [
      'of another profile',
      () => writePiece(folder, pieceOf(3, { profile: 'full' })),
      /piece-3-of-3.json: expected profile tiny, got full \(a stale piece\)$/,
    ],
    [
      'of another seed',
      () => writePiece(folder, pieceOf(3, { seed: 8 })),
      /piece-3-of-3.json: expected seed 7, got 8 \(a stale piece\)$/,
    ],
    [
      'of other stages',
      () => writePiece(folder, pieceOf(3, { stages: ['prop'] })),
      /piece-3-of-3.json: expected stages prop,tests, got prop \(a stale piece\)$/,
    ],
    [
      'of a run that explains nothing',
      () => writePiece(folder, pieceOf(3, { explain: false })),
      /piece-3-of-3.json: expected explain true, got false \(a stale piece\)$/,
    ],
    [
      'of another number of shares',
      () => writePiece(folder, pieceOf(2, { shard: { index: 2, of: 2 } })),
      /piece-2-of-2.json: expected a piece of 3 as .*piece-1-of-3.json is, got one of 2$/,
    ],
    [
      'cut off',
      () => writeFileSync(file(2), readFileSync(file(2), 'utf8').slice(0, -9)),
      /piece-2-of-3.json: .*broken/,
    ],
    ['no piece', () => writeFileSync(file(2), '{}'), /piece-2-of-3.json: .*got nothing \(a broken piece\)$/],
    [
      'changed',
      () => writeFileSync(file(2), readFileSync(file(2), 'utf8').replace('"seconds": 1', '"seconds": 2')),
      /piece-2-of-3.json: expected what its sum says, got a broken piece$/,
    ],
  ])('one that is %s is refused and named', (_, spoil, why) => {
    spoil()
    expect(read).toThrow(why)
  })
})
